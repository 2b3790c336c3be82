package dev.luthier.core.data;

import org.jspecify.annotations.Nullable;

/**
 * How long a training is: optimizer steps and what they amount to. Steps and epochs are two ways to say the same; when
 * both are asked for, steps win; when neither is, it is one epoch.
 *
 * <p>Every step has {@code samplesPerStep} samples. So that each sample is seen at least as often as the epochs ask,
 * steps are rounded up; what the last step has left over begins the next epoch.
 *
 * @param steps optimizer steps, at least 1
 * @param samplesPerStep samples of one optimizer step, at least 1
 * @param epochs passes over the data that the steps make; the number asked for when epochs decided
 * @param tokensPerStep tokens of a step, on average, rounded
 * @param trainTokens tokens of all steps, expected: the average sample's length times the samples visited
 */
public record TrainingPlan(int steps, int samplesPerStep, double epochs, long tokensPerStep, long trainTokens) {

    /**
     * Plans a training.
     *
     * @param data what an epoch has
     * @param samplesPerStep at least 1
     * @param steps asked for, at least 1, or null
     * @param epochs asked for, greater than 0, or null
     * @throws ArithmeticException if the epochs amount to more than 2147483647 steps
     */
    public static TrainingPlan of(EpochSize data, int samplesPerStep, @Nullable Integer steps,
            @Nullable Double epochs) {
        if (samplesPerStep < 1 || (steps != null && steps < 1) || (epochs != null && !(epochs > 0))) {
            throw new IllegalArgumentException("samplesPerStep " + samplesPerStep + ", steps " + steps + ", epochs "
                    + epochs + " must be greater than 0");
        }
        double asked = epochs == null ? 1 : epochs;
        int resolved = steps != null ? steps : stepsOf(asked, data.samples(), samplesPerStep);
        double visited = (double) resolved * samplesPerStep;
        double tokensPerSample = data.tokens() / data.samples();
        return new TrainingPlan(resolved, samplesPerStep, steps != null ? visited / data.samples() : asked,
                Math.round(samplesPerStep * tokensPerSample), Math.round(visited * tokensPerSample));
    }

    /* A hair's breadth above a whole number is rounding of the product, not a further step. */
    private static int stepsOf(double epochs, double samplesPerEpoch, int samplesPerStep) {
        double exact = epochs * samplesPerEpoch / samplesPerStep;
        return Math.toIntExact((long) Math.max(1, Math.ceil(exact * (1 - 1e-12))));
    }
}
