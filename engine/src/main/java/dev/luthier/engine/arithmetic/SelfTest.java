package dev.luthier.engine.arithmetic;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.plan.ArithmeticReport;
import dev.luthier.core.plan.CpuKind;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds by measuring which number type and how many threads compute a model's products fastest on this machine, in a
 * fraction of a second. No CPU is known by name: instructions that promise speed may be emulated, and cores that are
 * counted may be slow, shared or elsewhere. On the thread of all tensor work.
 */
public final class SelfTest {
    private static final long FEW_ROWS = 16;
    private static final long MANY_ROWS = 256;
    /** Fewer threads are preferred while they lose no more than this share of the rate. */
    private static final double ABOUT_AS_FAST = 0.95;

    /** Load average for each core. */
    private static final double QUIET_LOAD = 0.5;

    private SelfTest() {}

    /** A number type's name: the one that is given, or for {@code auto} what this process' device computes faster. */
    public static String resolve(String type, ModelConfig config) {
        if (!type.equals("auto")) {
            return type;
        }
        return Libtorch.usesCuda() ? "bf16" : measure(config, Libtorch.threads()).baseType();
    }

    /**
     * Measures on the CPU. The threads of this process are what they were, afterwards.
     *
     * @param maxThreads at least 1
     */
    public static ArithmeticReport measure(ModelConfig config, int maxThreads) {
        int before = Libtorch.threads();
        try (ProductTimer wide = new ProductTimer(config, DType.FP32, MANY_ROWS);
                ProductTimer narrow = new ProductTimer(config, DType.BF16, MANY_ROWS)) {
            // The CPU time of one thread does not depend on what else this machine does: the types are compared by it.
            Libtorch.setThreads(1);
            double fp32 = wide.rate(FEW_ROWS);
            double bf16 = narrow.rate(FEW_ROWS);
            boolean quiet = isQuiet();
            int threads = quiet ? fastest(bf16 > fp32 ? narrow : wide, maxThreads) : maxThreads;
            return new ArithmeticReport(CpuKind.name(), Libtorch.version(), threads, quiet, bf16 / 1e9, fp32 / 1e9);
        } finally {
            Libtorch.setThreads(before);
        }
    }

    /** Threads that share their cores with other programs wait for each other: then fewer look better than they are. */
    private static boolean isQuiet() {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return load < QUIET_LOAD * Runtime.getRuntime().availableProcessors();
    }

    private static int fastest(ProductTimer timer, int maxThreads) {
        List<Integer> candidates = new ArrayList<>();
        for (int threads = maxThreads; threads >= 1; threads /= 2) {
            candidates.add(threads);
        }
        int best = maxThreads;
        double bestRate = 0;
        for (int threads : candidates) { // the most first
            Libtorch.setThreads(threads);
            double rate = timer.rate(MANY_ROWS);
            if (rate > bestRate || rate >= ABOUT_AS_FAST * bestRate) {
                best = threads;
                bestRate = Math.max(bestRate, rate);
            }
        }
        return best;
    }
}
