package dev.luthier.core.data;

import dev.luthier.core.problem.Problem;

import org.jspecify.annotations.Nullable;

/**
 * How long a training is: optimizer steps, and the passes over the data that they amount to. Steps and epochs are two
 * ways to ask for the same; of both, steps win; of neither, it is one epoch.
 *
 * <p>Every step has the same number of samples. So that each sample is seen at least as often as the epochs ask, steps
 * are rounded up; what the last step has left over begins the next epoch.
 *
 * @param steps optimizer updates, at least 1
 * @param epochs passes over the data: those asked for, or those that the steps asked for make
 */
public record TrainingLength(int steps, double epochs) {

    /**
     * Resolves what was asked for.
     *
     * @param samplesPerEpoch see {@link SampleOrder#samplesPerEpoch}
     * @param samplesPerStep at least 1
     * @param steps at least 1, or null
     * @param epochs greater than 0, or null
     * @throws dev.luthier.core.problem.ProblemException USER, if the epochs come to more than 2147483647 steps
     */
    public static TrainingLength of(double samplesPerEpoch, int samplesPerStep, @Nullable Integer steps,
            @Nullable Double epochs) {
        if (!(samplesPerEpoch > 0) || samplesPerStep < 1 || (steps != null && steps < 1)
                || (epochs != null && !(epochs > 0))) {
            throw new IllegalArgumentException("samplesPerEpoch " + samplesPerEpoch + ", samplesPerStep "
                    + samplesPerStep + ", steps " + steps + ", epochs " + epochs + " must be greater than 0");
        }
        if (steps != null) {
            return new TrainingLength(steps, (double) steps * samplesPerStep / samplesPerEpoch);
        }
        double asked = epochs == null ? 1 : epochs;
        // A hair's breadth above a whole number is rounding of the product, not a further step.
        double exact = Math.ceil(asked * samplesPerEpoch / samplesPerStep * (1 - 1e-12));
        if (exact > Integer.MAX_VALUE) {
            throw Problem.user("invalid_hyperparameters",
                    asked + " epochs come to more than " + Integer.MAX_VALUE + " steps. Give fewer.", "epochs")
                    .asException();
        }
        return new TrainingLength((int) Math.max(1, exact), asked);
    }
}
