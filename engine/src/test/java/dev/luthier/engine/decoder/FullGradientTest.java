package dev.luthier.engine.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.run.MemoryTier;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients of every weight, by the explicit backward pass, against libtorch's autograd. */
class FullGradientTest {
    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral-swa", "qwen2", "qwen3"})
    void gradientsOfAllWeightsEqualAutograd(String name) {
        try (ParityFixture fixture = new ParityFixture(name);
                DecoderWeights weights = DecoderWeights.load(fixture.model(), DType.FP32);
                DecoderWeights gradients = DecoderWeights.zeros(weights.layout(), DType.FP32);
                TrainingDecoder decoder = new TrainingDecoder(weights, new Trainable.Everything(gradients),
                        MemoryTier.KEEP)) {
            Pack pack = Pack.of(fixture.samples());
            double loss = decoder.forwardBackward(pack, pack.weightSum()).meanLoss();
            Map<String, float[]> expected = new TreeMap<>();
            try (InferenceMode _ = new InferenceMode(false); TensorScope _ = TensorScope.open()) {
                AutogradReference reference = new AutogradReference(weights);
                Tensor referenceLoss = reference.loss(fixture.samples());
                referenceLoss.backward();
                double value = referenceLoss.item_float();
                assertThat(loss).isCloseTo(value, within(1e-5 * value));
                for (String tensor : List.copyOf(weights.byName().keySet())) {
                    expected.put(tensor, HostMemory.toFloats(reference.gradient(tensor)));
                }
            }
            gradients.byName().forEach((tensor, gradient) -> Gradients.assertClose(tensor,
                    HostMemory.toFloats(gradient), Objects.requireNonNull(expected.get(tensor))));
        }
    }
}
