package dev.luthier.engine.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.run.MemoryTier;
import dev.luthier.engine.lora.LoraCopies;
import dev.luthier.engine.lora.LoraWeights;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loss and LoRA gradients against those of Hugging Face transformers and PEFT, in fp32. */
class TrainingParityTest {
    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral-swa", "qwen2", "qwen3"})
    void lossAndGradientsEqualHuggingFace(String name) {
        try (ParityFixture fixture = new ParityFixture(name);
                DecoderWeights weights = DecoderWeights.load(fixture.model(), DType.FP32);
                LoraWeights lora = fixture.adapter(weights);
                LoraWeights gradients = new LoraWeights(lora.layout());
                LoraCopies copies = new LoraCopies(lora, weights)) {
            for (MemoryTier tier : MemoryTier.values()) {
                gradients.flat().zero_();
                try (TrainingDecoder decoder = new TrainingDecoder(weights, copies.trainable(gradients),
                        tier)) {
                    Pack pack = Pack.of(fixture.samples());
                    LossSum loss = decoder.forwardBackward(pack, pack.weightSum());
                    double expected = fixture.golden("loss.adapted")[0];
                    assertThat(loss.meanLoss()).isCloseTo(expected, within(1e-5 * expected));
                    assertThat(decoder.evaluate(pack)).isEqualTo(loss);
                }
                for (Map.Entry<String, Tensor> entry : gradients.byName().entrySet()) {
                    Gradients.assertClose(entry.getKey(), HostMemory.toFloats(entry.getValue()),
                            fixture.golden("gradient." + entry.getKey()));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral-swa", "qwen2", "qwen3"})
    void baseLossEqualsHuggingFace(String name) {
        try (ParityFixture fixture = new ParityFixture(name);
                DecoderWeights weights = DecoderWeights.load(fixture.model(), DType.FP32);
                TrainingDecoder decoder = new TrainingDecoder(weights, Gradients.nothing(weights),
                        MemoryTier.KEEP)) {
            double expected = fixture.golden("loss.base")[0];
            assertThat(decoder.evaluate(Pack.of(fixture.samples())).meanLoss())
                    .isCloseTo(expected, within(1e-5 * expected));
        }
    }
}
