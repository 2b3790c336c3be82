package dev.luthier.core.tokenizer;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of a text and the stretch of the Java string that each one covers.
 *
 * <p>Positions count UTF-16 units. A token that the tokenizer's template added covers nothing: its start equals its
 * end. Tokens that share one character (the bytes of an emoji) cover that character each.
 */
public final class Encoded {

    private final int[] ids;
    private final int[] starts;
    private final int[] ends;

    private Encoded(int[] ids, int[] starts, int[] ends) {
        this.ids = ids;
        this.starts = starts;
        this.ends = ends;
    }

    /** @param spans in code points; null for a token that the tokenizer's template added */
    static Encoded of(String text, int[] ids, @Nullable CharSpan[] spans) {
        int[] charOfCodePoint = charOfCodePoint(text);
        int[] starts = new int[ids.length];
        int[] ends = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            CharSpan span = spans[i];
            starts[i] = span == null ? 0 : charOfCodePoint[span.getStart()];
            ends[i] = span == null ? 0 : charOfCodePoint[span.getEnd()];
        }
        return new Encoded(ids, starts, ends);
    }

    /** UTF-16 position at which each code point starts, and the text's length at the end. */
    private static int[] charOfCodePoint(String text) {
        int count = text.codePointCount(0, text.length());
        int[] positions = new int[count + 1];
        int position = 0;
        for (int i = 0; i < count; i++) {
            positions[i] = position;
            position += Character.charCount(text.codePointAt(position));
        }
        positions[count] = position;
        return positions;
    }

    /** Number of tokens. */
    public int size() {
        return ids.length;
    }

    /** All token ids, as an array of the caller's own. */
    public int[] ids() {
        return ids.clone();
    }

    public int id(int index) {
        return ids[index];
    }

    /** First UTF-16 unit that the token covers. */
    public int start(int index) {
        return starts[index];
    }

    /** One past the last UTF-16 unit that the token covers. */
    public int end(int index) {
        return ends[index];
    }
}
