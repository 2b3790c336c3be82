package dev.luthier.engine.decoder;

/**
 * Factors of the per-token cross-entropy gradients. Supervised, preference and reward-based training differ only in these.
 * Legend: N target tokens of a pack.
 */
public sealed interface TokenFactors {

    /**
     * Loss weights divided by a normalizer: the gradient of the weighted mean over a step.
     *
     * @param normalizer sum of the loss weights of all packs of the optimizer step
     */
    record ByWeight(double normalizer) implements TokenFactors {}

    /** Factors computed from the losses of the whole pack. */
    @FunctionalInterface
    non-sealed interface ByLoss extends TokenFactors {
        /**
         * The factors.
         *
         * @param losses [N], in the order of the targets
         * @return [N]
         */
        float[] of(TargetLosses losses);
    }
}
