package dev.luthier.core.jinja.filter;

import dev.luthier.core.jinja.value.StringSearch;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The filter {@code striptags}: text without tags and comments, its white space collapsed, its references resolved. */
final class StripTags {
    private static final Pattern REFERENCE = Pattern
            .compile("&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\\t\\n\\f <&#;]{1,32};?)");
    private static final int MAX_DIGITS = 8;

    private StripTags() {}

    /** Named character references of HTML 5 (name to text), and what browsers make of some wrong numbers. */
    private static final class References {
        static final Map<String, String> TEXTS = read();

        private static Map<String, String> read() {
            Map<String, String> texts = new HashMap<>();
            try (InputStream in = Objects.requireNonNull(StripTags.class.getResourceAsStream("html-references.txt"))) {
                new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(line -> {
                    String[] parts = line.split(" ", -1);
                    StringBuilder text = new StringBuilder();
                    for (int i = 1; i < parts.length; i++) {
                        text.appendCodePoint(Integer.parseInt(parts[i], 16));
                    }
                    texts.put(parts[0], text.toString());
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return texts;
        }
    }

    public static String strip(String text) {
        return resolve(String.join(" ", StringSearch.words(withoutTags(text), -1)));
    }

    private static String withoutTags(String text) {
        StringBuilder kept = new StringBuilder(text.length());
        int from = 0;
        for (int tag = text.indexOf('<'); tag >= 0; tag = text.indexOf('<', from)) {
            boolean comment = text.startsWith("<!--", tag);
            int end = comment ? text.indexOf("-->", tag + 4) : text.indexOf('>', tag);
            if (end < 0) {
                break;
            }
            kept.append(text, from, tag);
            from = end + (comment ? 3 : 1);
        }
        return kept.append(text, from, text.length()).toString();
    }

    private static String resolve(String text) {
        return REFERENCE.matcher(text).replaceAll(found -> Matcher.quoteReplacement(resolved(found.group(1))));
    }

    private static String resolved(String reference) {
        if (reference.charAt(0) == '#') {
            return number(reference);
        }
        for (int end = reference.length(); end > 1; end--) {
            String text = References.TEXTS.get(reference.substring(0, end));
            if (text != null) {
                return text + reference.substring(end);
            }
        }
        return "&" + reference;
    }

    private static String number(String reference) {
        boolean hex = reference.charAt(1) == 'x' || reference.charAt(1) == 'X';
        String digits = reference.substring(hex ? 2 : 1).replace(";", "").replaceFirst("^0+(?=.)", "");
        int number = digits.length() > MAX_DIGITS ? Integer.MAX_VALUE : (int) Long.parseLong(digits, hex ? 16 : 10);
        String known = References.TEXTS.get("#" + number);
        if (known != null) {
            return known;
        }
        boolean surrogate = number >= Character.MIN_SURROGATE && number <= Character.MAX_SURROGATE;
        if (surrogate || number < 0 || number > Character.MAX_CODE_POINT) {
            return "\uFFFD";
        }
        return isNoCharacter(number) ? "" : Character.toString(number);
    }

    /** Control characters, and the code points that Unicode keeps free. */
    private static boolean isNoCharacter(int number) {
        return (number >= 0x1 && number <= 0x8) || (number >= 0xe && number <= 0x1f) || number == 0xb
                || (number >= 0x7f && number <= 0x9f) || (number >= 0xfdd0 && number <= 0xfdef)
                || (number & 0xfffe) == 0xfffe;
    }
}
