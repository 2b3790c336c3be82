package dev.luthier.engine.train;

/** How often what has a probability holds: the expected calibration error over bins of equal width (arXiv 1706.04599). */
final class ReliabilityBins {
    private static final int BINS = 15;

    private final double[] probabilities = new double[BINS];
    private final int[] holding = new int[BINS];
    private int count;

    /** @param probability that something holds, 0 to 1 */
    void add(double probability, boolean holds) {
        int bin = Math.min(BINS - 1, (int) (probability * BINS));
        probabilities[bin] += probability;
        holding[bin] += holds ? 1 : 0;
        count++;
    }

    /** Mean distance of probability and frequency, each bin by what it holds; 0 to 1. */
    double expectedError() {
        double sum = 0;
        for (int bin = 0; bin < BINS; bin++) {
            sum += Math.abs(probabilities[bin] - holding[bin]);
        }
        return sum / count;
    }
}
