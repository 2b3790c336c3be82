package dev.luthier.core.jinja.filter;

import dev.luthier.core.jinja.value.Arguments;
import dev.luthier.core.jinja.value.Arguments.Bound;
import dev.luthier.core.jinja.value.Arithmetic;
import dev.luthier.core.jinja.value.Budget;
import dev.luthier.core.jinja.value.PythonText;
import dev.luthier.core.jinja.value.TemplateFault;
import dev.luthier.core.jinja.value.Types;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.Real;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Undefined;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Filters that make numbers. */
final class NumberFilters {
    private static final Pattern DECIMAL = Pattern
            .compile("[+-]?(?:\\d(?:_?\\d)*\\.?(?:\\d(?:_?\\d)*)?|\\.\\d(?:_?\\d)*)(?:[eE][+-]?\\d(?:_?\\d)*)?");
    private static final Pattern NAMED = Pattern.compile("(?i)[+-]?(?:inf|infinity|nan)");
    private static final int MAX_DIGITS = 4300;
    private static final int MAX_PRECISION = 300;

    private NumberFilters() {}

    static void addTo(Map<String, Filters.Filter> filters) {
        filters.put("int", NumberFilters::toInt);
        filters.put("float", (input, arguments, budget) -> {
            Bound bound = arguments.bind("float", "default");
            Double number = parse(input);
            return number == null ? bound.get(0, new Real(0)) : new Real(number);
        });
        filters.put("abs", (input, arguments, budget) -> {
            arguments.bind("abs");
            if (!Arithmetic.isNumber(input)) {
                throw TemplateFault.of("abs needs a number, not " + Types.name(input) + ".");
            }
            return input instanceof Real(double number)
                    ? new Real(Math.abs(number))
                    : new Int(Arithmetic.toInteger(input).abs());
        });
        filters.put("round", NumberFilters::round);
    }

    private static Value toInt(Value input, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("int", "default", "base");
        int base = bound.integer(1, 10);
        if (input instanceof Int || input instanceof Bool) {
            return new Int(Arithmetic.toInteger(input));
        }
        BigInteger whole = input instanceof Str(String text, boolean safe) ? whole(PythonText.strip(text), base) : null;
        if (whole != null) {
            return new Int(whole);
        }
        Double number = parse(input);
        return number == null || !Double.isFinite(number)
                ? bound.get(0, Int.of(0))
                : new Int(new BigDecimal(number).toBigInteger());
    }

    /** Python's {@code int(text, base)}; null when it is no whole number. */
    private static @Nullable BigInteger whole(String text, int base) {
        boolean signed = text.startsWith("-") || text.startsWith("+");
        String digits = signed ? text.substring(1) : text;
        String prefix = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "";
        if (!prefix.isEmpty() && digits.regionMatches(true, 0, prefix, 0, 2)) {
            digits = digits.substring(2).replaceFirst("^_", "");
        }
        boolean misplaced = digits.startsWith("_") || digits.endsWith("_") || digits.contains("__");
        if (digits.isEmpty() || misplaced || digits.length() > MAX_DIGITS || base < 2 || base > 36
                || digits.startsWith("-") || digits.startsWith("+")) {
            return null;
        }
        try {
            BigInteger magnitude = new BigInteger(digits.replace("_", ""), base);
            return text.startsWith("-") ? magnitude.negate() : magnitude;
        } catch (NumberFormatException notWhole) {
            return null;
        }
    }

    /** Python's {@code float(value)}; null when it is no number. */
    private static @Nullable Double parse(Value value) {
        return switch (value) {
            case Str(String text, boolean safe) -> {
                String number = PythonText.strip(text);
                if (NAMED.matcher(number).matches()) {
                    boolean negative = number.startsWith("-");
                    yield number.toLowerCase(Locale.ROOT).endsWith("nan")
                            ? Double.NaN
                            : negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
                }
                yield number.length() <= MAX_DIGITS && DECIMAL.matcher(number).matches()
                        ? Double.valueOf(number.replace("_", ""))
                        : null;
            }
            case Undefined(String message) -> throw TemplateFault.of(message + ".");
            default -> Arithmetic.isNumber(value) ? Double.valueOf(Arithmetic.toDouble(value)) : null;
        };
    }

    private static Value round(Value input, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("round", "precision", "method");
        int precision = bound.integer(0, 0);
        String method = bound.text(1, "common");
        if (Math.abs((long) precision) > MAX_PRECISION) {
            throw TemplateFault.limit("round got a precision beyond " + MAX_PRECISION + ".");
        }
        return switch (method) {
            case "common" -> input instanceof Real(double number)
                    ? new Real(Double.isFinite(number)
                            ? scaled(new BigDecimal(number), precision).doubleValue()
                            : number)
                    : new Int(scaled(new BigDecimal(Arithmetic.toInteger(input)), Math.min(precision, 0))
                            .toBigIntegerExact());
            case "ceil" -> new Real(Math.ceil(Arithmetic.toDouble(input) * Math.pow(10, precision))
                    / Math.pow(10, precision));
            case "floor" -> new Real(Math.floor(Arithmetic.toDouble(input) * Math.pow(10, precision))
                    / Math.pow(10, precision));
            default -> throw TemplateFault.of("round knows the methods common, ceil and floor, not '" + method + "'.");
        };
    }

    private static BigDecimal scaled(BigDecimal number, int precision) {
        return number.setScale(precision, RoundingMode.HALF_EVEN);
    }
}
