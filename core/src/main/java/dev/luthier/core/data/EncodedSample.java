package dev.luthier.core.data;

import java.util.Arrays;

/**
 * One sample as the trainer sees it: token ids and, for each, whether predicting it counts in the loss.
 *
 * <p>The arrays are shared, not copied: whoever holds a sample only reads them.
 *
 * @param tokens [T] token ids, 0 or more; T is at least 1
 * @param weights [T] loss weight of predicting token {@code i} from the tokens before it: 0 or 1; {@code weights[0]} is
 *     0, since nothing precedes the first token
 */
@SuppressWarnings("ArrayRecordComponent") // Samples are many and large; copies would double the trainer's garbage.
public record EncodedSample(int[] tokens, float[] weights) {

    public EncodedSample {
        if (tokens.length == 0 || tokens.length != weights.length) {
            throw new IllegalArgumentException(
                    "a sample needs as many weights as tokens, and at least one: " + tokens.length + " tokens, "
                            + weights.length + " weights");
        }
        if (weights[0] != 0) {
            throw new IllegalArgumentException("the first token has nothing before it, so its weight must be 0");
        }
    }

    /** Tokens of the sample. */
    public int length() {
        return tokens.length;
    }

    /** Tokens that count in the loss. */
    public int targetTokens() {
        int count = 0;
        for (float weight : weights) {
            if (weight != 0) {
                count++;
            }
        }
        return count;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EncodedSample that && Arrays.equals(tokens, that.tokens)
                && Arrays.equals(weights, that.weights);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(tokens) + Arrays.hashCode(weights);
    }

    @Override
    public String toString() {
        return "EncodedSample[" + length() + " tokens, " + targetTokens() + " targets]";
    }
}
