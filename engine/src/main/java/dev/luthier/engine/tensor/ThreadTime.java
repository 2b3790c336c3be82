package dev.luthier.engine.tensor;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.function.Supplier;

/**
 * Times tensor work by what its thread really computed: unlike the time that passes, it does not grow when other programs
 * take the cores. Right only while libtorch uses one thread.
 */
public final class ThreadTime {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private ThreadTime() {}

    /** Seconds of CPU time that the work takes of the calling thread; of time that passes, where that is not known. */
    public static double seconds(Runnable work) {
        long start = now();
        work.run();
        return (now() - start) / 1e9;
    }

    /** Runs the work with one thread of libtorch, and gives it back its threads afterwards. */
    public static <T> T alone(Supplier<T> work) {
        int before = Libtorch.threads();
        Libtorch.setThreads(1);
        try {
            return work.get();
        } finally {
            Libtorch.setThreads(before);
        }
    }

    private static long now() {
        return THREADS.isCurrentThreadCpuTimeSupported() ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
    }
}
