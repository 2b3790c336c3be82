package dev.luthier.core.adapter;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression of Python's kind, with a bound on what a match may cost: some expressions take time that grows
 * exponentially with the text.
 */
final class BoundedPattern {
    private static final int MAX_READS = 200_000;

    private final Pattern pattern;

    private BoundedPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /** @throws PatternSyntaxException if it is not a regular expression */
    static BoundedPattern of(String python) {
        return new BoundedPattern(Pattern.compile(python.replace("(?P<", "(?<").replace("\\Z", "\\z")));
    }

    /**
     * Whether the whole text matches.
     *
     * @throws TooCostlyException if that cannot be found out within the bound
     */
    boolean matches(String text) {
        try {
            return pattern.matcher(new CountedText(text, new int[1])).matches();
        } catch (StackOverflowError e) {
            throw new TooCostlyException();
        }
    }

    /** A match was given up. */
    static final class TooCostlyException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** A text that counts how often its characters are read. */
    @SuppressWarnings("ArrayRecordComponent") // One counter for all views of a text.
    private record CountedText(String text, int[] reads) implements CharSequence {
        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++reads[0] > MAX_READS) {
                throw new TooCostlyException();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new CountedText(text.substring(start, end), reads);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
