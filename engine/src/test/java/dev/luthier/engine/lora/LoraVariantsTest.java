package dev.luthier.engine.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.RunSpec;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.decoder.Pack;
import dev.luthier.engine.decoder.ParityFixture;
import dev.luthier.engine.decoder.TrainingDecoder;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Variants of LoRA on the fixture models. */
final class LoraVariantsTest {
    @TempDir
    private Path folder;

    @BeforeAll
    static void startLibtorch() {
        Libtorch.start();
    }

    static List<LoraShape> variants() {
        return List.of(new LoraShape(3, 6, RunSpec.Lora.LINEAR_LAYERS, true, false, List.of()),
                new LoraShape(3, 6, RunSpec.Lora.LINEAR_LAYERS, false, true, List.of()),
                new LoraShape(2, 5, List.of("k_proj", "up_proj"), true, true, List.of(1)),
                new LoraShape(4, 4, List.of("v_proj", "down_proj"), false, false, List.of(1)),
                new LoraShape(4, 4, List.of("q_proj", "o_proj"), false, true, List.of(0)));
    }

    @ParameterizedTest
    @MethodSource("variants")
    void adapterGivesTheLossOfItsMergedModelAndSurvivesTheDisk(LoraShape shape) throws IOException {
        for (String model : List.of("llama", "qwen2")) {
            try (ParityFixture fixture = new ParityFixture(model);
                    DecoderWeights base = DecoderWeights.load(fixture.model(), DType.FP32);
                    LoraWeights adapter = random(base, shape)) {
                double adapted = adaptedLoss(base, adapter, fixture);
                PeftAdapter.save(adapter, model, folder);
                try (LoraWeights read = PeftAdapter.load(folder, base)) {
                    assertThat(read.layout().shape()).isEqualTo(shape);
                    assertThat(adaptedLoss(base, read, fixture)).isEqualTo(adapted);
                }
                double plain = baseLoss(base, fixture);
                LoraMerge.into(base, adapter);
                assertThat(baseLoss(base, fixture)).isCloseTo(adapted, within(1e-5 * adapted))
                        .isNotCloseTo(plain, within(1e-4 * plain));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void freshAdapterChangesNothing(LoraShape shape) {
        try (ParityFixture fixture = new ParityFixture("qwen3");
                DecoderWeights base = DecoderWeights.load(fixture.model(), DType.FP32);
                LoraWeights adapter = new LoraWeights(new LoraLayout(base, shape))) {
            LoraInitializer.initialize(adapter, base, 1);
            double plain = baseLoss(base, fixture);
            assertThat(adaptedLoss(base, adapter, fixture)).isCloseTo(plain, within(1e-6 * plain));
        }
    }

    @Test
    void rowsOfZerosStayZerosWithDora() {
        LoraShape shape = new LoraShape(3, 6, RunSpec.Lora.LINEAR_LAYERS, false, true, List.of());
        try (ParityFixture fixture = new ParityFixture("llama");
                DecoderWeights base = DecoderWeights.load(fixture.model(), DType.FP32)) {
            base.tensor("model.layers.1.self_attn.q_proj.weight").narrow(0, 5, 7).zero_();
            try (LoraWeights adapter = new LoraWeights(new LoraLayout(base, shape))) {
                LoraInitializer.initialize(adapter, base, 1);
                double plain = baseLoss(base, fixture);
                assertThat(adaptedLoss(base, adapter, fixture)).isCloseTo(plain, within(1e-6 * plain));
                LoraMerge.into(base, adapter);
                assertThat(baseLoss(base, fixture)).isCloseTo(plain, within(1e-6 * plain));
            }
        }
    }

    @Test
    void gradientsOfMagnitudesAreSlopesOfTheLoss() {
        LoraShape shape = new LoraShape(3, 6, RunSpec.Lora.LINEAR_LAYERS, false, true, List.of());
        try (ParityFixture fixture = new ParityFixture("qwen2");
                DecoderWeights base = DecoderWeights.load(fixture.model(), DType.FP32);
                LoraWeights adapter = random(base, shape);
                LoraWeights gradients = new LoraWeights(adapter.layout());
                LoraCopies copies = new LoraCopies(adapter, base);
                TrainingDecoder decoder = new TrainingDecoder(base, copies.trainable(gradients),
                        MemoryTier.RECOMPUTE_ELEMENTWISE)) {
            Pack pack = Pack.of(fixture.samples());
            decoder.forwardBackward(pack, pack.weightSum());
            adapter.byName().forEach((name, magnitude) -> {
                if (name.endsWith("magnitude_vector")) {
                    double slope = Objects.requireNonNull(gradients.byName().get(name)).mul(magnitude).sum()
                            .item_float();
                    magnitude.mul_(new Scalar(1.01));
                    double above = adaptedLoss(base, adapter, fixture);
                    magnitude.mul_(new Scalar(0.99 / 1.01));
                    double below = adaptedLoss(base, adapter, fixture);
                    magnitude.div_(new Scalar(0.99));
                    assertThat(slope).as(name).isCloseTo((above - below) / 0.02, within(2e-4));
                }
            });
        }
    }

    @Test
    void moreTopLayersThanThereAreIsRefused() {
        RunSpec.Lora wanted = new RunSpec.Lora(3, 6, RunSpec.Lora.LINEAR_LAYERS, false, false, 5);
        assertThatThrownBy(() -> LoraShape.of(wanted, 4)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("lora.topLayers is 5").hasMessageContaining("4 layers");
        assertThat(LoraShape.of(new RunSpec.Lora(3, 6, RunSpec.Lora.LINEAR_LAYERS, false, false, 2), 4).layers())
                .containsExactly(2, 3);
    }

    private static LoraWeights random(DecoderWeights base, LoraShape shape) {
        LoraWeights adapter = new LoraWeights(new LoraLayout(base, shape));
        LoraInitializer.initialize(adapter, base, 3);
        Random random = new Random(4);
        float[] noise = new float[(int) adapter.layout().size()];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) (0.1 * random.nextGaussian());
        }
        adapter.flat().add_(HostMemory.floats(noise, noise.length));
        return adapter;
    }

    private static double adaptedLoss(DecoderWeights base, LoraWeights adapter, ParityFixture fixture) {
        try (LoraWeights gradients = new LoraWeights(adapter.layout());
                LoraCopies copies = new LoraCopies(adapter, base);
                TrainingDecoder decoder = new TrainingDecoder(base, copies.trainable(gradients), MemoryTier.KEEP)) {
            return decoder.evaluate(Pack.of(fixture.samples())).meanLoss();
        }
    }

    private static double baseLoss(DecoderWeights base, ParityFixture fixture) {
        LoraShape none = LoraShape.plain(1, 1, List.of("q_proj"));
        try (LoraWeights zeros = new LoraWeights(new LoraLayout(base, none))) {
            return adaptedLoss(base, zeros, fixture);
        }
    }
}
