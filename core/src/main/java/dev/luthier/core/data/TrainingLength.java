package dev.luthier.core.data;

import dev.luthier.core.problem.Problem;

import org.jspecify.annotations.Nullable;

/**
 * How long a training is: optimizer steps, and the passes over the data that they amount to. Steps and epochs are two
 * ways to ask for the same; of both, steps win; of neither, it is one epoch.
 *
 * <p>Every step has the same number of samples, and an epoch has whole steps: as many as it takes to see every sample.
 * What its last step has left over begins the next pass over the data.
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
        double exact = roundedUp(asked * stepsPerEpoch(samplesPerEpoch, samplesPerStep));
        if (exact > Integer.MAX_VALUE) {
            throw Problem.user("invalid_hyperparameters",
                    asked + " epochs come to more than " + Integer.MAX_VALUE + " steps. Give fewer.", "epochs")
                    .asException();
        }
        return new TrainingLength((int) Math.max(1, exact), asked);
    }

    /** Steps of an epoch: as many as it takes to see every sample. Arguments as for {@link #of}. */
    public static double stepsPerEpoch(double samplesPerEpoch, int samplesPerStep) {
        return Math.max(1, roundedUp(samplesPerEpoch / samplesPerStep));
    }

    /** A hair's breadth above a whole number is rounding of a product, not a further step. */
    private static double roundedUp(double steps) {
        return Math.ceil(steps * (1 - 1e-12));
    }
}
