package dev.luthier.core.jinja.value;

import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.Real;
import dev.luthier.core.jinja.value.Value.Str;
import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Python's format specification {@code [[fill]align][sign][0][width][,][.precision][type]}.
 *
 * @param align one of {@code < > ^ =}, or a space for the type's own
 * @param width -1 when not given
 * @param precision -1 when not given
 * @param type a space when not given
 */
record FormatSpecification(String fill, char align, char sign, int width, boolean thousands, int precision,
        char type) {
    private static final Pattern SYNTAX = Pattern
            .compile("(?:(.)?([<>^=]))?([-+ ])?(0)?(\\d{0,6})(,)?(?:\\.(\\d{1,6}))?([a-zA-Z%])?", Pattern.DOTALL);
    private static final int MAX_WIDTH = 100_000;

    static FormatSpecification of(String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            throw TemplateFault.of("The format specification '" + text + "' is not supported.");
        }
        boolean zero = matcher.group(4) != null;
        String align = matcher.group(2);
        String fill = matcher.group(1);
        int width = matcher.group(5).isEmpty() ? -1 : Integer.parseInt(matcher.group(5));
        if (width > MAX_WIDTH) {
            throw TemplateFault.limit("A format has a width beyond " + MAX_WIDTH + ".");
        }
        return new FormatSpecification(fill != null ? fill : zero ? "0" : " ",
                align != null ? align.charAt(0) : zero ? '=' : ' ',
                matcher.group(3) == null ? '-' : matcher.group(3).charAt(0), width, matcher.group(6) != null,
                matcher.group(7) == null ? -1 : Integer.parseInt(matcher.group(7)),
                matcher.group(8) == null ? ' ' : matcher.group(8).charAt(0));
    }

    private boolean isEmpty() {
        return align == ' ' && sign == '-' && width < 0 && !thousands && precision < 0 && type == ' ';
    }

    String apply(Value value, Budget budget) {
        if (isEmpty()) {
            return Printing.str(value, budget);
        }
        return switch (value) {
            case Str(String text, boolean safe) when type == ' ' || type == 's' ->
                aligned("", precision >= 0 ? cut(text) : text, '<');
            case Int(var number) -> whole(number);
            case Bool bool -> whole(BigInteger.valueOf(bool.number()));
            case Real(double number) -> real(number);
            default -> throw TemplateFault.of("The format specification does not fit a value of type "
                    + Types.name(value) + ".");
        };
    }

    private String cut(String text) {
        int end = Math.min(precision, text.codePointCount(0, text.length()));
        return text.substring(0, text.offsetByCodePoints(0, end));
    }

    private String whole(BigInteger number) {
        String digits = number.abs().toString(10);
        return switch (type) {
            case ' ', 'd' -> aligned(signOf(number.signum() < 0), grouped(digits), '>');
            case 'x' -> aligned(signOf(number.signum() < 0), number.abs().toString(16), '>');
            case 'X' -> aligned(signOf(number.signum() < 0), number.abs().toString(16).toUpperCase(Locale.ROOT), '>');
            case 'o' -> aligned(signOf(number.signum() < 0), number.abs().toString(8), '>');
            case 'b' -> aligned(signOf(number.signum() < 0), number.abs().toString(2), '>');
            default -> real(number.doubleValue());
        };
    }

    private String real(double number) {
        boolean negative = Math.copySign(1, number) < 0;
        double magnitude = Math.abs(number);
        String digits = switch (type) {
            case ' ' -> precision < 0 ? Printing.real(magnitude) : plain(magnitude);
            case 'f', 'F', 'e', 'E', 'g', 'G' -> NumberFormat.format(magnitude, type, precision < 0 ? 6 : precision);
            case '%' -> NumberFormat.format(magnitude * 100, 'f', precision < 0 ? 6 : precision) + "%";
            default -> throw TemplateFault.of("The format type '" + type + "' does not fit a number.");
        };
        return aligned(signOf(negative), grouped(digits), '>');
    }

    private String plain(double magnitude) {
        String general = NumberFormat.format(magnitude, 'g', precision);
        return general.contains(".") || general.contains("e") || !Double.isFinite(magnitude)
                ? general
                : general + ".0";
    }

    private String signOf(boolean negative) {
        return negative ? "-" : sign == '-' ? "" : String.valueOf(sign);
    }

    private String grouped(String digits) {
        if (!thousands) {
            return digits;
        }
        int end = 0;
        while (end < digits.length() && Character.isDigit(digits.charAt(end))) {
            end++;
        }
        return digits.substring(0, end).replaceAll("(?<=\\d)(?=(\\d{3})+$)", ",") + digits.substring(end);
    }

    private String aligned(String signText, String body, char otherwise) {
        int missing = Math.max(0, width - signText.length() - body.codePointCount(0, body.length()));
        return switch (align == ' ' ? otherwise : align) {
            case '<' -> signText + body + fill.repeat(missing);
            case '^' -> fill.repeat(missing / 2) + signText + body + fill.repeat(missing - missing / 2);
            case '=' -> signText + fill.repeat(missing) + body;
            default -> fill.repeat(missing) + signText + body;
        };
    }
}
