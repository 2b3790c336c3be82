package dev.luthier.engine.probe;

import dev.luthier.engine.decoder.Pack;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.ResidentMemory;
import dev.luthier.engine.train.LoraModel;

/**
 * Measures steps on full micro-batches of the longest samples, and splits their time into the parts that grow with data:
 * three kinds of packs give three equations. With n tokens, m of them targets, and p the sum over samples of the squared
 * length, a micro-batch takes {@code n x secondsPerToken + m x secondsPerTarget + p x secondsPerPair}.
 */
final class StepProbe {
    private static final int REPETITIONS = 2;
    /** How much shorter the short samples are. */
    private static final int SHORTER = 4;
    private static final int SHORTEST = 8;

    private StepProbe() {}

    /**
     * What was measured.
     *
     * @param secondsPerToken of forward and backward, without the parts below
     * @param secondsPerTarget of the head, for a token that counts in the loss
     * @param secondsPerPair of attention, for a pair of tokens of a sample
     * @param secondsPerUpdate of an optimizer step, micro-batches apart
     * @param peakBytes most memory of the process that lay in RAM
     */
    record Times(double secondsPerToken, double secondsPerTarget, double secondsPerPair, double secondsPerUpdate,
            long peakBytes) {}

    /**
     * Takes over the model.
     *
     * @param packTokens of a micro-batch
     * @param sampleTokens of the longest samples, at least 2 and at most {@code packTokens}
     */
    static Times measure(LoraModel model, int packTokens, int sampleTokens) {
        int vocabulary = model.base().config().vocabSize();
        int samples = packTokens / sampleTokens;
        int tokens = samples * sampleTokens;
        int shortTokens = Math.max(Math.min(SHORTEST, sampleTokens), sampleTokens / SHORTER);
        Pack full = SyntheticPacks.of(vocabulary, samples, sampleTokens, sampleTokens - 1);
        Pack untargeted = SyntheticPacks.of(vocabulary, samples, sampleTokens, 1);
        int shortSamples = tokens / shortTokens;
        Pack fine = SyntheticPacks.of(vocabulary, shortSamples, shortTokens, 1);
        try (SyntheticStep step = new SyntheticStep(model)) {
            step.forwardBackward(full); // allocates buffers and compiles kernels
            step.update();
            double update = seconds(step::update);
            double fullSeconds = seconds(() -> step.forwardBackward(full));
            double untargetedSeconds = seconds(() -> step.forwardBackward(untargeted));
            double fineSeconds = seconds(() -> step.forwardBackward(fine));
            double perTarget = sampleTokens > 2 // else both packs have the same targets
                    ? Math.max(0, fullSeconds - untargetedSeconds) / (samples * (sampleTokens - 2.0))
                    : 0;
            double pairs = (double) samples * sampleTokens * sampleTokens;
            double finePairs = (double) shortSamples * shortTokens * shortTokens;
            double perPair = pairs == finePairs
                    ? 0
                    : Math.max(0, untargetedSeconds - fineSeconds) / (pairs - finePairs);
            double perToken = (untargetedSeconds - samples * perTarget - pairs * perPair) / tokens;
            return new Times(perToken, perTarget, perPair, update, ResidentMemory.peakBytes());
        }
    }

    /** Mean over the repetitions. */
    private static double seconds(Runnable work) {
        work.run();
        Libtorch.synchronize();
        long start = System.nanoTime();
        for (int i = 0; i < REPETITIONS; i++) {
            work.run();
        }
        Libtorch.synchronize();
        return (System.nanoTime() - start) / 1e9 / REPETITIONS;
    }
}
