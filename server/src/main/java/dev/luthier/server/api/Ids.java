package dev.luthier.server.api;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/**
 * The two public forms of an object's UUID: itself, as Mistral's clients expect, and a prefix with base62 of its 128
 * bits in 22 characters, as OpenAI's do. Either form is read wherever an id is.
 */
public final class Ids {
    public static final String FILE = "file-";
    public static final String JOB = "ftjob-";
    public static final String CHECKPOINT = "ftckpt_";
    public static final String PERMISSION = "cp_";
    public static final String UPLOAD = "upload_";
    public static final String UPLOAD_PART = "part_";

    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final BigInteger BASE = BigInteger.valueOf(62);
    private static final BigInteger TEN_DIGITS = BASE.pow(10);
    private static final int LENGTH = 22;

    private Ids() {}

    /** The OpenAI form, for example {@code ftjob-} and 22 characters. */
    public static String openAi(String prefix, UUID id) {
        // Digits of a long are cheap, and lists have many ids: only the two cuts between them need more bits.
        BigInteger[] high = new BigInteger(1, bytes(id)).divideAndRemainder(TEN_DIGITS);
        BigInteger[] highest = high[0].divideAndRemainder(TEN_DIGITS);
        char[] text = new char[LENGTH];
        digits(highest[0].longValue(), text, 0, 2);
        digits(highest[1].longValue(), text, 2, 12);
        digits(high[1].longValue(), text, 12, LENGTH);
        return prefix + new String(text);
    }

    private static void digits(long number, char[] text, int from, int to) {
        long rest = number;
        for (int i = to - 1; i >= from; i--) {
            text[i] = DIGITS.charAt((int) (rest % 62));
            rest /= 62;
        }
    }

    /** Reads either form; empty when the text is neither. */
    public static Optional<UUID> parse(String prefix, String text) {
        if (text.length() == prefix.length() + LENGTH && text.startsWith(prefix)) {
            return base62(text.substring(prefix.length()));
        }
        try {
            UUID id = UUID.fromString(text);
            return text.equalsIgnoreCase(id.toString()) ? Optional.of(id) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<UUID> base62(String text) {
        BigInteger number = BigInteger.ZERO;
        for (int i = 0; i < text.length(); i++) {
            int digit = DIGITS.indexOf(text.charAt(i));
            if (digit < 0) {
                return Optional.empty();
            }
            number = number.multiply(BASE).add(BigInteger.valueOf(digit));
        }
        return number.bitLength() > 128
                ? Optional.empty()
                : Optional.of(new UUID(number.shiftRight(64).longValue(), number.longValue()));
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(16).putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits()).array();
    }
}
