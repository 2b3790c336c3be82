package dev.luthier.engine.probe;

import dev.luthier.core.plan.StepCosts;
import dev.luthier.engine.decoder.Pack;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.train.LoraModel;
import java.util.Arrays;
import java.util.List;

/**
 * Measures steps on full micro-batches of the longest samples, and splits their time into the parts that grow with data:
 * three kinds of packs give three equations. With n tokens, m of them targets, and p the sum over samples of the squared
 * length, a micro-batch takes {@code n x secondsPerToken + m x secondsPerTarget + p x secondsPerPair}.
 */
final class StepProbe {
    private static final int ROUNDS = 3;
    /** How much shorter the short samples are. */
    private static final int SHORTER = 4;
    private static final int SHORTEST = 8;

    private StepProbe() {}

    /**
     * Takes over the model.
     *
     * @param packTokens of a micro-batch
     * @param sampleTokens of the longest samples, at least 2 and at most {@code packTokens}
     */
    static StepCosts measure(LoraModel model, int packTokens, int sampleTokens, ProbeProgress progress) {
        int vocabulary = model.base().config().vocabSize();
        int samples = packTokens / sampleTokens;
        int shortTokens = shortLength(sampleTokens);
        int shortSamples = packTokens / shortTokens;
        Pack full = SyntheticPacks.of(vocabulary, samples, sampleTokens, sampleTokens - 1);
        Pack untargeted = SyntheticPacks.of(vocabulary, samples, sampleTokens, 1);
        Pack fine = SyntheticPacks.of(vocabulary, shortSamples, shortTokens, 1);
        try (SyntheticStep step = new SyntheticStep(model)) {
            double[] seconds = inTurn(List.of(() -> step.forwardBackward(full), () -> step.forwardBackward(untargeted),
                    () -> step.forwardBackward(fine), step::update, () -> step.evaluate(full),
                    () -> step.runLowerLayers(untargeted)), progress);
            double perTarget = sampleTokens > 2 // else both packs have the same targets
                    ? Math.max(0, seconds[0] - seconds[1]) / (samples * (sampleTokens - 2.0))
                    : 0;
            // A token takes secondsPerToken and, of samples of one length, that length x secondsPerPair.
            double ofLong = (seconds[1] / samples - perTarget) / sampleTokens;
            double ofShort = (seconds[2] / shortSamples - perTarget) / shortTokens;
            double perPair = sampleTokens == shortTokens
                    ? 0
                    : Math.max(0, ofLong - ofShort) / (sampleTokens - shortTokens);
            return new StepCosts(ofLong - sampleTokens * perPair, perTarget, perPair, seconds[3],
                    seconds[4] / seconds[0], step.hasLowerLayers() ? seconds[5] / seconds[1] : 0);
        }
    }

    /** An odd number, so that these samples begin anywhere among the blocks of attention, as those of real data do. */
    private static int shortLength(int sampleTokens) {
        return Math.max(Math.min(SHORTEST, sampleTokens), (sampleTokens / SHORTER - 1) | 1);
    }

    /** Median times, after a round that is not counted: it makes buffers and compiles kernels. */
    private static double[] inTurn(List<Runnable> works, ProbeProgress progress) {
        double[][] seconds = new double[works.size()][ROUNDS];
        for (int round = -1; round < ROUNDS; round++) {
            for (int work = 0; work < works.size(); work++) {
                progress.show("measurement " + (works.size() * (round + 1) + work + 1) + " of "
                        + works.size() * (ROUNDS + 1));
                Libtorch.synchronize();
                long start = System.nanoTime();
                works.get(work).run();
                Libtorch.synchronize();
                if (round >= 0) {
                    seconds[work][round] = (System.nanoTime() - start) / 1e9;
                }
            }
        }
        return Arrays.stream(seconds).mapToDouble(times -> {
            Arrays.sort(times);
            return times[ROUNDS / 2];
        }).toArray();
    }
}
