package dev.luthier.core.jinja.value;

/** What Python's {@code str} holds for white space, lines, printable characters and escapes. */
public final class PythonText {
    private static final String NAMED_ESCAPES = "\\'\"abfnrtv";
    private static final String ESCAPED = "\\'\"\u0007\b\f\n\r\t\u000b";

    /** A regular expression of one white space character. */
    public static final String SPACE = "[\\s\\x1c-\\x1f\\x85\\p{Z}]";

    private PythonText() {}

    /** {@code str.isspace} of one character. */
    static boolean isSpace(int c) {
        return c == ' ' || (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x1f) || c == 0x85 || c == 0xa0 || c == 0x1680
                || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f
                || c == 0x3000;
    }

    /** Whether there is at least one character from that index on, and all are white space. */
    public static boolean isBlank(String text, int from) {
        return from < text.length() && text.chars().skip(from).allMatch(PythonText::isSpace);
    }

    public static String strip(String text) {
        return stripEnd(stripStart(text));
    }

    public static String stripStart(String text) {
        int start = 0;
        while (start < text.length() && isSpace(text.charAt(start))) {
            start++;
        }
        return text.substring(start);
    }

    public static String stripEnd(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    /** {@code str.strip(chars)} at the chosen sides. */
    public static String strip(String text, String chars, boolean start, boolean end) {
        int from = 0;
        int to = text.length();
        while (start && from < to && chars.indexOf(text.codePointAt(from)) >= 0) {
            from += Character.charCount(text.codePointAt(from));
        }
        while (end && from < to && chars.indexOf(text.codePointBefore(to)) >= 0) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return text.substring(from, to);
    }

    /** Where {@code str.splitlines} breaks: one of these, or CR LF together. */
    static boolean isLineBreak(char c) {
        return (c >= 0x0a && c <= 0x0d) || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    /** {@code str.isprintable} of one character. */
    static boolean isPrintable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                false;
            case Character.SPACE_SEPARATOR -> point == ' ';
            default -> true;
        };
    }

    /** Resolves the escapes of a string literal; an unknown one stays as it is, with its backslash. */
    public static String unescape(String body, int line) {
        if (body.indexOf('\\') < 0) {
            return body;
        }
        StringBuilder text = new StringBuilder(body.length());
        int i = 0;
        while (i < body.length()) {
            char c = body.charAt(i++);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escape = body.charAt(i++);
            int known = NAMED_ESCAPES.indexOf(escape);
            if (known >= 0) {
                text.append(ESCAPED.charAt(known));
            } else if (escape == 'x' || escape == 'u' || escape == 'U') {
                int digits = escape == 'x' ? 2 : escape == 'u' ? 4 : 8;
                text.append(Character.toString(hexadecimal(body, i, digits, line)));
                i += digits;
            } else if (escape >= '0' && escape <= '7') {
                int end = i;
                while (end < body.length() && end < i + 2 && body.charAt(end) >= '0' && body.charAt(end) <= '7') {
                    end++;
                }
                text.append((char) Integer.parseInt(body.substring(i - 1, end), 8));
                i = end;
            } else if (escape == 'N') {
                throw TemplateFault.syntax("Named characters (\\N{...}) are not supported in strings.", line);
            } else if (escape != '\n') {
                text.append('\\').append(escape);
            }
        }
        return text.toString();
    }

    private static int hexadecimal(String body, int from, int digits, int line) {
        try {
            int point = Integer.parseInt(body.substring(from, from + digits), 16);
            if (Character.isValidCodePoint(point)) {
                return point;
            }
        } catch (IndexOutOfBoundsException | NumberFormatException notHexadecimal) {
            // told below
        }
        throw TemplateFault.syntax("A string has a broken \\x, \\u or \\U escape.", line);
    }
}
