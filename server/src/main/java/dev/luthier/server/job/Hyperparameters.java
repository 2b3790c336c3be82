package dev.luthier.server.job;

import org.jspecify.annotations.Nullable;

/**
 * What a caller decides about training; null is left to the plan.
 *
 * @param steps optimizer updates; wins over {@code epochs}
 * @param epochs passes over the data, greater than 0
 * @param learningRate peak rate, 0 or more; null is what suits the size of the model
 * @param warmupFraction share of the steps at whose end the peak is reached
 * @param maxSampleTokens a longer sample is a fault; null is the base model's context
 * @param samplesPerStep null is the server's setting
 */
public record Hyperparameters(@Nullable Integer steps, @Nullable Double epochs, @Nullable Double learningRate,
        double weightDecay,
        double warmupFraction, @Nullable Integer maxSampleTokens, @Nullable Integer samplesPerStep) {
    /** Mistral documents these three; a request that leaves them out gets them. */
    public static final double LEARNING_RATE = 1e-4;
    public static final double WEIGHT_DECAY = 0.1;
    public static final double WARMUP_FRACTION = 0.05;
}
