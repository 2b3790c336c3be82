package dev.luthier.server.api.openai;

import dev.luthier.server.serve.ScoredToken;
import java.util.ArrayList;
import java.util.List;

/**
 * Where tokens begin in a text, counted in code points; a token that begins inside of a character has the place of that
 * character. For the tokens of one text in their order.
 */
final class TextOffsets {
    private int begun;

    /** @param start place of the first token; negative where the tokens say more than the text, such as a first space */
    TextOffsets(int start) {
        begun = start;
    }

    List<Integer> of(List<ScoredToken> tokens) {
        List<Integer> offsets = new ArrayList<>();
        for (ScoredToken token : tokens) {
            byte[] bytes = token.bytes();
            boolean inside = bytes.length > 0 && !begins(bytes[0]);
            offsets.add(Math.max(0, inside ? begun - 1 : begun));
            begun += characters(token);
        }
        return offsets;
    }

    /** Characters that begin in the token. */
    static int characters(ScoredToken token) {
        int count = 0;
        for (byte value : token.bytes()) {
            count += begins(value) ? 1 : 0;
        }
        return count;
    }

    /** Whether a byte of UTF-8 is the first of a character. */
    private static boolean begins(byte value) {
        return (value & 0xc0) != 0x80;
    }
}
