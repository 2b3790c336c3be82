package dev.luthier.engine.generate;

import dev.luthier.core.problem.Problem;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/completions}: vLLM's fields as far as this worker has them. Prompts and answers are token
 * ids; {@code text} is always empty, so {@code return_token_ids} must be true, and {@code skip_special_tokens}, which
 * concerns {@code text}, has nothing to change. Log-probabilities name tokens {@code token_id:N}.
 *
 * @param model the base model's name or a loaded adapter's
 */
record CompletionRequest(String model, Generation.Request generation, boolean stream) {
    private static final Set<String> FIELDS = Set.of("model", "prompt", "max_tokens", "temperature", "top_p", "top_k",
            "seed", "presence_penalty", "frequency_penalty", "repetition_penalty", "stop_token_ids", "ignore_eos",
            "stream",
            "return_token_ids", "return_tokens_as_token_ids", "skip_special_tokens", "logprobs", "prompt_logprobs",
            "logit_bias", "n");

    /** vLLM's default. */
    private static final int DEFAULT_MAX_TOKENS = 16;

    private static final int MOST_LOGPROBS = 20;
    private static final int NONE = Generation.Request.NO_LOGPROBS;

    /**
     * Reads and checks a body.
     *
     * @param baseModel name under which the base model itself is asked for
     * @param vocabSize token ids are below it
     * @param maxContext the prompt must be shorter than it
     */
    static CompletionRequest parse(String body, String baseModel, int vocabSize, int maxContext) {
        RequestFields fields = RequestFields.parse(body, FIELDS);
        String model = fields.string("model");
        int[] prompt = fields.tokens("prompt", vocabSize);
        if (prompt.length == 0) {
            throw RequestFields.invalid("prompt", "must be a list of at least one token id.");
        }
        if (prompt.length >= maxContext) {
            throw Problem.user("context_length_exceeded",
                    "The prompt has " + prompt.length + " tokens, but this model's context is " + maxContext
                            + " tokens, prompt and answer together. Shorten the prompt.",
                    "prompt").asException();
        }
        if (!fields.flag("return_token_ids")) {
            throw RequestFields.invalid("return_token_ids", "must be true: this worker answers with token ids.");
        }
        fields.flag("skip_special_tokens");
        if (fields.has("return_tokens_as_token_ids") && !fields.flag("return_tokens_as_token_ids")) {
            throw RequestFields.invalid("return_tokens_as_token_ids",
                    "must be true: this worker names tokens by their ids.");
        }
        boolean stream = fields.flag("stream");
        int promptLogprobs = fields.integer("prompt_logprobs", 0, MOST_LOGPROBS, NONE);
        if (stream && promptLogprobs != NONE) {
            throw RequestFields.invalid("prompt_logprobs", "is not available when stream is true.");
        }
        fields.integer("n", 1, 1, 1);
        Sampling sampling = new Sampling(fields.number("temperature", 0, 2, 1), topP(fields),
                fields.integer("top_k", 0, Integer.MAX_VALUE, 0), fields.number("presence_penalty", -2, 2, 0),
                fields.number("frequency_penalty", -2, 2, 0),
                fields.has("seed")
                        ? fields.longInteger("seed", Long.MIN_VALUE, Long.MAX_VALUE, 0)
                        : ThreadLocalRandom.current().nextLong(),
                fields.biases("logit_bias", vocabSize), fields.number("repetition_penalty", 0.01, 100, 1));
        Set<Integer> stopTokens = Arrays.stream(fields.tokens("stop_token_ids", vocabSize)).boxed()
                .collect(Collectors.toSet());
        @Nullable
        String adapter = model.equals(baseModel) ? null : model;
        return new CompletionRequest(model,
                new Generation.Request(prompt, adapter,
                        fields.integer("max_tokens", 1, Integer.MAX_VALUE, DEFAULT_MAX_TOKENS), sampling, stopTokens,
                        fields.flag("ignore_eos"), fields.integer("logprobs", 0, MOST_LOGPROBS, NONE), promptLogprobs),
                stream);
    }

    private static double topP(RequestFields fields) {
        double topP = fields.number("top_p", 0, 1, 1);
        if (topP == 0) {
            throw RequestFields.invalid("top_p", "must be greater than 0.");
        }
        return topP;
    }
}
