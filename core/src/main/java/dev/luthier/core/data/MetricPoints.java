package dev.luthier.core.data;

/**
 * The steps after which a run measures itself, on its validation samples too if it has any: as many as are asked for,
 * evenly over the run, or every 10 % of progress, at least 10 steps apart; the ends of epochs; and the last step.
 *
 * @param steps of the run
 * @param stepsPerEpoch see {@link TrainingLength#stepsPerEpoch}; a whole number
 * @param evaluations that are asked for; 0 for every 10 %
 */
public record MetricPoints(int steps, double stepsPerEpoch, int evaluations) {
    private static final int SMALLEST_DISTANCE = 10;

    /** How many there are. */
    public int count() {
        int count = (int) (steps / stepsPerEpoch) + (endsEpoch(steps) ? 0 : 1);
        if (evaluations > 0) {
            for (int i = 1; i < Math.min(evaluations, steps); i++) {
                count += endsEpoch(evaluation(i)) ? 0 : 1;
            }
            return count;
        }
        for (long step = distance(); step <= steps - SMALLEST_DISTANCE; step += distance()) {
            count += endsEpoch(step) ? 0 : 1;
        }
        return count;
    }

    /** @param step from 1 */
    public boolean isAt(int step) {
        return step == steps || endsEpoch(step) || (evaluations > 0
                ? isEvaluation(step)
                : step % distance() == 0 && steps - step >= SMALLEST_DISTANCE);
    }

    /** The step of an evaluation, from 1. */
    private long evaluation(long number) {
        long all = Math.min(evaluations, steps);
        return (number * steps + all - 1) / all;
    }

    private boolean isEvaluation(int step) {
        return evaluation((long) step * Math.min(evaluations, steps) / steps) == step;
    }

    /** Whether an epoch is complete after a step, from 1. */
    public boolean endsEpoch(long step) {
        return step % stepsPerEpoch == 0;
    }

    private long distance() {
        return Math.max(SMALLEST_DISTANCE, (steps + 9L) / 10);
    }
}
