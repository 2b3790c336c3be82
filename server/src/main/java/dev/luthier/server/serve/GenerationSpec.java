package dev.luthier.server.serve;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a worker is asked to generate.
 *
 * @param prompt token ids, at least one
 * @param maxTokens at least 1, or null for as many as the context holds
 * @param temperature 0 for the most likely token
 * @param topP greater than 0, at most 1
 * @param topK 0 for all tokens
 * @param seed null for a random one
 * @param stopTokens end the generation, beside those of the model
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record GenerationSpec(int[] prompt, @Nullable Integer maxTokens, double temperature, double topP, int topK,
        double presencePenalty, double frequencyPenalty, @Nullable Long seed, List<Integer> stopTokens) {
    public GenerationSpec {
        stopTokens = List.copyOf(stopTokens);
    }
}
