package dev.luthier.core.data;

/**
 * The steps after which a run measures itself, on its validation samples too if it has any: every 10 % of progress, at
 * least 10 steps apart, the ends of epochs, and the last step.
 *
 * @param steps of the run
 * @param stepsPerEpoch see {@link TrainingLength#stepsPerEpoch}; a whole number
 */
public record MetricPoints(int steps, double stepsPerEpoch) {
    private static final int SMALLEST_DISTANCE = 10;

    /** How many there are. */
    public int count() {
        int count = (int) (steps / stepsPerEpoch) + (endsEpoch(steps) ? 0 : 1);
        for (long step = distance(); step <= steps - SMALLEST_DISTANCE; step += distance()) {
            count += endsEpoch(step) ? 0 : 1;
        }
        return count;
    }

    /** @param step from 1 */
    public boolean isAt(int step) {
        return step == steps || endsEpoch(step) || (step % distance() == 0 && steps - step >= SMALLEST_DISTANCE);
    }

    /** Whether an epoch is complete after a step, from 1. */
    public boolean endsEpoch(long step) {
        return step % stepsPerEpoch == 0;
    }

    private long distance() {
        return Math.max(SMALLEST_DISTANCE, (steps + 9L) / 10);
    }
}
