package dev.luthier.server.serve;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A token and how likely the model found it.
 *
 * @param bytes of its text, often only part of a character
 * @param logprob natural logarithm of its probability, before bias, penalties and temperature; null for the first token
 *     of a prompt, which follows nothing
 * @param top the most likely tokens in its place, best first
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record ScoredToken(byte[] bytes, @Nullable Double logprob, List<ScoredToken> top) {
    public ScoredToken {
        top = List.copyOf(top);
    }

    /** The text; each byte that is not part of a whole character in it is written {@code \xf0}. */
    public String text() {
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < bytes.length) {
            int length = characterLength(at);
            if (length == 0) {
                text.append("\\x%02x".formatted(bytes[at] & 0xff));
                at++;
            } else {
                text.append(new String(bytes, at, length, StandardCharsets.UTF_8));
                at += length;
            }
        }
        return text.toString();
    }

    /** Whether the bytes are whole characters. */
    public boolean isText() {
        return isUtf8(0, bytes.length);
    }

    /** Bytes of the character that starts there; 0 if none does. */
    private int characterLength(int at) {
        for (int length = 1; length <= Math.min(4, bytes.length - at); length++) {
            if (isUtf8(at, length)) {
                return length;
            }
        }
        return 0;
    }

    private boolean isUtf8(int at, int length) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, at, length));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
