package dev.luthier.engine.probe;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.engine.decoder.Pack;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Packs of random tokens: the work of real data, without data. */
public final class SyntheticPacks {
    private SyntheticPacks() {}

    /**
     * A pack of equal samples.
     *
     * @param vocabSize tokens are below this
     * @param samples of the pack
     * @param length tokens of a sample, at least 2
     * @param targets tokens of a sample that count in the loss, the last ones, less than {@code length}
     */
    public static Pack of(int vocabSize, int samples, int length, int targets) {
        SplittableRandom random = new SplittableRandom(1);
        List<EncodedSample> pack = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            float[] weights = new float[length];
            Arrays.fill(weights, length - targets, length, 1);
            pack.add(new EncodedSample(random.ints(length, 0, vocabSize).toArray(), weights));
        }
        return Pack.of(pack);
    }
}
