package dev.luthier.engine.train;

/**
 * A mean that more may be added to.
 *
 * @param sum of the values, each by its weight
 * @param weight of all values
 */
public record Mean(double sum, double weight) {
    public static final Mean NONE = new Mean(0, 0);

    /** The mean of both. */
    public Mean plus(Mean other) {
        return new Mean(sum + other.sum, weight + other.weight);
    }

    /** NaN while there is nothing to be the mean of. */
    public double value() {
        return sum / weight;
    }
}
