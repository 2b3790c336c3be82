package dev.luthier.engine.train;

import dev.luthier.core.run.Task;
import java.util.List;

/**
 * The loss of one target of a classifier on one sample, in double throughout. {@code single_class}: cross-entropy of the
 * softmax with equal shares of the labels that hold. {@code multi_class}: mean over the labels of the binary cross-entropy
 * of the sigmoid.
 *
 * @param value in nats
 * @param gradient by the scores, one per label
 * @param correct whether the most probable label holds; of multi_class, whether just those labels hold whose probability
 *     is above a half
 */
@SuppressWarnings("ArrayRecordComponent") // read at once, never compared
record TargetLoss(double value, double[] gradient, boolean correct) {

    /**
     * @param scores one per label
     * @param labels indices of those that hold; of single_class at least one
     */
    static TargetLoss of(Task.LossFunction function, double[] scores, List<Integer> labels) {
        return switch (function) {
            case SINGLE_CLASS -> singleClass(scores, labels);
            case MULTI_CLASS -> multiClass(scores, labels);
        };
    }

    private static TargetLoss singleClass(double[] scores, List<Integer> labels) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            best = scores[i] > scores[best] ? i : best;
        }
        double sum = 0;
        for (double score : scores) {
            sum += Math.exp(score - scores[best]);
        }
        double logSum = scores[best] + Math.log(sum);
        double[] gradient = new double[scores.length];
        for (int i = 0; i < scores.length; i++) {
            gradient[i] = Math.exp(scores[i] - logSum);
        }
        double share = 1.0 / labels.size();
        double value = 0;
        for (int label : labels) {
            value += share * (logSum - scores[label]);
            gradient[label] -= share;
        }
        return new TargetLoss(value, gradient, labels.contains(best));
    }

    private static TargetLoss multiClass(double[] scores, List<Integer> labels) {
        double value = 0;
        boolean correct = true;
        double[] gradient = new double[scores.length];
        for (int i = 0; i < scores.length; i++) {
            boolean holds = labels.contains(i);
            double wrong = holds ? -scores[i] : scores[i]; // the score of what does not hold
            value += Math.log1p(Math.exp(-Math.abs(wrong))) + Math.max(0, wrong);
            gradient[i] = (holds ? -1 : 1) / (1 + Math.exp(-wrong)) / scores.length;
            correct &= holds == scores[i] > 0;
        }
        return new TargetLoss(value / scores.length, gradient, correct);
    }
}
