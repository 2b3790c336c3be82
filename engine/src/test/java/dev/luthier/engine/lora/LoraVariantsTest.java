package dev.luthier.engine.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.adapter.LoraShape;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Variants of LoRA on the fixture models. */
final class LoraVariantsTest {
    private static final List<Integer> BOTH = List.of(0, 1);

    @TempDir
    private Path folder;

    @BeforeAll
    static void startLibtorch() {
        Libtorch.start();
    }

    static List<LoraShape> variants() {
        return List.of(uniform(3, 6, RunSpec.Lora.LINEAR_LAYERS, BOTH, true, false),
                uniform(3, 6, RunSpec.Lora.LINEAR_LAYERS, BOTH, false, true),
                uniform(2, 5, List.of("k_proj", "up_proj"), List.of(1), true, true),
                uniform(4, 4, List.of("v_proj", "down_proj"), List.of(1), false, false),
                uniform(4, 4, List.of("q_proj", "o_proj"), List.of(0), false, true), uneven(false, false),
                uneven(true, true));
    }

    private static LoraShape uniform(int rank, double alpha, List<String> targets, List<Integer> layers,
            boolean rsLora, boolean dora) {
        return LoraShape.uniform(new LoraShape.Size(rank, alpha), targets, layers, rsLora, dora);
    }

    /** Ranks and alphas by module, and other modules in each layer. */
    private static LoraShape uneven(boolean rsLora, boolean dora) {
        SequencedMap<String, LoraShape.Size> modules = new LinkedHashMap<>();
        modules.put("model.layers.0.self_attn.q_proj", new LoraShape.Size(2, 3));
        modules.put("model.layers.0.self_attn.v_proj", new LoraShape.Size(5, 4));
        modules.put("model.layers.0.mlp.up_proj", new LoraShape.Size(1, 7));
        modules.put("model.layers.1.self_attn.k_proj", new LoraShape.Size(3, 3));
        modules.put("model.layers.1.mlp.gate_proj", new LoraShape.Size(2, 3));
        modules.put("model.layers.1.mlp.up_proj", new LoraShape.Size(4, 3));
        modules.put("model.layers.1.mlp.down_proj", new LoraShape.Size(2, 0.5));
        return new LoraShape(rsLora, dora, modules);
    }

    @ParameterizedTest
    @MethodSource("variants")
    void adapterGivesTheLossOfItsMergedModelAndSurvivesTheDisk(LoraShape shape) throws IOException {
        for (String model : List.of("llama", "qwen2")) {
            try (ParityFixture fixture = new ParityFixture(model);
                    DecoderWeights base = DecoderWeights.load(fixture.model(), DType.FP32);
                    LoraWeights adapter = random(base, shape)) {
                double adapted = adaptedLoss(base, adapter, fixture);
                PeftAdapter.save(adapter, null, base, model, folder);
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
        LoraShape shape = uniform(3, 6, RunSpec.Lora.LINEAR_LAYERS, BOTH, false, true);
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
        LoraShape shape = uniform(3, 6, RunSpec.Lora.LINEAR_LAYERS, BOTH, false, true);
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
    void gradientsOfAnUnevenAdapterAreSlopesOfTheLoss() {
        try (ParityFixture fixture = new ParityFixture("llama");
                DecoderWeights base = DecoderWeights.load(fixture.model(), DType.FP32);
                LoraWeights adapter = random(base, uneven(false, false));
                LoraWeights gradients = new LoraWeights(adapter.layout());
                LoraCopies copies = new LoraCopies(adapter, base);
                TrainingDecoder decoder = new TrainingDecoder(base, copies.trainable(gradients), MemoryTier.KEEP)) {
            Pack pack = Pack.of(fixture.samples());
            decoder.forwardBackward(pack, pack.weightSum());
            adapter.byName().forEach((name, matrix) -> {
                double slope = Objects.requireNonNull(gradients.byName().get(name)).mul(matrix).sum().item_float();
                matrix.mul_(new Scalar(1.01));
                double above = adaptedLoss(base, adapter, fixture);
                matrix.mul_(new Scalar(0.99 / 1.01));
                double below = adaptedLoss(base, adapter, fixture);
                matrix.div_(new Scalar(0.99));
                assertThat(slope).as(name).isCloseTo((above - below) / 0.02, within(2e-4));
            });
        }
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
        LoraShape none = LoraShape.plain(1, 1, List.of("q_proj"), base.config());
        try (LoraWeights zeros = new LoraWeights(new LoraLayout(base, none))) {
            return adaptedLoss(base, zeros, fixture);
        }
    }
}
