package dev.luthier.core.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** How much of a forward pass is kept for the backward pass. Each tier needs less memory and more time than the one before. */
public enum MemoryTier {
    /** Every result that backward reads is kept; of attention in long samples, a part. */
    @JsonProperty("keep")
    KEEP,
    /** Normalised rows and attention probabilities are computed again; results of matrix products are kept. */
    @JsonProperty("recompute_elementwise")
    RECOMPUTE_ELEMENTWISE,
    /** Only the input of each layer is kept; the layer runs forward a second time before its backward. */
    @JsonProperty("recompute_layers")
    RECOMPUTE_LAYERS;

    /** The name in settings and files, for example {@code recompute_layers}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
