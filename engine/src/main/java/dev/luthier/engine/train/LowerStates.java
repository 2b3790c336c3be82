package dev.luthier.engine.train;

import dev.luthier.core.data.EncodedFile;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.pytorch.Tensor;

/**
 * The hidden states that enter the lowest layer that learns, of the first samples of one encoded file, on disk: a row per
 * token, samples in file order. A small file beside it says how many samples are whole, so that filling goes on where a
 * killed trainer stopped. Legend: D hidden.
 */
final class LowerStates implements AutoCloseable {
    private final EncodedFile samples;
    private final DType type;
    private final long width;
    private final int count;
    private final Path path;
    private final Path marker;
    private final Arena arena = Arena.ofShared();
    private final long[] rowStarts;
    private MemorySegment content = MemorySegment.NULL;

    /**
     * @param width D
     * @param maxBytes of the file; samples that do not fit are left out
     */
    LowerStates(EncodedFile samples, DType type, int width, long maxBytes, Path path) {
        this.samples = samples;
        this.type = type;
        this.width = width;
        this.path = path;
        this.marker = path.resolveSibling(path.getFileName() + ".samples");
        this.count = fitting(samples, maxBytes / ((long) width * type.sizeBytes()));
        this.rowStarts = new long[count + 1];
        for (int i = 0; i < count; i++) {
            rowStarts[i + 1] = rowStarts[i] + samples.length(i);
        }
    }

    private static int fitting(EncodedFile samples, long rows) {
        long used = 0;
        for (int i = 0; i < samples.count(); i++) {
            used += samples.length(i);
            if (used > rows) {
                return i;
            }
        }
        return samples.count();
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

    /** Samples that are on disk already. */
    int filled() throws IOException {
        return Files.exists(marker) && Files.exists(path) ? Integer.parseInt(Files.readString(marker).strip()) : 0;
    }

    /** Writes whole samples, one behind the other, in file order; they last only after {@link #commit}. */
    final class Writer implements AutoCloseable {
        private final FileChannel channel;
        private int next;

        private Writer() throws IOException {
            next = filled();
            channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        }

        /** The first sample that is to be written. */
        int next() {
            return next;
        }

        /** @param hidden contiguous [tokens of the samples from next to end, D] */
        void append(int end, Tensor hidden) throws IOException {
            ByteBuffer bytes = HostMemory.hostBytes(hidden).asByteBuffer();
            long position = offset(next);
            while (bytes.hasRemaining()) {
                position += channel.write(bytes, position);
            }
            next = end;
        }

        void commit() throws IOException {
            channel.force(true);
            RunDirectory.writeDurably(marker, next + "\n");
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
