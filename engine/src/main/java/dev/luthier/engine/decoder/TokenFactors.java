package dev.luthier.engine.decoder;

/**
 * What each target token's cross-entropy is multiplied by in a gradient: all that tells supervised training and training
 * by preferences or rewards apart, as far as the model is concerned. Legend: N target tokens of a pack.
 */
public sealed interface TokenFactors {

    /**
     * The loss weights of the tokens, divided by a number: the mean over the tokens of a step.
     *
     * @param normalizer sum of the loss weights of all packs of the optimizer step
     */
    record ByWeight(double normalizer) implements TokenFactors {}

    /** Factors that follow from what the model says of the pack. */
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
