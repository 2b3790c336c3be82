package dev.luthier.server.job;

import dev.luthier.core.run.MemoryTier;
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
 */
public record JobPlan(int steps, double epochs, int samplesPerStep, int maxSampleTokens, int microBatchTokens,
        @Nullable Double learningRate, long trainingSamples, long validationSamples, long skippedSamples,
        long dataTokens, long tokensPerStep,
        long trainTokens, int longestSample, @Nullable Double expectedSeconds, MemoryTier memoryTier) {

    public JobPlan {
        memoryTier = memoryTier == null ? MemoryTier.KEEP : memoryTier; // plans of earlier versions have none
    }

    /** The same plan with a duration. */
    public JobPlan withExpectedSeconds(double seconds) {
        return new JobPlan(steps, epochs, samplesPerStep, maxSampleTokens, microBatchTokens, learningRate,
                trainingSamples,
                validationSamples, skippedSamples, dataTokens, tokensPerStep, trainTokens, longestSample, seconds,
                memoryTier);
    }
}
