package dev.luthier.engine.generate;

import dev.luthier.engine.generate.Generation.Logprob;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Log-probabilities read from logits. */
final class Logprobs {

    private Logprobs() {}

    /**
     * @param logits [V], unchanged
     * @param alternatives how many of the most likely tokens to report
     */
    static Logprob of(float[] logits, int token, int alternatives) {
        float largest = logits[Sampler.mostLikely(logits)];
        double total = 0;
        for (float logit : logits) {
            total += Math.exp(logit - largest);
        }
        double logTotal = largest + Math.log(total);
        int rank = 1;
        for (float logit : logits) {
            rank += logit > logits[token] ? 1 : 0;
        }
        return new Logprob(token, logits[token] - logTotal, rank, mostLikely(logits, logTotal, alternatives));
    }

    private static List<Logprob> mostLikely(float[] logits, double logTotal, int count) {
        List<Integer> best = new ArrayList<>(count + 1);
        for (int i = 0; i < logits.length; i++) {
            if (best.size() < count || (count > 0 && logits[i] > logits[best.getLast()])) {
                int at = best.size();
                while (at > 0 && logits[i] > logits[best.get(at - 1)]) {
                    at--;
                }
                best.add(at, i);
                if (best.size() > count) {
                    best.removeLast();
                }
            }
        }
        return IntStream.range(0, best.size())
                .mapToObj(i -> new Logprob(best.get(i), logits[best.get(i)] - logTotal, i + 1, List.of())).toList();
    }
}
