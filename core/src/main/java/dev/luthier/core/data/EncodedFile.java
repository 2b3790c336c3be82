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

/**
 * The encoded valid samples of one data file, memory-mapped: random access to several GB without heap. Made by
 * {@link EncodedFileWriter}. May be read by several threads; closing it while one of them reads is an error of the
 * caller.
 *
 * <p>Layout, little-endian: a header of {@value #HEADER_BYTES} bytes; one 32-bit word per token, its id with the top
 * bit set if the token counts in the loss; padding to a multiple of 8; then per sample, and once more at the end, a
 * pair of 64-bit numbers: index of its first word and its line in the data file.
 *
 * <pre>
 *  0 magic  8 samples  16 words  24 target tokens  32 longest sample  40 reserved  64 fingerprint (32 bytes)
 * 96 SHA-256 of all other bytes
 * </pre>
 */
public final class EncodedFile implements AutoCloseable {
    static final long MAGIC = 0x32304B4F5454554CL; // "LUTTOK02" as little-endian bytes
    static final int HEADER_BYTES = 128;
    static final int CHECKSUM = 96;
    static final int INDEX_ENTRY_BYTES = 16;
    private static final int CHUNK_BYTES = 1 << 20;
    static final int TARGET_BIT = 0x8000_0000;
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena;
    private final MemorySegment content;
    private final int samples;
    private final long indexStart;

    private EncodedFile(Arena arena, MemorySegment content, int samples, long indexStart) {
        this.arena = arena;
        this.content = content;
        this.samples = samples;
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
            long samples = content.get(LONG, 8);
            long indexStart = indexStart(content.get(LONG, 16));
            long size = indexStart + (samples + 1) * INDEX_ENTRY_BYTES;
            if (content.byteSize() != size) {
                throw damaged(path, "it has " + content.byteSize() + " bytes where its header says " + size);
            }
            if (!Arrays.equals(checksum(content),
                    content.asSlice(CHECKSUM, HEADER_BYTES - CHECKSUM).toArray(ValueLayout.JAVA_BYTE))) {
                throw damaged(path, "its content has another checksum than when it was written");
            }
            return new EncodedFile(arena, content, Math.toIntExact(samples), indexStart);
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

    /** Samples in the file. */
    public int count() {
        return samples;
    }

    /** Tokens of all samples. */
    public long tokens() {
        return content.get(LONG, 16);
    }

    /** Tokens of all samples that count in the loss. */
    public long targetTokens() {
        return content.get(LONG, 24);
    }

    /** Tokens of the longest sample; 0 in a file without samples. */
    public int maxLength() {
        return (int) content.get(LONG, 32);
    }

    /** What the writer was told the file depends on: 64 lower-case hex digits. */
    public String fingerprint() {
        return HexFormat.of().formatHex(content.asSlice(64, 32).toArray(ValueLayout.JAVA_BYTE));
    }

    /** Tokens of a sample. */
    public int length(int sample) {
        return (int) (wordStart(sample + 1) - wordStart(sample));
    }

    /** Line of a sample in its data file, from 1. */
    public long line(int sample) {
        return content.get(LONG, entry(sample) + Long.BYTES);
    }

    /** Copies a sample out of the mapping. */
    public EncodedSample get(int sample) {
        int length = length(sample);
        int[] tokens = new int[length];
        float[] weights = new float[length];
        MemorySegment.copy(content, INT, HEADER_BYTES + wordStart(sample) * Integer.BYTES, tokens, 0, length);
        for (int i = 0; i < length; i++) {
            weights[i] = tokens[i] < 0 ? 1 : 0;
            tokens[i] &= ~TARGET_BIT;
        }
        return new EncodedSample(tokens, weights);
    }

    private long entry(int sample) {
        if (sample < 0 || sample >= samples) {
            throw new IndexOutOfBoundsException("sample " + sample + " of " + samples);
        }
        return indexStart + (long) sample * INDEX_ENTRY_BYTES;
    }

    /* One past the last sample is allowed: that entry holds the number of words. */
    private long wordStart(int sample) {
        return content.get(LONG, sample == samples ? indexStart + (long) samples * INDEX_ENTRY_BYTES : entry(sample));
    }

    /** Ends the mapping; nothing may be read afterwards. */
    @Override
    public void close() {
        arena.close();
    }
}
