package dev.luthier.core.jinja.value;

import dev.luthier.core.jinja.value.Value.Range;
import dev.luthier.core.jinja.value.Value.Real;
import dev.luthier.core.jinja.value.Value.Sequence;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Tuple;
import dev.luthier.core.jinja.value.Value.Undefined;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/** Python's {@code format % values}. */
final class PercentFormat {
    private static final Pattern CONVERSION = Pattern
            .compile("%(?:\\(([^)]*)\\))?([-+ 0#]*)(\\d*|\\*)(?:\\.(\\d*))?[hlL]?(.)", Pattern.DOTALL);
    private static final int MAX_WIDTH = 100_000;

    private final Value values;
    private final Budget budget;
    private int used;

    private PercentFormat(Value values, Budget budget) {
        this.values = values;
        this.budget = budget;
    }

    static String format(String format, Value values, Budget budget) {
        return new PercentFormat(values, budget).run(format);
    }

    private String run(String format) {
        TextBuilder out = new TextBuilder(budget);
        Matcher matcher = CONVERSION.matcher(format);
        int from = 0;
        boolean named = false;
        for (int at = format.indexOf('%'); at >= 0; at = format.indexOf('%', from)) {
            if (!matcher.find(at) || matcher.start() != at) {
                throw TemplateFault.of("The format '" + format + "' ends within a conversion.");
            }
            out.append(format.substring(from, at));
            named |= matcher.group(1) != null;
            out.append(convert(matcher));
            from = matcher.end();
        }
        if (!named && !isContainer() && used < count()) {
            throw TemplateFault.of("Not all arguments are used by the format '" + format + "'.");
        }
        return out.append(format.substring(from)).toString();
    }

    /** Python takes what has elements, tuples and strings aside, for a mapping and lets it be unused. */
    private boolean isContainer() {
        return values instanceof Dict || values instanceof Sequence || values instanceof Range
                || values instanceof Undefined;
    }

    private int count() {
        return values instanceof Tuple(List<Value> items) ? items.size() : 1;
    }

    private Value argument(@Nullable String key) {
        if (key != null) {
            Value value = values instanceof Dict dict ? dict.get(key) : null;
            if (value == null) {
                throw TemplateFault.of("The format has no value for '" + key + "'.");
            }
            return value;
        }
        if (used >= count()) {
            throw TemplateFault.of("The format needs more arguments than it gets.");
        }
        Value value = values instanceof Tuple(List<Value> items) ? items.get(used) : values;
        used++;
        return value;
    }

    private String convert(Matcher matcher) {
        char type = matcher.group(5).charAt(0);
        String flags = matcher.group(2);
        if (type == '%') {
            return "%";
        }
        if (matcher.group(3).equals("*") || flags.contains("#")) {
            throw TemplateFault.of("The format conversion '" + matcher.group() + "' is not supported.");
        }
        int width = number(matcher.group(3), 0);
        boolean hasPrecision = matcher.group(4) != null;
        int precision = number(matcher.group(4), hasPrecision ? 0 : 6);
        Value value = argument(matcher.group(1));
        String sign = "";
        String body;
        switch (type) {
            case 's', 'r', 'a' -> {
                String text = type == 's' ? Printing.str(value, budget) : Printing.repr(value, budget);
                body = hasPrecision ? first(text, precision) : text;
            }
            case 'd', 'i', 'u', 'x', 'X', 'o' -> {
                BigInteger whole = whole(value, type);
                sign = sign(whole.signum() < 0, flags);
                int radix = type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10;
                body = whole.abs().toString(radix);
                body = type == 'X' ? body.toUpperCase(Locale.ROOT) : body;
                if (hasPrecision && precision > body.length()) {
                    body = "0".repeat(precision - body.length()) + body;
                }
            }
            case 'f', 'F', 'e', 'E', 'g', 'G' -> {
                double number = Arithmetic.toDouble(defined(value));
                sign = sign(Math.copySign(1, number) < 0, flags);
                body = NumberFormat.format(Math.abs(number), type, precision);
            }
            case 'c' -> body = value instanceof Str(String text, boolean safe)
                    && text.codePointCount(0, text.length()) == 1
                            ? text
                            : Character.toString(Arithmetic.toInteger(value).intValue());
            default -> throw TemplateFault.of("The format conversion '%" + type + "' is unknown.");
        }
        boolean zeros = flags.contains("0") && !flags.contains("-") && "sracS".indexOf(type) < 0;
        int missing = Math.max(0, width - sign.length() - body.codePointCount(0, body.length()));
        return flags.contains("-")
                ? sign + body + " ".repeat(missing)
                : zeros ? sign + "0".repeat(missing) + body : " ".repeat(missing) + sign + body;
    }

    private static String first(String text, int count) {
        int end = Math.min(count, text.codePointCount(0, text.length()));
        return text.substring(0, text.offsetByCodePoints(0, end));
    }

    private static Value defined(Value value) {
        if (value instanceof Undefined(String message)) {
            throw TemplateFault.of(message + ".");
        }
        return value;
    }

    private static BigInteger whole(Value value, char type) {
        if (defined(value) instanceof Real(double number) && type != 'x' && type != 'X' && type != 'o'
                && Double.isFinite(number)) {
            return new BigDecimal(number).toBigInteger();
        }
        return Arithmetic.toInteger(value);
    }

    private static String sign(boolean negative, String flags) {
        return negative ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
    }

    private static int number(@Nullable String digits, int otherwise) {
        if (digits == null || digits.isEmpty()) {
            return otherwise;
        }
        if (digits.length() > 6 || Integer.parseInt(digits) > MAX_WIDTH) {
            throw TemplateFault.limit("A format has a width beyond " + MAX_WIDTH + ".");
        }
        return Integer.parseInt(digits);
    }
}
