package dev.luthier.server.job;

import dev.luthier.core.plan.Arithmetic;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunSpec;
import dev.luthier.server.model.BaseModel;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything of a job that its speed on a machine depends on, next to the machine's own settings. Alpha and the kind of
 * scaling are not in it: they are one number.
 *
 * @param baseModel the base model's own name
 * @param threads of the trainer
 * @param packTokens tokens that pass through the model at once
 * @param sampleTokens of the longest samples, about
 */
record SpeedProfile(String baseModel, int rank, List<String> targets, boolean dora, int topLayers, String baseType,
        Quantization quantization, int packTokens, int sampleTokens, MemoryTier memoryTier, int threads) {
    private static final int SHORTEST = 32;

    SpeedProfile {
        targets = List.copyOf(targets);
    }

    /** @param arithmetic of the plan */
    static SpeedProfile of(BaseModel base, TrainingSettings training, JobPlan plan, Arithmetic arithmetic) {
        RunSpec.Lora lora = training.lora();
        int topLayers = lora.topLayers() == base.layers() ? 0 : lora.topLayers();
        return new SpeedProfile(base.name(), lora.rank(), lora.targets(), lora.dora(), topLayers, arithmetic.baseType(),
                arithmetic.quantization(), plan.microBatchTokens(), powerOfTwo(plan.longestSample()),
                plan.memoryTier(), arithmetic.threads());
    }

    /** The next one that is not smaller, so that data alike share a measurement. */
    private static int powerOfTwo(int tokens) {
        return Math.max(SHORTEST, Integer.highestOneBit(Math.max(1, tokens - 1)) * 2);
    }

    /** Its part of a measurement's name. */
    String key() {
        return String.join("|", baseType, quantization.label(), "r" + rank, String.join("+", targets),
                dora ? "dora" : "lora", "l" + topLayers, "b" + packTokens, "s" + sampleTokens, memoryTier.label(),
                "t" + threads);
    }

    /** What {@code luthier probe} is told about it; what is built into the probe is left out. */
    List<String> probeArguments() {
        List<String> arguments = new ArrayList<>(List.of("--type", baseType, "--rank", String.valueOf(rank),
                "--micro-batch-tokens", String.valueOf(packTokens), "--sample-tokens", String.valueOf(sampleTokens),
                "--memory-tier", memoryTier.label(), "--threads", String.valueOf(threads)));
        if (!targets.equals(RunSpec.Lora.LINEAR_LAYERS)) {
            arguments.addAll(List.of("--targets", String.join(",", targets)));
        }
        if (dora) {
            arguments.add("--dora");
        }
        if (topLayers > 0) {
            arguments.addAll(List.of("--top-layers", String.valueOf(topLayers)));
        }
        if (quantization != Quantization.NONE) {
            arguments.addAll(List.of("--quantization", quantization.label()));
        }
        return arguments;
    }
}
