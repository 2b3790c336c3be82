package dev.luthier.engine.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.engine.lora.LoraCopies;
import dev.luthier.engine.lora.LoraWeights;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How samples are put together changes neither loss nor gradients. */
class PackingTest {
    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral-swa"})
    void packedPermutedAndAccumulatedAgree(String name) {
        try (ParityFixture fixture = new ParityFixture(name);
                DecoderWeights weights = DecoderWeights.load(fixture.model(), DType.FP32);
                LoraWeights lora = fixture.adapter(weights);
                LoraWeights gradients = new LoraWeights(lora.layout());
                LoraCopies copies = new LoraCopies(lora, weights);
                TrainingDecoder decoder = new TrainingDecoder(weights, copies.trainable(gradients),
                        MemoryTier.KEEP)) {
            List<EncodedSample> samples = fixture.samples();
            Result packed = run(decoder, gradients, List.of(Pack.of(samples)));
            Result permuted = run(decoder, gradients, List.of(Pack.of(samples.reversed())));
            Result accumulated = run(decoder, gradients,
                    samples.stream().map(sample -> Pack.of(List.of(sample))).toList());
            assertSame(permuted, packed);
            assertSame(accumulated, packed);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Result(LossSum loss, float[] gradients) {}

    private static Result run(TrainingDecoder decoder, LoraWeights gradients, List<Pack> packs) {
        gradients.flat().zero_();
        double weight = packs.stream().mapToDouble(Pack::weightSum).sum();
        LossSum loss = LossSum.ZERO;
        for (Pack pack : packs) {
            loss = loss.plus(decoder.forwardBackward(pack, weight));
        }
        return new Result(loss, HostMemory.toFloats(gradients.flat()));
    }

    private static void assertSame(Result actual, Result expected) {
        assertThat(actual.loss.meanLoss()).isCloseTo(expected.loss.meanLoss(), within(1e-5));
        assertThat(actual.loss.correct()).isEqualTo(expected.loss.correct());
        assertThat(actual.loss.targets()).isEqualTo(expected.loss.targets());
        float largest = 0;
        for (float value : expected.gradients) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(actual.gradients).containsExactly(expected.gradients, within(1e-5f * largest));
    }
}
