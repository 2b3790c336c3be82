package dev.luthier.server.serve;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a worker is asked to generate.
 *
 * @param prompt token ids, at least one
 * @param promptField the request's field that the prompt comes from, which faults name
 * @param maxTokens at least 1, or null for as many as the context holds
 * @param stopTokens end the generation, beside those of the model
 * @param logprobs how many alternatives to report with each token's log-probability; null reports none at all
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record GenerationSpec(int[] prompt, String promptField, @Nullable Integer maxTokens, Sampling sampling,
        List<Integer> stopTokens, @Nullable Integer logprobs) {
    public GenerationSpec {
        stopTokens = List.copyOf(stopTokens);
    }
}
