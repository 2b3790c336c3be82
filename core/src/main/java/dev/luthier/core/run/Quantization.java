package dev.luthier.core.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** How the linear layers of a frozen base model lie in memory. */
public enum Quantization {
    /** As they are, in the type of the base. */
    @JsonProperty("none")
    NONE,
    /** 4-bit NormalFloat with a scale per block of 64 (QLoRA, arXiv 2305.14314). */
    @JsonProperty("nf4")
    NF4;

    /** The name in settings and files, for example {@code nf4}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
