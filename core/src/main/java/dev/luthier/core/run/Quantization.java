package dev.luthier.core.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** How the linear layers of a frozen base model lie in memory while they are not computed with. */
public enum Quantization {
    /** As they are, in the type of the base. */
    @JsonProperty("none")
    NONE,
    /**
     * In bf16 while computing in fp32: those of one layer at a time are widened. Half the memory, and the same numbers for a
     * model whose weights are stored in bf16.
     */
    @JsonProperty("bf16")
    BF16,
    /** 4-bit NormalFloat with a scale per block of 64 (QLoRA, arXiv 2305.14314). */
    @JsonProperty("nf4")
    NF4;

    /** The name in settings and files, for example {@code nf4}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
