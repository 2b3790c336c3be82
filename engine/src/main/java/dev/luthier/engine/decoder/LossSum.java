package dev.luthier.engine.decoder;

/**
 * Cross-entropy of one or several packs.
 *
 * @param weightedLoss sum over target tokens of loss weight x loss, in nats
 * @param weight sum of the loss weights
 * @param targets target tokens
 * @param correct target tokens that are more probable than every other token
 */
public record LossSum(double weightedLoss, double weight, long targets, long correct) {

    public static final LossSum ZERO = new LossSum(0, 0, 0, 0);

    /** Of the targets of a pack, by their loss weights. */
    static LossSum of(Pack pack, TargetLosses losses) {
        double loss = 0;
        double weight = 0;
        long correct = 0;
        for (int i = 0; i < pack.targets(); i++) {
            loss += pack.targetWeights()[i] * losses.loss(i);
            weight += pack.targetWeights()[i];
            correct += losses.isCorrect(i) ? 1 : 0;
        }
        return new LossSum(loss, weight, pack.targets(), correct);
    }

    public LossSum plus(LossSum other) {
        return new LossSum(weightedLoss + other.weightedLoss, weight + other.weight, targets + other.targets,
                correct + other.correct);
    }

    /** Mean loss in nats per target token. */
    public double meanLoss() {
        return weightedLoss / weight;
    }

    /** Share of target tokens predicted right, 0 to 1. */
    public double accuracy() {
        return (double) correct / targets;
    }
}
