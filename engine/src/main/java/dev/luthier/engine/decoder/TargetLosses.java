package dev.luthier.engine.decoder;

/**
 * Cross-entropy and top-1 correctness of each target token of a pack, in the order of the samples and their tokens. Filled
 * by the head, then read.
 */
public final class TargetLosses {
    private final double[] losses;
    private final boolean[] correct;

    TargetLosses(int targets) {
        losses = new double[targets];
        correct = new boolean[targets];
    }

    void set(int target, double loss, boolean isCorrect) {
        losses[target] = loss;
        correct[target] = isCorrect;
    }

    /** The cross-entropy of a target in nats, unweighted. */
    public double loss(int target) {
        return losses[target];
    }

    /** Whether it is more probable than every other token. */
    public boolean isCorrect(int target) {
        return correct[target];
    }

    /** The losses of the targets from the first index to before the second, added up. */
    public double sum(int start, int end) {
        double sum = 0;
        for (int i = start; i < end; i++) {
            sum += losses[i];
        }
        return sum;
    }

    /** All losses. */
    double[] losses() {
        return losses;
    }
}
