package dev.luthier.server.job;

import dev.luthier.core.run.MemoryTier;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a job comes to once its data was read: every setting resolved, every token counted.
 *
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
 */
public record JobPlan(int steps, double epochs, int samplesPerStep, int maxSampleTokens, int microBatchTokens,
        @Nullable Double learningRate, long trainingSamples, long validationSamples, long skippedSamples,
        long dataTokens, long tokensPerStep,
        long trainTokens, int longestSample, @Nullable Double expectedSeconds, MemoryTier memoryTier,
        @Nullable Long expectedPeakBytes, @Nullable Double expectedStepSeconds, @Nullable TrainingWork work) {

    public JobPlan {
        memoryTier = memoryTier == null ? MemoryTier.KEEP : memoryTier; // plans of earlier versions have none
    }

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

    /** The same plan with what was measured. */
    JobPlan with(StepTimes.Estimate estimate) {
        return new JobPlan(steps, epochs, samplesPerStep, maxSampleTokens, microBatchTokens, learningRate,
                trainingSamples,
                validationSamples, skippedSamples, dataTokens, tokensPerStep, trainTokens, longestSample,
                estimate.seconds(),
                memoryTier, estimate.peakBytes(), estimate.stepSeconds(), work);
    }
}
