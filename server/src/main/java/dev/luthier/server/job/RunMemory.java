package dev.luthier.server.job;

import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.plan.MemoryPlanner;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.RunSpec;
import dev.luthier.server.model.BaseModel;
import java.lang.management.ManagementFactory;

/** Fits runs into the memory of this machine. */
final class RunMemory {
    private static final double SHARE_OF_MACHINE = 0.8;

    private final RunSettings settings;

    RunMemory(RunSettings settings) {
        this.settings = settings;
    }

    /**
     * What a run keeps in memory, and how much it takes.
     *
     * @param longestSample tokens
     * @throws dev.luthier.core.problem.ProblemException USER, when it does not fit, with what would
     */
    MemoryPlanner.Choice choose(BaseModel base, TrainingSettings training, int longestSample) {
        RunSpec.Numerics numerics = new RunSpec.Numerics(training.baseType(), training.quantization(),
                settings.device(), settings.threadsFor(base), MemoryTier.KEEP, 0);
        return new MemoryPlanner(ModelDirectory.open(base.directory()).config(), longestSample, available())
                .choose(training.lora(), numerics, training.memoryTier(), training.packTokens());
    }

    private long available() {
        if (settings.memoryBytes() > 0) {
            return settings.memoryBytes();
        }
        if (settings.device() == ComputeDevice.CUDA) {
            return Long.MAX_VALUE; // the trainer says what the GPU has; the server does not know
        }
        long machine = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getTotalMemorySize();
        return (long) (machine * SHARE_OF_MACHINE / settings.maxRuns());
    }
}
