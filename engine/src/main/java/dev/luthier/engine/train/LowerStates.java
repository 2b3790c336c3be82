package dev.luthier.engine.train;

import dev.luthier.core.data.EncodedFile;
import dev.luthier.core.digest.Sha256;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;

/**
 * The hidden states that enter the lowest layer that learns, of the first samples of one encoded file, on disk: a row per
 * token, samples in file order. A small file beside it says how many samples are whole, what they were made of and their
 * checksum, so that filling goes on where a killed trainer stopped, and starts anew for another run or after damage.
 * Legend: D hidden.
 */
final class LowerStates implements AutoCloseable {
    /* Samples that are whole, then the origin, then the SHA-256 of their rows. */
    private static final Pattern MARK = Pattern.compile("(\\d{1,9}) (\\w+) ([0-9a-f]{64})\n");
    private static final int CHUNK_BYTES = 1 << 20;

    private final EncodedFile samples;
    private final DType type;
    private final long width;
    private final int count;
    private final Path path;
    private final Path marker;
    private final String origin;
    private final Arena arena = Arena.ofShared();
    private final long[] rowStarts;
    private MemorySegment content = MemorySegment.NULL;

    /**
     * @param width D
     * @param count samples that have a place, from the first on
     * @param origin a hash of everything that the hidden states depend on
     */
    LowerStates(EncodedFile samples, DType type, int width, int count, Path path, String origin) {
        this.samples = samples;
        this.type = type;
        this.width = width;
        this.path = path;
        this.origin = origin;
        this.marker = path.resolveSibling(path.getFileName() + ".samples");
        this.count = count;
        this.rowStarts = new long[count + 1];
        for (int i = 0; i < count; i++) {
            rowStarts[i + 1] = rowStarts[i] + samples.length(i);
        }
    }

    /** Samples that have a place here: those below this index. */
    int count() {
        return count;
    }

    /** Size of the whole file. */
    long bytes() {
        return offset(count);
    }

    private long offset(int sample) {
        return rowStarts[sample] * width * type.sizeBytes();
    }

    EncodedFile samples() {
        return samples;
    }

    /**
     * Samples of this origin that are on disk already; 0 if the files do not belong together or are damaged.
     *
     * @param digest sees their rows
     */
    private int filled(MessageDigest digest) throws IOException {
        if (!Files.exists(marker) || !Files.exists(path)) {
            return 0;
        }
        Matcher mark = MARK.matcher(Files.readString(marker, StandardCharsets.ISO_8859_1));
        if (!mark.matches() || !mark.group(2).equals(origin)) {
            return 0;
        }
        int whole = Integer.parseInt(mark.group(1));
        if (whole > count || Files.size(path) < offset(whole)) {
            return 0;
        }
        readInto(digest, offset(whole));
        return hex(digest).equals(mark.group(3)) ? whole : 0;
    }

    private void readInto(MessageDigest digest, long bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
            for (long left = bytes; left > 0; left -= chunk.limit()) {
                chunk.clear().limit((int) Math.min(chunk.capacity(), left));
                while (chunk.hasRemaining()) {
                    if (channel.read(chunk) < 0) {
                        return; // shorter than it was a moment ago: the checksum says so
                    }
                }
                digest.update(chunk.flip());
            }
        }
    }

    /** The hash so far of a digest that goes on. */
    private static String hex(MessageDigest digest) {
        try {
            return Sha256.hex((MessageDigest) digest.clone());
        } catch (CloneNotSupportedException e) {
            throw new AssertionError("the JDK's SHA-256 can be cloned", e);
        }
    }

    /** Writes whole samples, one behind the other, in file order; they last only after {@link #commit}. */
    final class Writer implements AutoCloseable {
        private final FileChannel channel;
        private MessageDigest digest = Sha256.start();
        private int next;

        private Writer() throws IOException {
            next = filled(digest);
            if (next == 0) {
                digest = Sha256.start(); // of rows that are not taken
            }
            channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(offset(next));
        }

        /** The first sample that is to be written. */
        int next() {
            return next;
        }

        /** @param hidden contiguous [tokens of the samples from next to end, D] */
        void append(int end, Tensor hidden) throws IOException {
            ByteBuffer bytes = HostMemory.hostBytes(hidden).asByteBuffer();
            digest.update(bytes.duplicate());
            long position = offset(next);
            while (bytes.hasRemaining()) {
                position += channel.write(bytes, position);
            }
            next = end;
        }

        void commit() throws IOException {
            channel.force(true);
            RunDirectory.writeDurably(marker, next + " " + origin + " " + hex(digest) + "\n");
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    Writer writer() throws IOException {
        return new Writer();
    }

    /** Maps the filled file for {@link #copyTo}. */
    void open() throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            content = channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes(), arena);
        }
    }

    /** Copies the rows of a sample, [its tokens, D]; only after {@link #open}. */
    void copyTo(int sample, Tensor rows) {
        long start = offset(sample);
        HostMemory.copyInto(rows, content.asSlice(start, offset(sample + 1) - start), type);
    }

    @Override
    public void close() {
        arena.close();
    }
}
