package dev.luthier.lab.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.model.Architecture;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.model.Rope;
import dev.luthier.core.model.RopeScaling;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.safetensors.TensorType;
import dev.luthier.engine.decoder.LossSum;
import dev.luthier.engine.decoder.Pack;
import dev.luthier.engine.decoder.TrainingDecoder;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CopyHeadsTest {
    private static final int VOCABULARY = 1000;
    private static final ModelConfig SHAPE = new ModelConfig(Architecture.LLAMA, VOCABULARY, 192, 512, 3, 3, 3, 64,
            1e-5,
            new Rope(50_000, new RopeScaling.None()), 256, true, false, false, false, false, Collections.nCopies(3, 0),
            TensorType.BF16, null, List.of(2), 0);

    @BeforeAll
    static void start() {
        Libtorch.start();
    }

    @Test
    void untrainedModelRepeatsWhatItHasSeenOnce() {
        assertThat(accuracyOnRepetitions(true)).isGreaterThan(0.8);
        assertThat(accuracyOnRepetitions(false)).isLessThan(0.1);
    }

    @Test
    void headsNeedTwoLayersAndRoomInTheResidualStream() {
        assertThat(CopyHeads.fit(2, 192, 64)).isTrue();
        assertThat(CopyHeads.fit(1, 192, 64)).isFalse();
        assertThat(CopyHeads.fit(2, 128, 64)).isFalse();
    }

    private static double accuracyOnRepetitions(boolean copyHeads) {
        List<EncodedSample> samples = new ArrayList<>();
        Random random = new Random(11);
        int length = 20;
        for (int i = 0; i < 16; i++) {
            int[] once = random.ints(length, 3, VOCABULARY).distinct().toArray();
            int[] tokens = Arrays.copyOf(once, 2 * once.length);
            System.arraycopy(once, 0, tokens, once.length, once.length);
            float[] weights = new float[tokens.length];
            Arrays.fill(weights, once.length + 1, weights.length, 1);
            samples.add(new EncodedSample(tokens, weights));
        }
        try (FullModel model = new FullModel(SHAPE, DType.FP32)) {
            model.initialize(1, 0.07, copyHeads);
            try (TrainingDecoder decoder = new TrainingDecoder(model.copy(), model.trainable(),
                    MemoryTier.KEEP)) {
                LossSum loss = decoder.evaluate(Pack.of(samples));
                return loss.accuracy();
            }
        }
    }
}
