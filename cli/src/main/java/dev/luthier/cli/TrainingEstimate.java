package dev.luthier.cli;

import dev.luthier.core.data.SampleOrder;
import dev.luthier.core.data.TrainingLength;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.plan.MachineMemory;
import dev.luthier.core.plan.MemoryPlanner;
import dev.luthier.core.plan.PackLengths;
import dev.luthier.core.plan.ProbeReport;
import dev.luthier.core.plan.SampleWork;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.TrainingDefaults;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a training on this machine would take, as a job does that leaves all settings of the training to a server without
 * any: LoRA of the {@link TrainingDefaults} on all linear layers, in the number type that suits this machine.
 *
 * @param baseType that the training computes in: {@code bf16} or {@code fp32}
 * @param packTokens tokens that pass through the model at once; 0 when it does not fit
 * @param memoryTier null when it does not fit
 * @param expectedPeakMemoryBytes null when it does not fit
 * @param samplesPerStep {@value TrainingDefaults#SAMPLES_PER_STEP}, of preference pairs half as many, or all samples of a
 *     smaller file
 * @param expectedStepSeconds null when no steps were measured
 * @param expectedEpochSeconds null when no steps were measured
 * @param problem why it does not fit, and what would; null when it does
 */
record TrainingEstimate(String baseType, int packTokens, @Nullable String memoryTier,
        @Nullable Long expectedPeakMemoryBytes,
        int samplesPerStep,
        @Nullable Double expectedStepSeconds, @Nullable Double expectedEpochSeconds, @Nullable String problem) {
    /**
     * Plans the memory.
     *
     * @param lengths tokens of each valid sample, of at least one
     * @param longestSequence tokens
     * @param sequences of each sample
     */
    static TrainingEstimate plan(ModelDirectory model, String baseType, int[] lengths, int longestSequence,
            int sequences) {
        MemoryPlanner planner = new MemoryPlanner(model.config(),
                new MemoryPlanner.Longest(longestSequence, Arrays.stream(lengths).max().orElseThrow()),
                MachineMemory.forEachOf(1, ComputeDevice.CPU), true, baseType.equals("fp32") && model.hasBf16Layers());
        int perStep = Math.min(TrainingDefaults.SAMPLES_PER_STEP / sequences, lengths.length);
        SampleOrder order = new SampleOrder(List.of(new SampleOrder.Source(lengths.length, 1)), 0);
        try {
            MemoryPlanner.Choice choice = planner.choose(
                    RunSpec.Lora.plain(TrainingDefaults.RANK, TrainingDefaults.ALPHA, RunSpec.Lora.LINEAR_LAYERS),
                    RunSpec.Numerics.plain(baseType, 1), null,
                    PackLengths.suiting(baseType, order, visit -> lengths[visit.sample()], perStep));
            return new TrainingEstimate(baseType, choice.packTokens(), choice.tier().label(), choice.peakBytes(),
                    perStep, null, null, null);
        } catch (ProblemException e) {
            return new TrainingEstimate(baseType, 0, null, null, perStep, null, null, e.problem().message());
        }
    }

    /**
     * The same with the time that steps take.
     *
     * @param samples valid samples
     * @param work of all of them
     */
    TrainingEstimate timed(ProbeReport probed, long samples, SampleWork work) {
        double step = probed.costs().training(work) * samplesPerStep / samples + probed.costs().secondsPerUpdate();
        return new TrainingEstimate(baseType, packTokens, memoryTier, expectedPeakMemoryBytes, samplesPerStep, step,
                step * TrainingLength.stepsPerEpoch((double) samples, samplesPerStep), problem);
    }

    /** Sentences for people. */
    String describe() {
        if (expectedPeakMemoryBytes == null) {
            return String.valueOf(problem);
        }
        String memory = String.format(Locale.ROOT, "training in %s with rank %d in packs of %d tokens takes about"
                + " %.2f GB of memory (memory_tier %s)", baseType, TrainingDefaults.RANK, packTokens,
                expectedPeakMemoryBytes / 1e9, memoryTier);
        if (expectedStepSeconds == null || expectedEpochSeconds == null) {
            return memory + "; --probe measures its steps";
        }
        return memory + String.format(Locale.ROOT, ", %.2f s for a step of %d %s, %.0f s for an epoch",
                expectedStepSeconds, samplesPerStep, samplesPerStep == 1 ? "sample" : "samples",
                Math.ceil(expectedEpochSeconds));
    }
}
