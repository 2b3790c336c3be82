package dev.luthier.engine.train;

/**
 * The learning rate of each step: linear warm-up to the peak, a plateau, cosine decay to zero.
 *
 * @param peak highest rate
 * @param steps of the whole training
 * @param warmupSteps steps at whose end the peak is reached; 0 starts at the peak
 * @param decaySteps last steps over which the rate falls to zero; {@code steps - warmupSteps} leaves no plateau
 */
public record LearningRate(double peak, int steps, int warmupSteps, int decaySteps) {

    public LearningRate {
        if (warmupSteps < 0 || decaySteps < 0 || warmupSteps + decaySteps > steps) {
            throw new IllegalArgumentException("warm-up of " + warmupSteps + " and decay over " + decaySteps
                    + " steps do not fit into " + steps + " steps");
        }
    }

    /** Warm-up over a share of the steps, then cosine decay: the schedule of fine-tuning. */
    public static LearningRate cosine(double peak, int steps, double warmupFraction) {
        int warmup = (int) Math.min(steps, Math.round(steps * warmupFraction));
        return new LearningRate(peak, steps, warmup, steps - warmup);
    }

    /**
     * The rate of one update.
     *
     * @param step counted from 1
     */
    public double at(int step) {
        if (step <= warmupSteps) {
            return peak * step / warmupSteps;
        }
        int done = step - 1 - (steps - decaySteps);
        return done <= 0 ? peak : peak * 0.5 * (1 + Math.cos(Math.PI * done / decaySteps));
    }
}
