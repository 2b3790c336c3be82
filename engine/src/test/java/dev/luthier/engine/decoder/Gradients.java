package dev.luthier.engine.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;

/** What tests ask of gradients. */
public final class Gradients {

    private Gradients() {}

    /** Cosine at least 0.99999 and no element off by more than 1e-3 of the largest. */
    public static void assertClose(String name, float[] actual, float[] expected) {
        assertThat(actual).as(name).hasSameSizeAs(expected);
        double product = 0;
        double actualSquare = 0;
        double expectedSquare = 0;
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            product += (double) actual[i] * expected[i];
            actualSquare += (double) actual[i] * actual[i];
            expectedSquare += (double) expected[i] * expected[i];
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
        }
        assertThat(largest).as(name).isPositive();
        assertThat(product / Math.sqrt(actualSquare * expectedSquare)).as("cosine of " + name)
                .isGreaterThanOrEqualTo(0.99999);
        assertThat(difference / largest).as("relative error of " + name).isLessThanOrEqualTo(1e-3);
    }

    /** A frozen model. */
    public static Trainable nothing(DecoderWeights weights) {
        return new Trainable.Adapters(Collections.nCopies(weights.layers().size(),
                Collections.nCopies(4, Trainable.Adapted.none())));
    }
}
