package dev.luthier.core.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** What a run computes on. */
public enum ComputeDevice {
    @JsonProperty("cpu")
    CPU,
    /** The first GPU that the process sees. */
    @JsonProperty("cuda")
    CUDA;

    /** The name in settings and files, for example {@code cuda}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
