package dev.luthier.engine.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;

/** What tests ask of gradients. */
public final class Gradients {

    private Gradients() {}

    /** Cosine at least 0.99999 and no element off by more than 1e-3 of the largest. */
    public static void assertClose(String name, float[] actual, float[] expected) {
        assertClose(name, actual, expected, largest(expected));
    }

    /**
     * As {@link #assertClose(String, float[], float[])} for some elements of a gradient.
     *
     * @param largest magnitude in the whole gradient
     */
    static void assertClose(String name, float[] actual, float[] expected, double largest) {
        assertThat(actual).as(name).hasSameSizeAs(expected);
        assertThat(largest).as(name).isPositive();
        double product = 0;
        for (int i = 0; i < expected.length; i++) {
            product += (double) actual[i] * expected[i];
        }
        assertThat(product / (norm(actual) * norm(expected))).as("cosine of " + name)
                .isGreaterThanOrEqualTo(0.99999);
        assertThat(difference(actual, expected) / largest).as("relative error of " + name).isLessThanOrEqualTo(1e-3);
    }

    /** Largest difference of two arrays of one length; NaN if one of them holds a NaN. */
    static double difference(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
        }
        return difference;
    }

    /** L2 norm. */
    static double norm(float[] values) {
        double square = 0;
        for (float value : values) {
            square += (double) value * value;
        }
        return Math.sqrt(square);
    }

    /** Largest magnitude. */
    static double largest(float[] values) {
        double largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    /** A frozen model. */
    public static Trainable nothing(DecoderWeights weights) {
        return new Trainable.Adapters(Collections.nCopies(weights.layers().size(),
                Collections.nCopies(4, Trainable.Adapted.none())));
    }
}
