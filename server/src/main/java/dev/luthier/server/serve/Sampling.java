package dev.luthier.server.serve;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a worker chooses tokens.
 *
 * @param temperature 0 for the most likely token
 * @param topP greater than 0, at most 1
 * @param topK 0 for all tokens
 * @param seed null for a random one
 * @param logitBias -100 to 100 by token id, added to the logits
 * @param repetitionPenalty 0.01 to 100; 1 for none
 */
public record Sampling(double temperature, double topP, int topK, double presencePenalty, double frequencyPenalty,
        @Nullable Long seed, Map<Integer, Double> logitBias, double repetitionPenalty) {
    public Sampling {
        logitBias = Map.copyOf(logitBias);
    }
}
