package dev.luthier.engine.train;

import dev.luthier.core.data.EncodedFile;
import dev.luthier.core.digest.Sha256;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.engine.decoder.Pack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cache on disk of values computed once per unit of an encoded file: a fixed number of bytes per unit, in file order, for
 * the first units. A marker file holds the number of complete units, a hash of their inputs and their checksum, so that
 * filling resumes after a kill and restarts for other inputs or after damage.
 */
final class UnitFile implements AutoCloseable {
    /* Units that are whole, then the origin, then the SHA-256 of their bytes. */
    private static final Pattern MARK = Pattern.compile("(\\d{1,9}) (\\w+) ([0-9a-f]{64})\n");
    private static final int CHUNK_BYTES = 1 << 20;
    private static final long COMMIT_NANOS = 10_000_000_000L;

    private final EncodedFile units;
    private final Path path;
    private final Path marker;
    private final String origin;
    private final long[] starts;
    private final Arena arena = Arena.ofShared();
    private MemorySegment content = MemorySegment.NULL;

    /**
     * @param count units that have a place, from the first on
     * @param bytes of a unit
     * @param origin a hash of everything that the bytes depend on
     */
    UnitFile(EncodedFile units, int count, IntToLongFunction bytes, Path path, String origin) {
        this.units = units;
        this.path = path;
        this.origin = origin;
        this.marker = path.resolveSibling(path.getFileName() + ".units");
        this.starts = new long[count + 1];
        for (int i = 0; i < count; i++) {
            starts[i + 1] = starts[i] + bytes.applyAsLong(i);
        }
    }

    /** What is computed of a pack of units. */
    @FunctionalInterface
    interface Computation {
        /**
         * Computes the bytes of all units of a pack, one behind the other.
         *
         * @param first unit of the pack
         * @param end after its last unit
         * @param sink takes the bytes, once
         */
        void run(Pack pack, int first, int end, Sink sink) throws IOException;
    }

    /** Takes bytes. */
    @FunctionalInterface
    interface Sink {
        void accept(ByteBuffer bytes) throws IOException;
    }

    /** Units that have a place here: those below this index. */
    int count() {
        return starts.length - 1;
    }

    /** Size of the whole file. */
    long bytes() {
        return starts[count()];
    }

    /**
     * Computes what is not on disk yet, and maps the file.
     *
     * @param packTokens of a pack, at most, unless one unit has more
     * @param stop asked between packs
     * @return false if it was asked to stop before the end
     */
    boolean fill(int packTokens, BooleanSupplier stop, Computation computation) {
        try (Writer writer = new Writer()) {
            long committed = System.nanoTime();
            while (writer.next < count() && !stop.getAsBoolean()) {
                int first = writer.next;
                int end = packEnd(first, packTokens);
                List<UnitPlace> places = new ArrayList<>();
                for (int i = first; i < end; i++) {
                    places.add(new UnitPlace(units, i));
                }
                computation.run(UnitPlace.pack(places), first, end, bytes -> writer.append(end, bytes));
                if (System.nanoTime() - committed > COMMIT_NANOS) {
                    writer.commit();
                    committed = System.nanoTime();
                }
            }
            writer.commit();
            if (writer.next < count()) {
                return false;
            }
            content = writer.channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes(), arena);
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /* Packs are cut from the start of the file, so that filling anew anywhere makes the same packs. */
    private int packEnd(int first, int packTokens) {
        int end = first + 1;
        long tokens = units.length(first);
        while (end < count() && tokens + units.length(end) <= packTokens) {
            tokens += units.length(end);
            end++;
        }
        return end;
    }

    /** The bytes of a unit; only after {@link #fill}. */
    MemorySegment of(int unit) {
        return content.asSlice(starts[unit], starts[unit + 1] - starts[unit]);
    }

    /**
     * Units of this origin that are on disk already; 0 if the files do not belong together or are damaged.
     *
     * @param digest sees their bytes
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
        if (whole > count() || Files.size(path) < starts[whole]) {
            return 0;
        }
        readInto(digest, starts[whole]);
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

    /** Writes whole units, one behind the other; they last only after {@link #commit}. */
    private final class Writer implements AutoCloseable {
        private final FileChannel channel;
        private MessageDigest digest = Sha256.start();
        /** The first unit that is to be written. */
        private int next;

        Writer() throws IOException {
            next = filled(digest);
            if (next == 0) {
                digest = Sha256.start(); // of bytes that are not taken
            }
            channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            channel.truncate(starts[next]);
        }

        void append(int end, ByteBuffer bytes) throws IOException {
            if (bytes.remaining() != starts[end] - starts[next]) {
                throw new IllegalArgumentException(bytes.remaining() + " bytes for units " + next + " to " + end);
            }
            digest.update(bytes.duplicate());
            long position = starts[next];
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

    @Override
    public void close() {
        arena.close();
    }
}
