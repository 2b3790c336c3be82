package dev.luthier.core.data;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The line that each thread has in hand, noted in a file that tells it also after the process was aborted. Thread-safe.
 */
final class LinesInHand implements LineWatch {
    private final MappedByteBuffer file;
    private final AtomicInteger slots = new AtomicInteger();
    private final ThreadLocal<Integer> slot = ThreadLocal.withInitial(slots::getAndIncrement);
    private final AtomicLongArray lines;
    private final AtomicLongArray sinceNanos;
    private final AtomicReferenceArray<Work> works;

    private LinesInHand(MappedByteBuffer file, int threads) {
        this.file = file;
        lines = new AtomicLongArray(threads);
        sinceNanos = new AtomicLongArray(threads);
        works = new AtomicReferenceArray<>(threads);
    }

    /**
     * Begins a file.
     *
     * @param threads that will tell their lines, at most
     */
    static LinesInHand create(Path path, int threads) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            // The mapping fills the file with zeros: no line.
            return new LinesInHand(channel.map(MapMode.READ_WRITE, 0, (long) threads * Long.BYTES), threads);
        }
    }

    @Override
    public void now(long line, Work work) {
        int index = slot.get();
        works.set(index, work);
        lines.set(index, line);
        sinceNanos.set(index, System.nanoTime());
        file.putLong(index * Long.BYTES, work == Work.NONE ? 0 : line);
    }

    /** A line that has been in hand for longer. */
    record Late(long line, Work work) {}

    /** The lines that one kind of work has been at for longer. */
    List<Late> laterThan(long nanos) {
        List<Late> late = new ArrayList<>();
        for (int i = 0; i < lines.length(); i++) {
            Work work = works.get(i);
            if (work != null && work != Work.NONE && System.nanoTime() - sinceNanos.get(i) > nanos) {
                late.add(new Late(lines.get(i), work));
            }
        }
        return late;
    }

    /** The lines that were in hand when the file was last written, ascending. */
    static List<Long> read(Path path) throws IOException {
        List<Long> found = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MappedByteBuffer file = channel.map(MapMode.READ_ONLY, 0, channel.size());
            while (file.hasRemaining()) {
                found.add(file.getLong());
            }
        }
        return found.stream().filter(line -> line > 0).distinct().sorted().toList();
    }
}
