package dev.luthier.lab.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** A sentence frame: {@code (a|b)} is a choice, {@code [x]} an option taken half of the time, {@code {name}} a slot. */
record Frame(String source) {
    private static final Pattern ARTICLE = Pattern.compile("\\b([Aa]) (?=(?!one )[aeio]|umb)");

    /** One sentence; {@code slots} gives the text of a slot by its name. */
    String fill(Draw draw, UnaryOperator<String> slots) {
        return ARTICLE.matcher(expand(draw, slots)).replaceAll("$1n ");
    }

    private String expand(Draw draw, UnaryOperator<String> slots) {
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < source.length()) {
            char c = source.charAt(at);
            if (c == '(' || c == '[' || c == '{') {
                int end = closing(at);
                String inside = source.substring(at + 1, end);
                switch (c) {
                    case '(' -> out.append(new Frame(draw.pick(alternatives(inside))).expand(draw, slots));
                    case '[' -> out.append(draw.chance(0.5) ? new Frame(inside).expand(draw, slots) : "");
                    default -> out.append(slots.apply(inside));
                }
                at = end + 1;
            } else {
                out.append(c);
                at++;
            }
        }
        return out.toString();
    }

    private int closing(int open) {
        int depth = 0;
        for (int i = open; i < source.length(); i++) {
            char c = source.charAt(i);
            if (c == '(' || c == '[' || c == '{') {
                depth++;
            } else if ((c == ')' || c == ']' || c == '}') && --depth == 0) {
                return i;
            }
        }
        throw new IllegalArgumentException("bracket never closed in frame: " + source);
    }

    private static List<String> alternatives(String inside) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < inside.length(); i++) {
            char c = inside.charAt(i);
            if (c == '(' || c == '[') {
                depth++;
            } else if (c == ')' || c == ']') {
                depth--;
            } else if (c == '|' && depth == 0) {
                parts.add(inside.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(inside.substring(start));
        return parts;
    }
}
