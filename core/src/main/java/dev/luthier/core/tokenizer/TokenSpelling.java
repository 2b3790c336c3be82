package dev.luthier.core.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * How the spelling of a vocabulary's tokens stands for bytes. A token may be part of a character, so only bytes can say
 * what it is.
 */
enum TokenSpelling {
    /** GPT-2's table: each character of the spelling stands for one byte. */
    BYTE_LEVEL {
        @Override
        byte[] bytes(String token) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int i = 0; i < token.length(); i++) {
                char c = token.charAt(i);
                int value = c < BYTE_OF_CHARACTER.length ? BYTE_OF_CHARACTER[c] : -1;
                if (value < 0) {
                    return PLAIN.bytes(token);
                }
                bytes.write(value);
            }
            return bytes.toByteArray();
        }
    },
    /** SentencePiece: U+2581 is a space, and {@code <0x0A>} a single byte. */
    SENTENCE_PIECE {
        @Override
        byte[] bytes(String token) {
            Matcher single = SINGLE_BYTE.matcher(token);
            return single.matches()
                    ? new byte[]{(byte) Integer.parseInt(single.group(1), 16)}
                    : PLAIN.bytes(token.replace('\u2581', ' '));
        }
    },
    /** The text itself. */
    PLAIN {
        @Override
        byte[] bytes(String token) {
            return token.getBytes(StandardCharsets.UTF_8);
        }
    };

    private static final Pattern SINGLE_BYTE = Pattern.compile("<0x(\\p{XDigit}{2})>");
    private static final int[] BYTE_OF_CHARACTER = byteOfCharacter();

    abstract byte[] bytes(String token);

    /** The spelling that a {@code decoder} of a tokenizer.json undoes. */
    static TokenSpelling of(JsonNode decoder) {
        String type = decoder.path("type").asString("");
        return switch (type) {
            case "ByteLevel" -> BYTE_LEVEL;
            case "ByteFallback", "Metaspace" -> SENTENCE_PIECE;
            case "Sequence" -> decoder.path("decoders").valueStream().map(TokenSpelling::of)
                    .filter(spelling -> spelling != PLAIN).findFirst().orElse(PLAIN);
            case "Replace" ->
                decoder.at("/pattern/String").asString("").equals("\u2581") ? SENTENCE_PIECE : PLAIN;
            default -> PLAIN;
        };
    }

    /** The character by which {@link #BYTE_LEVEL} spells a byte. */
    static String byteLevel(int value) {
        return IntStream.range(0, BYTE_OF_CHARACTER.length).filter(c -> BYTE_OF_CHARACTER[c] == value)
                .mapToObj(Character::toString).findFirst().orElseThrow();
    }

    /** The bytes that texts in UTF-8 are made of. */
    static IntStream bytesOfText() {
        return IntStream.range(0, 0xF5).filter(value -> value != 0xC0 && value != 0xC1);
    }

    /** Printable bytes stand for themselves, the others for the characters from U+0100 on, in order. */
    private static int[] byteOfCharacter() {
        int[] table = new int[512];
        Arrays.fill(table, -1);
        int next = 256;
        for (int value = 0; value < 256; value++) {
            boolean printable = (value >= 33 && value <= 126) || (value >= 161 && value != 173);
            table[printable ? value : next++] = value;
        }
        return table;
    }
}
