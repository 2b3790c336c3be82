package dev.luthier.engine.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.engine.lora.LoraCopies;
import dev.luthier.engine.lora.LoraWeights;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The decoder on a GPU gives what it gives on the CPU. */
final class CudaTest {

    @BeforeAll
    static void startLibtorch() {
        Libtorch.start();
    }

    @AfterEach
    void goBackToTheCpu() {
        Libtorch.use(ComputeDevice.CPU);
    }

    @SuppressWarnings("ArrayRecordComponent") // read, never compared
    private record Result(double loss, float[] gradients) {}

    private static Result train(String model, ComputeDevice device, DType type) {
        Libtorch.use(device);
        try (ParityFixture fixture = new ParityFixture(model);
                DecoderWeights weights = DecoderWeights.load(fixture.model(), type);
                LoraWeights lora = fixture.adapter(weights);
                LoraWeights gradients = new LoraWeights(lora.layout());
                LoraCopies copies = new LoraCopies(lora, weights);
                TrainingDecoder decoder = new TrainingDecoder(weights, copies.trainable(gradients), MemoryTier.KEEP)) {
            Pack pack = Pack.of(fixture.samples());
            LossSum loss = decoder.forwardBackward(pack, pack.weightSum());
            return new Result(loss.meanLoss(), HostMemory.toFloats(gradients.flat()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral-swa", "qwen2", "qwen3"})
    void lossAndGradientsAreThoseOfTheCpu(String model) {
        assumeGpu();
        Result cpu = train(model, ComputeDevice.CPU, DType.FP32);
        Result cuda = train(model, ComputeDevice.CUDA, DType.FP32);
        assertThat(cuda.loss).isCloseTo(cpu.loss, within(1e-4 * cpu.loss));
        assertThat(cosine(cuda.gradients, cpu.gradients)).isGreaterThan(0.99999);
    }

    /** Its heads of 16 have flash attention; those of the others, of 12 and 20, have block attention on the GPU. */
    @ParameterizedTest
    @ValueSource(strings = {"qwen3", "llama", "mistral-swa"})
    void lossAndGradientsInBf16AreThoseOfTheCpuInFp32ButForRounding(String model) {
        assumeGpu();
        Result cpu = train(model, ComputeDevice.CPU, DType.FP32);
        Result cuda = train(model, ComputeDevice.CUDA, DType.BF16);
        assertThat(cuda.loss).isCloseTo(cpu.loss, within(1e-2 * cpu.loss));
        assertThat(cosine(cuda.gradients, cpu.gradients)).isGreaterThan(0.99);
    }

    static List<AttentionCase> attentions() {
        return AttentionCase.all();
    }

    @ParameterizedTest
    @MethodSource("attentions")
    void flashAttentionGivesTheOutputsAndGradientsOfBlockAttention(AttentionCase each) {
        assumeGpu();
        Libtorch.use(ComputeDevice.CUDA);
        FlashOperator flash = LibtorchFlash.find(each.heads(), DType.BF16);
        assumeTrue(flash != null, "libtorch has no flash attention for this GPU: it needs Ampere or newer");
        AttentionCase.Result expected = each.run(DType.FP32, null);
        each.run(DType.BF16, flash).values()
                .forEach((name, actual) -> assertThat(
                        cosine(actual, Objects.requireNonNull(expected.values().get(name)))).as(name)
                        .isGreaterThan(0.999));
    }

    private static void assumeGpu() {
        assumeTrue(torch.cuda_is_available(),
                "no GPU that libtorch can use: run with -Pcuda on a machine with an NVIDIA GPU");
    }

    private static double cosine(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double product = 0;
        for (int i = 0; i < expected.length; i++) {
            product += (double) actual[i] * expected[i];
        }
        return product / (Gradients.norm(actual) * Gradients.norm(expected));
    }

    @Test
    void withoutGpuTheDeviceIsRefusedWithWhatToDo() {
        assumeFalse(torch.cuda_is_available(), "this machine has a GPU");
        assertThatThrownBy(() -> Libtorch.use(ComputeDevice.CUDA)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("no GPU").hasMessageContaining("device cpu");
    }
}
