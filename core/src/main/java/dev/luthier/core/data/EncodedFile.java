package dev.luthier.core.data;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * The units of one data file, memory-mapped: random access to several GB without heap. Made by {@link EncodedFileWriter}.
 * May be read by several threads; closing it while one of them reads is an error of the caller.
 *
 * <p>Layout, little-endian: a header of {@value #HEADER_BYTES} bytes; the 32-bit words of the units, first one per token,
 * its id with the top bit set if the token counts in the loss, then the codes of the labels; padding to a multiple of 8;
 * then per unit, and once more at the end, {@value #INDEX_ENTRY_BYTES} bytes: 64 bits each for the index of its first word
 * and its line in the data file, 32 bits each for the tokens of its first sequence and the number of its codes.
 *
 * <pre>
 *  0 magic  8 units  16 words  24 target tokens  32 tokens  40 reserved  64 fingerprint (32 bytes)
 * 96 SHA-256 of all other bytes
 * </pre>
 */
public final class EncodedFile implements AutoCloseable {
    static final long MAGIC = 0x33304B4F5454554CL; // "LUTTOK03" as little-endian bytes
    static final int HEADER_BYTES = 128;
    static final int CHECKSUM = 96;
    static final int INDEX_ENTRY_BYTES = 24;
    private static final int CHUNK_BYTES = 1 << 20;
    static final int TARGET_BIT = 0x8000_0000;
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena;
    private final MemorySegment content;
    private final int units;
    private final long indexStart;

    private EncodedFile(Arena arena, MemorySegment content, int units, long indexStart) {
        this.arena = arena;
        this.content = content;
        this.units = units;
        this.indexStart = indexStart;
    }

    /** Maps a finished file. One that is torn or of another kind is a USER problem that names it. */
    public static EncodedFile open(Path path) {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment content = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            if (content.byteSize() < HEADER_BYTES || content.get(LONG, 0) != MAGIC) {
                throw damaged(path, "it does not start with the header of one");
            }
            long units = content.get(LONG, 8);
            long indexStart = indexStart(content.get(LONG, 16));
            long size = indexStart + (units + 1) * INDEX_ENTRY_BYTES;
            if (content.byteSize() != size) {
                throw damaged(path, "it has " + content.byteSize() + " bytes where its header says " + size);
            }
            if (!Arrays.equals(checksum(content),
                    content.asSlice(CHECKSUM, HEADER_BYTES - CHECKSUM).toArray(ValueLayout.JAVA_BYTE))) {
                throw damaged(path, "its content has another checksum than when it was written");
            }
            return new EncodedFile(arena, content, Math.toIntExact(units), indexStart);
        } catch (IOException e) {
            arena.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** SHA-256 of a whole file but for the place of its checksum. */
    static byte[] checksum(MemorySegment content) {
        MessageDigest digest = Sha256.start();
        digest.update(content.asSlice(0, CHECKSUM).asByteBuffer());
        for (long start = HEADER_BYTES; start < content.byteSize(); start += CHUNK_BYTES) {
            digest.update(content.asSlice(start, Math.min(CHUNK_BYTES, content.byteSize() - start)).asByteBuffer());
        }
        return digest.digest();
    }

    private static RuntimeException damaged(Path path, String why) {
        return Problem.user("invalid_encoded_file",
                path + " is not a complete file of encoded samples: " + why + ". Delete it; it will be made again.")
                .asException();
    }

    /** Byte offset of the index behind the given number of words. */
    static long indexStart(long words) {
        return HEADER_BYTES + (words + 1) / 2 * 2 * Integer.BYTES;
    }

    /** Units in the file. */
    public int count() {
        return units;
    }

    /** Tokens of all units. */
    public long tokens() {
        return content.get(LONG, 32);
    }

    /** Tokens of all units that count in the loss. */
    public long targetTokens() {
        return content.get(LONG, 24);
    }

    /** What the writer was told the file depends on: 64 lower-case hex digits. */
    public String fingerprint() {
        return HexFormat.of().formatHex(content.asSlice(64, 32).toArray(ValueLayout.JAVA_BYTE));
    }

    /** Tokens of a unit, of all its sequences. */
    public int length(int unit) {
        return (int) (wordStart(unit + 1) - wordStart(unit)) - labels(unit);
    }

    /** Line of a unit in its data file, from 1. */
    public long line(int unit) {
        return content.get(LONG, entry(unit) + Long.BYTES);
    }

    /** Copies a unit out of the mapping. */
    public EncodedUnit get(int unit) {
        int length = length(unit);
        int first = content.get(INT, entry(unit) + 2 * Long.BYTES);
        long start = wordStart(unit);
        EncodedSample one = sequence(start, first);
        return new EncodedUnit(first == length ? List.of(one) : List.of(one, sequence(start + first, length - first)),
                words(start + length, labels(unit)));
    }

    private int labels(int unit) {
        return content.get(INT, entry(unit) + 2 * Long.BYTES + Integer.BYTES);
    }

    private int[] words(long start, int count) {
        int[] words = new int[count];
        MemorySegment.copy(content, INT, HEADER_BYTES + start * Integer.BYTES, words, 0, count);
        return words;
    }

    private EncodedSample sequence(long start, int length) {
        int[] tokens = words(start, length);
        float[] weights = new float[length];
        for (int i = 0; i < length; i++) {
            weights[i] = tokens[i] < 0 ? 1 : 0;
            tokens[i] &= ~TARGET_BIT;
        }
        return new EncodedSample(tokens, weights);
    }

    private long entry(int unit) {
        if (unit < 0 || unit >= units) {
            throw new IndexOutOfBoundsException("unit " + unit + " of " + units);
        }
        return indexStart + (long) unit * INDEX_ENTRY_BYTES;
    }

    /* One past the last unit is allowed: that entry holds the number of words. */
    private long wordStart(int unit) {
        return content.get(LONG, unit == units ? indexStart + (long) units * INDEX_ENTRY_BYTES : entry(unit));
    }

    /** Ends the mapping; nothing may be read afterwards. */
    @Override
    public void close() {
        arena.close();
    }
}
