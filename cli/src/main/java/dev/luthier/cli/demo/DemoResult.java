package dev.luthier.cli.demo;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What the demo measured; its JSON form is the output of {@code demo --json}. Matches are whole percent, of 100
 * held-out questions each.
 */
record DemoResult(@JsonProperty("base_exact_match") int baseExactMatch,
        @JsonProperty("tuned_exact_match") int tunedExactMatch,
        @JsonProperty("unseen_phrasing_exact_match") int unseenPhrasingExactMatch,
        @JsonProperty("train_seconds") long trainSeconds, String model, int steps,
        @JsonProperty("tokens_per_second") long tokensPerSecond) {

    private static final int REQUIRED_GAIN = 60;

    boolean isSuccess() {
        return tunedExactMatch - baseExactMatch >= REQUIRED_GAIN;
    }
}
