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
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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

    private static Result train(String model, ComputeDevice device) {
        Libtorch.use(device);
        try (ParityFixture fixture = new ParityFixture(model);
                DecoderWeights weights = DecoderWeights.load(fixture.model(), DType.FP32);
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
        assumeTrue(torch.cuda_is_available(),
                "no GPU that libtorch can use: run with -Pcuda on a machine with an NVIDIA GPU");
        Result cpu = train(model, ComputeDevice.CPU);
        Result cuda = train(model, ComputeDevice.CUDA);
        assertThat(cuda.loss).isCloseTo(cpu.loss, within(1e-4 * cpu.loss));
        double product = 0;
        double squares = 0;
        double cpuSquares = 0;
        for (int i = 0; i < cpu.gradients.length; i++) {
            product += (double) cpu.gradients[i] * cuda.gradients[i];
            squares += (double) cuda.gradients[i] * cuda.gradients[i];
            cpuSquares += (double) cpu.gradients[i] * cpu.gradients[i];
        }
        assertThat(product / Math.sqrt(squares * cpuSquares)).isGreaterThan(0.99999);
    }

    @Test
    void withoutGpuTheDeviceIsRefusedWithWhatToDo() {
        assumeFalse(torch.cuda_is_available(), "this machine has a GPU");
        assertThatThrownBy(() -> Libtorch.use(ComputeDevice.CUDA)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("no GPU").hasMessageContaining("device cpu");
    }
}
