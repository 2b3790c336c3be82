package dev.luthier.engine.generate;

import dev.luthier.core.problem.Problem;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

import org.jspecify.annotations.Nullable;

/**
 * Chooses the tokens of one sequence. Its random state belongs to the sequence alone, so what else is in the batch
 * changes nothing. Not thread-safe.
 */
final class Sampler {
    // Named, so that a seed means the same draws on every release of Java.
    private static final RandomGeneratorFactory<RandomGenerator> GENERATORS = RandomGeneratorFactory
            .of("L64X128MixRandom");

    private final Sampling sampling;
    private final RandomGenerator random;
    private final Map<Integer, Integer> counts = new HashMap<>();
    private final BitSet seen = new BitSet();

    /** @param prompt of the sequence, which the repetition penalty counts too */
    Sampler(Sampling sampling, int[] prompt) {
        this.sampling = sampling;
        this.random = GENERATORS.create(sampling.seed());
        if (sampling.repetitionPenalty() != 1) {
            Arrays.stream(prompt).forEach(seen::set);
        }
    }

    /**
     * Draws one token and remembers it for the penalties.
     *
     * @param logits [V], overwritten
     */
    int next(float[] logits) {
        if (!Float.isFinite(logits[mostLikely(logits)])) {
            throw Problem.internal("not_finite", "The model's logits are not finite numbers: its weights, or those of "
                    + "the adapter, are broken or were trained at too high a rate.").asException();
        }
        sampling.bias().forEach((token, bias) -> logits[token] += bias);
        penalize(logits);
        int token = sampling.temperature() == 0 ? mostLikely(logits) : draw(logits);
        if (sampling.penalizes()) {
            counts.merge(token, 1, Integer::sum);
        }
        if (sampling.repetitionPenalty() != 1) {
            seen.set(token);
        }
        return token;
    }

    private void penalize(float[] logits) {
        float repetition = (float) sampling.repetitionPenalty();
        for (int token = seen.nextSetBit(0); token >= 0; token = seen.nextSetBit(token + 1)) {
            logits[token] = logits[token] > 0 ? logits[token] / repetition : logits[token] * repetition;
        }
        for (Map.Entry<Integer, Integer> entry : counts.entrySet()) {
            logits[entry.getKey()] -= (float) (sampling.presencePenalty()
                    + sampling.frequencyPenalty() * entry.getValue());
        }
    }

    /** The index of the largest logit, the lowest index among equals. */
    static int mostLikely(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    private int draw(float[] logits) {
        double total = exponentiate(logits);
        if (sampling.topK() == 0 && sampling.topP() == 1) {
            return pick(logits, null, logits.length, total);
        }
        // A token below this share cannot be in the nucleus: all such tokens together weigh less than 1 - topP.
        double least = sampling.topK() > 0 ? 0 : total * (1 - sampling.topP()) / logits.length;
        long[] ranked = ranked(logits, least);
        int kept = sampling.topK() > 0 ? Math.min(sampling.topK(), ranked.length) : ranked.length;
        double mass = total;
        if (kept < ranked.length) {
            mass = 0;
            for (int i = 0; i < kept; i++) {
                mass += logits[token(ranked[i])];
            }
        }
        double nucleus = 0;
        int size = 0;
        while (size < kept && (size == 0 || nucleus < sampling.topP() * mass)) {
            nucleus += logits[token(ranked[size++])];
        }
        return pick(logits, ranked, size, nucleus);
    }

    /** Replaces logits by unnormalised probabilities, the largest 1, and returns their sum. */
    private double exponentiate(float[] logits) {
        float largest = logits[mostLikely(logits)];
        double total = 0;
        for (int i = 0; i < logits.length; i++) {
            float weight = (float) Math.exp((logits[i] - largest) / sampling.temperature());
            logits[i] = weight;
            total += weight;
        }
        return total;
    }

    /** Tokens of at least this weight, heaviest first, the lower id first among equals. */
    private static long[] ranked(float[] weights, double least) {
        long[] keys = new long[weights.length];
        int count = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] >= least) {
                // Bits of non-negative floats order as the floats do; negated, so that ascending is heaviest first.
                keys[count++] = -((long) Float.floatToRawIntBits(weights[i]) << 32) + i;
            }
        }
        Arrays.sort(keys, 0, count);
        return Arrays.copyOf(keys, count);
    }

    private static int token(long rankedKey) {
        return (int) rankedKey;
    }

    private int pick(float[] weights, long @Nullable [] ranked, int size, double total) {
        double left = random.nextDouble() * total;
        int last = 0;
        for (int i = 0; i < size; i++) {
            int token = ranked == null ? i : token(ranked[i]);
            if (weights[token] > 0) {
                last = token;
                left -= weights[token];
                if (left < 0) {
                    return token;
                }
            }
        }
        return last; // rounding left a little mass over
    }
}
