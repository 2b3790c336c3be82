package dev.luthier.lab.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits text into the pieces that BPE merges within. Digits stand alone; a lower-case word takes the space before it along;
 * capitalised words and digits do not, so that they are split in the same way with and without a space before them, which makes
 * copying them far easier for a small model.
 */
final class Pieces {
    /** The same in Java and in the Rust library (Oniguruma): Unicode categories and white space only. */
    static final String PATTERN = "\\p{N}| ?[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|[\\p{Lu}\\p{Lt}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
            + "| ?[^\\s\\p{L}\\p{M}\\p{N}]+|\\s+(?!\\S)|\\s";

    private static final Pattern SPLIT = Pattern.compile(PATTERN, Pattern.UNICODE_CHARACTER_CLASS);
    /** "byte-level" BPE shows each byte as a printable character: GPT-2's table. */
    private static final char[] SYMBOL_OF_BYTE = symbols();

    private Pieces() {}

    static List<String> of(String text) {
        List<String> pieces = new ArrayList<>();
        Matcher matcher = SPLIT.matcher(text);
        while (matcher.find()) {
            pieces.add(matcher.group());
        }
        return pieces;
    }

    static String symbol(byte value) {
        return String.valueOf(SYMBOL_OF_BYTE[value & 0xff]);
    }

    private static char[] symbols() {
        char[] table = new char[256];
        char next = 256;
        for (int i = 0; i < 256; i++) {
            boolean printable = (i >= '!' && i <= '~') || (i >= 0xa1 && i <= 0xac) || i >= 0xae;
            table[i] = printable ? (char) i : next++;
        }
        return table;
    }
}
