package dev.luthier.engine.train;

import dev.luthier.core.run.Task;

/**
 * The loss of one preference pair (arXiv 2305.18290): {@code softplus(-beta D)} with
 * {@code D = (c - c0) - (r - r0)}, where c and r are the log-probabilities of the preferred and the rejected answer, and
 * c0 and r0 those under the reference; each divided by its answer's tokens if lengths are normalised. In double
 * throughout.
 *
 * @param chosen reward of the preferred answer, {@code beta (c - c0)}
 * @param rejected reward of the other answer, {@code beta (r - r0)}
 * @param chosenFactor derivative of the loss by the cross-entropy of a token of the preferred answer
 * @param rejectedFactor that of a token of the other answer; negative
 */
record PairLoss(double chosen, double rejected, double chosenFactor, double rejectedFactor) {

    /**
     * An answer of a pair.
     *
     * @param loss sum of its tokens' cross-entropies, in nats
     * @param reference the same under the reference
     * @param tokens of the answer, at least 1
     */
    record Answer(double loss, double reference, int tokens) {}

    static PairLoss of(Task.Preference task, Answer preferred, Answer other) {
        double chosenScale = task.beta() / (task.lengthNormalized() ? preferred.tokens() : 1);
        double rejectedScale = task.beta() / (task.lengthNormalized() ? other.tokens() : 1);
        double chosen = chosenScale * (preferred.reference() - preferred.loss());
        double rejected = rejectedScale * (other.reference() - other.loss());
        double slope = 1 / (1 + Math.exp(chosen - rejected)); // sigmoid(-beta D)
        return new PairLoss(chosen, rejected, chosenScale * slope, -rejectedScale * slope);
    }

    /** How much more the preferred answer's reward is: {@code beta D}. */
    double margin() {
        return chosen - rejected;
    }

    /** {@code softplus(-margin)}, without overflow. */
    double value() {
        return Math.log1p(Math.exp(-Math.abs(margin()))) + Math.max(0, -margin());
    }
}
