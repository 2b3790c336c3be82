package dev.luthier.server.job;

import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.plan.Arithmetic;
import dev.luthier.core.plan.MachineMemory;
import dev.luthier.core.plan.MemoryPlanner;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.RunSpec;
import dev.luthier.server.model.BaseModel;
import java.util.List;

/** Fits runs into the memory of this machine, and their files into its disk. */
final class RunMemory {
    private final RunSettings settings;

    RunMemory(RunSettings settings) {
        this.settings = settings;
    }

    /**
     * What a run keeps in memory, and how much it takes.
     *
     * @param newAdapter false when training goes on from one
     * @param packs tokens of micro-batches to choose from, the fastest first
     * @throws dev.luthier.core.problem.ProblemException USER, when it does not fit, with what would
     */
    MemoryPlanner.Choice choose(BaseModel base, TrainingSettings training, Arithmetic arithmetic, boolean newAdapter,
            MemoryPlanner.Longest longest, List<Integer> packs) {
        RunSpec.Numerics numerics = new RunSpec.Numerics(arithmetic.baseType(), arithmetic.quantization(),
                settings.device(), arithmetic.threads(), MemoryTier.KEEP, 0);
        ModelDirectory model = ModelDirectory.open(base.directory());
        boolean storedInBf16 = arithmetic.baseType().equals("fp32") && model.hasBf16Layers();
        return new MemoryPlanner(model.config(), longest, available(), newAdapter, storedInBf16)
                .choose(training.lora(), numerics, training.memoryTier(), packs);
    }

    /**
     * Tokens of which a run may keep on disk what the layers below the adapted ones make of them; 0 when there are no
     * such layers.
     */
    long reuseTokens(BaseModel base, TrainingSettings training, Arithmetic arithmetic) {
        int adapted = training.lora().topLayers();
        if (adapted == 0 || adapted >= base.layers()) {
            return 0;
        }
        long width = ModelDirectory.open(base.directory()).config().hiddenSize();
        return settings.reuseBytes() / (width * (arithmetic.baseType().equals("fp32") ? Float.BYTES : Short.BYTES));
    }

    private long available() {
        return settings.memoryBytes() > 0
                ? settings.memoryBytes()
                : MachineMemory.forEachOf(settings.maxRuns(), settings.device());
    }
}
