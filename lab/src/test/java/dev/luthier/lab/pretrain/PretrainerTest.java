package dev.luthier.lab.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.decoder.LossSum;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.train.CheckpointStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PretrainerTest {
    private static final int VOCABULARY = 300;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    private static PretrainRecipe recipe(int steps, String type) {
        return new PretrainRecipe(3, new PretrainRecipe.Corpus(1, 2, 0, 1, VOCABULARY, 200, 40),
                new PretrainRecipe.Shape(48, 80, 2, 4, 2, 12, 64, 10000, 1e-5, 0.05, false),
                new PretrainRecipe.Optimizer(steps, 1, 0.01, 2, 4, 0.1, 0.9, 0.98, 1e-8, 1), type, 1, List.of());
    }

    /** Sentences of a counting language: each token is the one before plus one. */
    private static Iterator<List<EncodedSample>> batches(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return Stream.generate(() -> {
            List<EncodedSample> batch = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int[] tokens = new int[20];
                tokens[0] = random.nextInt(VOCABULARY - tokens.length);
                Arrays.setAll(tokens, place -> tokens[0] + place);
                float[] weights = new float[tokens.length];
                Arrays.fill(weights, 1, weights.length, 1);
                batch.add(new EncodedSample(tokens, weights));
            }
            return batch;
        }).iterator();
    }

    private Pretrainer trainer(PretrainRecipe recipe, String name) {
        return new Pretrainer(recipe, recipe.config(VOCABULARY, 0, 1), batches(1), List.of(batches(2).next()),
                new CheckpointStore<>(folder.resolve(name), PretrainState.STORED, 2), line -> {});
    }

    @ParameterizedTest
    @ValueSource(strings = {"fp32", "bf16"})
    void heldOutLossFalls(String type) {
        try (Pretrainer trainer = trainer(recipe(30, type), "falls")) {
            assertThat(trainer.run(false, () -> false)).isTrue();
            double before = trainer.state().heldOutBefore();
            assertThat(before).isBetween(5.0, 6.5);
            assertThat(trainer.heldOut().meanLoss()).isLessThan(before - 1);
            assertThat(trainer.state().tokens()).isEqualTo(30 * 80);
        }
    }

    @Test
    void interruptedTrainingEndsWithTheSameWeights() {
        float[] whole;
        try (Pretrainer trainer = trainer(recipe(12, "bf16"), "whole")) {
            trainer.run(false, () -> false);
            whole = HostMemory.toFloats(trainer.weights().flat());
        }
        try (Pretrainer trainer = trainer(recipe(12, "bf16"), "parts")) {
            AtomicInteger asked = new AtomicInteger();
            assertThat(trainer.run(false, () -> asked.incrementAndGet() > 5)).isFalse();
            assertThat(trainer.state().step()).isEqualTo(5);
        }
        try (Pretrainer trainer = trainer(recipe(12, "bf16"), "parts")) {
            assertThat(trainer.run(true, () -> false)).isTrue();
            assertThat(HostMemory.toFloats(trainer.weights().flat())).isEqualTo(whole);
        }
    }

    @Test
    void onlyTheLengthOfTheScheduleMayChange() {
        try (Pretrainer trainer = trainer(recipe(6, "fp32"), "changed")) {
            trainer.run(false, () -> false);
        }
        try (Pretrainer trainer = trainer(recipe(6, "bf16"), "changed")) {
            assertThatThrownBy(() -> trainer.run(true, () -> false)).isInstanceOf(ProblemException.class)
                    .hasMessageContaining("another recipe");
        }
        try (Pretrainer trainer = trainer(recipe(9, "fp32"), "changed")) {
            assertThat(trainer.run(true, () -> false)).isTrue();
            assertThat(trainer.state().step()).isEqualTo(9);
        }
    }

    @Test
    void exportedModelIsReadBackUnchanged() throws IOException {
        try (Pretrainer trainer = trainer(recipe(6, "bf16"), "export")) {
            trainer.run(false, () -> false);
            LossSum loss = trainer.heldOut();
            Path directory = folder.resolve("model");
            ModelExporter.write(trainer.weights(), directory);
            ModelDirectory model = ModelDirectory.open(directory);
            ModelConfig config = model.config();
            assertThat(config).isEqualTo(trainer.weights().config());
            try (DecoderWeights read = DecoderWeights.load(model, DType.BF16)) {
                assertThat(HostMemory.toFloats(read.flat())).isEqualTo(HostMemory.toFloats(trainer.weights().flat()));
            }
            assertThat(loss.meanLoss()).isPositive();
        }
    }
}
