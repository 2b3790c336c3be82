package dev.luthier.engine.train;

import java.util.stream.IntStream;

/**
 * The steps after which validation is measured, apart from the ends of epochs: every 10 % of progress, at least 10
 * steps apart, and the last step.
 *
 * @param steps of the run
 */
record MetricPoints(int steps) {
    private static final int SMALLEST_DISTANCE = 10;

    /** How many there are. */
    int count() {
        return (int) IntStream.rangeClosed(1, steps).filter(this::isAt).count();
    }

    boolean isAt(int step) {
        int distance = Math.max(SMALLEST_DISTANCE, (steps + 9) / 10);
        return step == steps || (step % distance == 0 && steps - step >= SMALLEST_DISTANCE);
    }
}
