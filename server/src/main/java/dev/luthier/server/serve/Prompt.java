package dev.luthier.server.serve;

import java.util.List;

/**
 * A request's text as tokens, ready to be answered.
 *
 * @param modelName as the caller wrote it
 * @param field the request's field that the text comes from, which faults name
 * @param mayCallTools whether calls are to be looked for in the answer
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Prompt(String modelName, Target target, int[] tokens, String field, boolean mayCallTools,
        AnswerOptions options) {

    /** The tokens with their texts, none of them with a log-probability. */
    public List<ScoredToken> unscored() {
        return target.unscored(tokens);
    }

    /** Tells models, adapters and their versions apart. */
    public String fingerprint() {
        return target.fingerprint();
    }
}
