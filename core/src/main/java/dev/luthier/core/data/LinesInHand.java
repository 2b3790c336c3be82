package dev.luthier.core.data;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The line that each thread has in hand, noted in a file that tells it also after the process was aborted. Thread-safe.
 */
final class LinesInHand implements LineWatch {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    /** On a busy machine a thread waits for its turn; that is not the line's fault. */
    private static final int WAITING_FACTOR = 10;

    private final MappedByteBuffer file;
    private final AtomicInteger slots = new AtomicInteger();
    private final ThreadLocal<Integer> slot = ThreadLocal.withInitial(slots::getAndIncrement);
    private final AtomicReferenceArray<@Nullable InHand> inHand;

    /**
     * What a thread does, and since when: seen by others as one.
     *
     * @param cpuNanos that the thread had computed until then
     */
    private record InHand(long line, Work work, Thread thread, long sinceNanos, long cpuNanos) {

        static InHand now(long line, Work work) {
            return new InHand(line, work, Thread.currentThread(), System.nanoTime(), THREADS.getCurrentThreadCpuTime());
        }

        boolean isLaterThan(long nanos) {
            return THREADS.getThreadCpuTime(thread.threadId()) - cpuNanos > nanos
                    || System.nanoTime() - sinceNanos > WAITING_FACTOR * nanos;
        }
    }

    private LinesInHand(MappedByteBuffer file, int threads) {
        this.file = file;
        inHand = new AtomicReferenceArray<>(threads);
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
        inHand.set(index, work == Work.NONE ? null : InHand.now(line, work));
        file.putLong(index * Long.BYTES, work == Work.NONE ? 0 : line);
    }

    /** A line that has been in hand for too long. */
    record Late(long line, Work work) {}

    /** The lines that one kind of work has computed at for longer, or been at for ten times as long. */
    List<Late> laterThan(long nanos) {
        List<Late> late = new ArrayList<>();
        for (int i = 0; i < inHand.length(); i++) {
            InHand now = inHand.get(i);
            if (now != null && now.isLaterThan(nanos)) {
                late.add(new Late(now.line(), now.work()));
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
