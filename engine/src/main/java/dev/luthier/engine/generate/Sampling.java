package dev.luthier.engine.generate;

import java.util.Map;

/**
 * How the next token is chosen from the logits: bias, then penalties, then temperature, then top-k, then top-p.
 *
 * @param temperature 0 (always the most likely token, the lowest id among equals) to 2
 * @param topP share of probability mass kept, greater than 0, at most 1
 * @param topK number of most likely tokens kept; 0 keeps all
 * @param presencePenalty subtracted from the logit of every token already generated, -2 to 2
 * @param frequencyPenalty subtracted once for each time a token was generated, -2 to 2
 * @param seed decides every random draw of the sequence
 * @param bias added to the logits of single tokens, by token id
 * @param repetitionPenalty what the logits of tokens of prompt and answer are divided by if they are positive, and
 *     multiplied by if not (arXiv 1909.05858); greater than 0, 1 for none
 */
record Sampling(double temperature, double topP, int topK, double presencePenalty, double frequencyPenalty, long seed,
        Map<Integer, Float> bias, double repetitionPenalty) {
    Sampling {
        bias = Map.copyOf(bias);
    }

    /** Without bias and repetition penalty. */
    Sampling(double temperature, double topP, int topK, double presencePenalty, double frequencyPenalty, long seed) {
        this(temperature, topP, topK, presencePenalty, frequencyPenalty, seed, Map.of(), 1);
    }

    /** Always the most likely token. */
    static final Sampling GREEDY = new Sampling(0, 1, 0, 0, 0, 0);

    boolean penalizes() {
        return presencePenalty != 0 || frequencyPenalty != 0;
    }
}
