package dev.luthier.engine.decoder;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What training changes, and where its gradients go. */
public sealed interface Trainable {

    /**
     * Low-rank terms over a frozen model.
     *
     * @param layers per layer, per projection in the order of {@link LayerWeights#projections}
     */
    record Adapters(List<List<Adapted>> layers) implements Trainable {
        public Adapters {
            layers = layers.stream().map(List::copyOf).toList();
        }

        /** The lowest layer with a term; gradients are needed from there upwards. */
        int lowestLayer() {
            for (int layer = 0; layer < layers.size(); layer++) {
                if (layers.get(layer).stream().anyMatch(adapted -> adapted.term() != null)) {
                    return layer;
                }
            }
            return layers.size();
        }
    }

    /** A projection's term and its gradients; both null for a projection without one. */
    record Adapted(@Nullable LowRank term, LowRank.@Nullable Gradients gradients) {
        static final Adapted NONE = new Adapted(null, null);

        public Adapted {
            if ((term == null) != (gradients == null)) {
                throw new IllegalArgumentException("a term needs gradients");
            }
        }

        /** A projection that stays as it is. */
        public static Adapted none() {
            return NONE;
        }
    }

    /**
     * Every weight.
     *
     * @param gradients fp32, of the layout of the weights
     */
    record Everything(DecoderWeights gradients) implements Trainable {}
}
