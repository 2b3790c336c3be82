package dev.luthier.core.problem;

/** What somebody sent, short enough for a message. */
public final class Excerpt {
    private static final int MAX_CHARACTERS = 80;

    private Excerpt() {}

    /** The text, or its beginning and three dots; never half of a character. */
    public static String of(String text) {
        return text.codePointCount(0, text.length()) <= MAX_CHARACTERS
                ? text
                : text.substring(0, text.offsetByCodePoints(0, MAX_CHARACTERS)) + "...";
    }
}
