package dev.luthier.core.tokenizer;

import java.util.Arrays;

/**
 * Turns token ids that come one by one into text. Only complete characters come out: bytes of an unfinished UTF-8
 * sequence wait for the tokens that finish it. For ids whose bytes are valid UTF-8 the pieces together are what decoding
 * all ids at once gives.
 *
 * <p>Made by {@link Tokenizer#incrementalDecoder}; for one thread at a time; needs no closing.
 */
public final class IncrementalDecoder {

    /** So many tokens may wait; more are not one character but bytes that never become one. */
    private static final int MAX_WAITING = 64;
    private static final char REPLACEMENT = '\uFFFD';

    private final Tokenizer tokenizer;
    private final boolean skipSpecialTokens;
    private int[] ids = new int[64];
    private int size;
    /**
     * Where the decoded window starts. It holds tokens whose text is already out, because what a token's text is (its
     * leading space, say) depends on whether something stands before it.
     */
    private int windowStart;
    /** The tokens before this one have given all their text. */
    private int done;
    /** How many characters of the window's text are out. */
    private int emitted;

    IncrementalDecoder(Tokenizer tokenizer, boolean skipSpecialTokens) {
        this.tokenizer = tokenizer;
        this.skipSpecialTokens = skipSpecialTokens;
    }

    /** Takes the next token and returns the text that is complete now; often a word, sometimes nothing. */
    public String add(int id) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
        }
        ids[size++] = id;
        return advance(size - done > MAX_WAITING);
    }

    /** The text still waiting, where an unfinished sequence becomes U+FFFD; no token may be added afterwards. */
    public String finish() {
        return advance(true);
    }

    private String advance(boolean all) {
        String text = tokenizer.decode(Arrays.copyOfRange(ids, windowStart, size), skipSpecialTokens);
        int complete = text.length();
        while (!all && complete > 0 && text.charAt(complete - 1) == REPLACEMENT) {
            complete--;
        }
        if (complete <= emitted) {
            return "";
        }
        String piece = text.substring(emitted, complete);
        emitted = complete;
        if (complete == text.length()) {
            windowStart = done;
            done = size;
            emitted = tokenizer.decode(Arrays.copyOfRange(ids, windowStart, size), skipSpecialTokens).length();
        }
        return piece;
    }
}
