package dev.luthier.cli;

import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.plan.MachineMemory;
import dev.luthier.core.plan.MemoryPlanner;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.RunSpec;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a training on this machine would take, as a job does that leaves all settings of the training to a server without
 * any: rank {@value #RANK} on all linear layers, packs of {@value #PACK_TOKENS} tokens, in bf16.
 *
 * @param memoryTier null when it does not fit
 * @param expectedPeakMemoryBytes null when it does not fit
 * @param problem why it does not fit, and what would; null when it does
 */
record TrainingMemory(@Nullable String memoryTier, @Nullable Long expectedPeakMemoryBytes, @Nullable String problem) {
    private static final int RANK = 16;
    private static final int PACK_TOKENS = 2048;

    /** @param longestSample tokens */
    static TrainingMemory of(ModelDirectory model, int longestSample) {
        MemoryPlanner planner = new MemoryPlanner(model.config(), longestSample,
                MachineMemory.forEachOf(1, ComputeDevice.CPU), true);
        try {
            MemoryPlanner.Choice choice = planner.choose(
                    RunSpec.Lora.plain(RANK, 2.0 * RANK, RunSpec.Lora.LINEAR_LAYERS),
                    RunSpec.Numerics.plain("bf16", 1), null, PACK_TOKENS);
            return new TrainingMemory(choice.tier().label(), choice.peakBytes(), null);
        } catch (ProblemException e) {
            return new TrainingMemory(null, null, e.problem().message());
        }
    }

    /** One line for people. */
    String describe() {
        if (expectedPeakMemoryBytes == null) {
            return String.valueOf(problem);
        }
        return String.format(Locale.ROOT, "training with rank %d in packs of %d tokens takes about %.2f GB of memory"
                + " (memory_tier %s); luthier probe measures its steps", RANK, PACK_TOKENS,
                expectedPeakMemoryBytes / 1e9, memoryTier);
    }
}
