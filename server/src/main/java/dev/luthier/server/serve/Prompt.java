package dev.luthier.server.serve;

/**
 * A request's text as tokens, ready to be answered.
 *
 * @param modelName as the caller wrote it
 * @param field the request's field that the text comes from, which faults name
 * @param context the last tokens before the answer, where it goes on with their text; none where it starts one of its own
 * @param mayCallTools whether calls are to be looked for in the answer
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Prompt(String modelName, Target target, int[] tokens, String field, int[] context, boolean mayCallTools,
        AnswerOptions options) {

    /** Tokens that an answer has at most: what the request wants, and the model's context has room for. */
    public int mostAnswerTokens() {
        int room = Math.max(0, target.base().contextTokens() - tokens.length);
        Integer wanted = options.maxTokens();
        return wanted == null ? room : Math.min(wanted, room);
    }

    /** Tells models, adapters and their versions apart. */
    public String fingerprint() {
        return target.fingerprint();
    }
}
