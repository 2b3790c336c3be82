package dev.luthier.server.serve;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a request wants to be answered, without its dialect.
 *
 * @param maxTokens at least 0, or null for as many as the context holds
 * @param temperature null for what the model recommends, as with {@code topP}
 * @param usualTemperature the dialect's, for a model that recommends none
 * @param seed of the first choice; choice i has seed + i; null for random ones
 * @param logitBias -100 to 100 by token id
 * @param stops strings at which the answer ends; they are not part of it
 * @param choices how many answers, at least 1
 * @param logprobs how many alternatives to report with each token's log-probability; null reports none at all
 */
public record AnswerOptions(@Nullable Integer maxTokens, @Nullable Double temperature, @Nullable Double topP,
        double usualTemperature, double presencePenalty, double frequencyPenalty, @Nullable Long seed,
        Map<Integer, Double> logitBias, List<String> stops, int choices, @Nullable Integer logprobs) {
    public AnswerOptions {
        logitBias = Map.copyOf(logitBias);
        stops = List.copyOf(stops);
    }
}
