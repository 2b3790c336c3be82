package dev.luthier.server.serve;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A token's log-probability as a worker reports it.
 *
 * @param top log-probabilities of the most likely tokens in its place by id, best first
 */
record TokenScore(int token, double logprob, Map<Integer, Double> top) {

    /** @param reported any order; holds the token itself, which is beside the {@code count} most likely ones */
    static TokenScore of(int token, double logprob, Map<Integer, Double> reported, int count) {
        Map<Integer, Double> top = new LinkedHashMap<>();
        reported.entrySet().stream().sorted(Map.Entry.<Integer, Double>comparingByValue().reversed()).limit(count)
                .forEach(entry -> top.put(entry.getKey(), entry.getValue()));
        return new TokenScore(token, logprob, Collections.unmodifiableMap(top));
    }
}
