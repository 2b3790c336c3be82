package dev.luthier.core.jinja.value;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Python's formats of floating-point numbers: f, e and g. */
final class NumberFormat {
    /** More digits than any double has, and a bound on the work. */
    private static final int MAX_PRECISION = 1100;

    private NumberFormat() {}

    /**
     * The magnitude of a number, without sign.
     *
     * @param type one of f, F, e, E, g, G
     */
    static String format(double magnitude, char type, int precision) {
        if (precision > MAX_PRECISION) {
            throw TemplateFault.limit("A number format has a precision beyond " + MAX_PRECISION + ".");
        }
        String text;
        if (!Double.isFinite(magnitude)) {
            text = Double.isNaN(magnitude) ? "nan" : "inf";
        } else {
            text = switch (Character.toLowerCase(type)) {
                case 'f' -> fixed(magnitude, precision);
                case 'e' -> scientific(magnitude, precision);
                default -> general(magnitude, Math.max(precision, 1));
            };
        }
        return Character.isUpperCase(type) ? text.toUpperCase(Locale.ROOT) : text;
    }

    private static String fixed(double magnitude, int precision) {
        return new BigDecimal(magnitude).setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
    }

    private static String scientific(double magnitude, int precision) {
        BigDecimal rounded = new BigDecimal(magnitude).round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
        String digits = rounded.unscaledValue().toString();
        int exponent = magnitude == 0 ? 0 : digits.length() - rounded.scale() - 1;
        String padded = digits + "0".repeat(Math.max(0, precision + 1 - digits.length()));
        String fraction = precision == 0 ? "" : "." + padded.substring(1, precision + 1);
        return padded.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "")
                + Math.abs(exponent);
    }

    private static String general(double magnitude, int precision) {
        String scientific = scientific(magnitude, precision - 1);
        int exponent = Integer.parseInt(scientific.substring(scientific.indexOf('e') + 1));
        if (exponent < -4 || exponent >= precision) {
            int e = scientific.indexOf('e');
            return withoutZeros(scientific.substring(0, e)) + scientific.substring(e);
        }
        return withoutZeros(fixed(magnitude, precision - 1 - exponent));
    }

    private static String withoutZeros(String digits) {
        return digits.contains(".") ? digits.replaceFirst("\\.?0+$", "") : digits;
    }
}
