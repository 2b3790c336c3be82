package dev.luthier.server.job;

import dev.luthier.core.plan.Arithmetic;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a job comes to once its data was read: every setting resolved, every token counted.
 *
 * @param task what is learnt
 * @param steps optimizer updates
 * @param epochs passes over the data that the steps make
 * @param learningRate peak rate; null in plans of earlier versions, whose requests say it
 * @param trainingSamples valid samples of all training files
 * @param validationSamples valid samples of all validation files
 * @param skippedSamples faulty samples that are left out
 * @param dataTokens tokens of all valid training samples, each counted once
 * @param tokensPerStep tokens of a step, on average, rounded
 * @param trainTokens tokens of all samples of all steps
 * @param longestSample tokens
 * @param expectedSeconds duration, or null while no probe has measured such a job here
 * @param memoryTier what is kept from the forward to the backward pass
 * @param expectedPeakBytes memory of the trainer: measured, or while no probe has, planned; null in plans of earlier
 *     versions
 * @param expectedStepSeconds duration of a step on average, or null as {@code expectedSeconds}
 * @param work what the duration grows with; null in plans of earlier versions
 * @param arithmetic what the training computes with on this machine; null in plans of earlier versions, whose requests say
 *     it
 */
public record JobPlan(Task task, int steps, double epochs, int samplesPerStep, int maxSampleTokens,
        int microBatchTokens,
        @Nullable Double learningRate, long trainingSamples, long validationSamples, long skippedSamples,
        long dataTokens, long tokensPerStep,
        long trainTokens, int longestSample, @Nullable Double expectedSeconds, MemoryTier memoryTier,
        @Nullable Long expectedPeakBytes, @Nullable Double expectedStepSeconds, @Nullable TrainingWork work,
        @Nullable Arithmetic arithmetic) {

    /** What the job is expected to take of time and memory, as far as it is known, for people and programs. */
    public Map<String, Object> expectations() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("memory_tier", memoryTier.label());
        if (expectedPeakBytes != null) {
            facts.put("expected_peak_memory_bytes", expectedPeakBytes);
        }
        if (expectedStepSeconds != null) {
            facts.put("expected_step_seconds", expectedStepSeconds);
        }
        if (expectedSeconds != null) {
            facts.put("expected_duration_seconds", Math.round(expectedSeconds));
        }
        return facts;
    }

    /** The same for a sentence: {@code 12 seconds, 0.31 for a step, and 1.65 GB of memory (keep)}. */
    public String describeExpectations() {
        List<String> parts = new ArrayList<>();
        if (expectedSeconds != null && expectedStepSeconds != null) {
            parts.add(String.format(Locale.ROOT, "%d seconds, %.2f for a step", (long) Math.ceil(expectedSeconds),
                    expectedStepSeconds));
        }
        if (expectedPeakBytes != null) {
            parts.add(String.format(Locale.ROOT, "%.2f GB of memory (%s)", expectedPeakBytes / 1e9,
                    memoryTier.label()));
        }
        return String.join(", and ", parts);
    }

    /**
     * The same plan with what was measured. A probe has no samples longer than its micro-batches; the memory of a job that
     * has stays as planned.
     */
    JobPlan with(StepTimes.Estimate estimate) {
        return new JobPlan(task, steps, epochs, samplesPerStep, maxSampleTokens, microBatchTokens, learningRate,
                trainingSamples, validationSamples, skippedSamples, dataTokens, tokensPerStep, trainTokens,
                longestSample, estimate.seconds(), memoryTier,
                longestSample > microBatchTokens ? expectedPeakBytes : Long.valueOf(estimate.peakBytes()),
                estimate.stepSeconds(), work, arithmetic);
    }
}
