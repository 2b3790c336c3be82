package dev.luthier.core.isolation;

import java.time.Duration;

/** Kills a process that takes too long over something. Close it when that is done. Thread-safe. */
public final class Deadline implements AutoCloseable {
    private final Process process;
    private final Duration limit;
    private final Thread watch;
    private volatile long endNanos;
    private volatile boolean passed;

    private Deadline(Process process, Duration limit) {
        this.process = process;
        this.limit = limit;
        this.endNanos = System.nanoTime() + limit.toNanos();
        this.watch = Thread.ofVirtual().name("deadline-" + process.pid()).unstarted(this::await);
    }

    /** Kills the process unless this is closed within the time. */
    static Deadline kill(Process process, Duration limit) {
        Deadline deadline = new Deadline(process, limit);
        deadline.watch.start();
        return deadline;
    }

    private void await() {
        try {
            for (long left = limit.toNanos(); left > 0; left = endNanos - System.nanoTime()) {
                Thread.sleep(Duration.ofNanos(left));
            }
            passed = true;
            process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed in time
        }
    }

    /** The time begins anew. */
    public void extend() {
        endNanos = System.nanoTime() + limit.toNanos();
    }

    /** Whether the process was killed for it. */
    public boolean hasPassed() {
        return passed;
    }

    @Override
    public void close() {
        watch.interrupt();
    }
}
