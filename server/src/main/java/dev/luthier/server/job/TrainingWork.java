package dev.luthier.server.job;

/**
 * What the samples of all steps of a job come to: the measures that its duration grows with.
 *
 * @param tokens of all samples
 * @param targets tokens that count in the loss
 * @param pairs sum of the squared lengths of the samples
 */
public record TrainingWork(long tokens, double targets, double pairs) {

    /** As much work so many times over. */
    TrainingWork times(double factor) {
        return new TrainingWork(Math.round(tokens * factor), targets * factor, pairs * factor);
    }
}
