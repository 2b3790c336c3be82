package dev.luthier.core.plan;

/**
 * What training costs on a machine, measured with one model and one set of settings, by what the time grows with.
 *
 * @param secondsPerToken of forward and backward, without the parts below
 * @param secondsPerTarget of the head, for a token that counts in the loss
 * @param secondsPerPair of attention, for a pair of tokens of a sample
 * @param secondsPerUpdate of an optimizer step, its samples apart
 * @param evaluationShare what of a sample's time it takes when it is only evaluated
 * @param lowerShare what of a sample's time without targets the layers below the adapted ones take; 0 without such layers
 */
public record StepCosts(double secondsPerToken, double secondsPerTarget, double secondsPerPair,
        double secondsPerUpdate, double evaluationShare, double lowerShare) {

    /** Seconds of forward and backward. */
    public double training(SampleWork work) {
        return layers(work) + work.targets() * secondsPerTarget;
    }

    /** Seconds of forward alone. */
    public double evaluation(SampleWork work) {
        return evaluationShare * training(work);
    }

    /** Seconds of forward through the layers below the adapted ones. */
    public double lowerLayers(SampleWork work) {
        return lowerShare * layers(work);
    }

    private double layers(SampleWork work) {
        return work.tokens() * secondsPerToken + work.pairs() * secondsPerPair;
    }
}
