package dev.luthier.core.plan;

/**
 * What samples come to: the measures that the time to train on them grows with.
 *
 * @param tokens of all samples
 * @param targets tokens that count in the loss
 * @param pairs sum of the squared lengths of the samples
 */
public record SampleWork(long tokens, double targets, double pairs) {
    public static final SampleWork NONE = new SampleWork(0, 0, 0);

    /** As much work so many times over. */
    public SampleWork times(double factor) {
        return new SampleWork(Math.round(tokens * factor), targets * factor, pairs * factor);
    }

    public SampleWork plus(SampleWork other) {
        return new SampleWork(tokens + other.tokens, targets + other.targets, pairs + other.pairs);
    }
}
