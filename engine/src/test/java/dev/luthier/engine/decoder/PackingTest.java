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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How samples are put together changes neither losses nor gradients. */
class PackingTest {
    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    static Stream<ParityCase> cases() {
        return ParityCase.ofAdapter("rank-16");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void packedReorderedAndSingleSamplesHaveTheSameLossesInFp32(ParityCase each) {
        assertSameLosses(each, DType.FP32, 1e-5);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void packedReorderedAndSingleSamplesHaveTheSameLossesInBf16(ParityCase each) {
        assertSameLosses(each, DType.BF16, 2e-2);
    }

    private static void assertSameLosses(ParityCase each, DType type, double tolerance) {
        try (Setup setup = new Setup(each, type)) {
            List<EncodedSample> samples = each.samples();
            List<double[]> single = samples.stream()
                    .map(sample -> setup.decoder.tokenLosses(Pack.of(List.of(sample)))).toList();
            for (int turn = 0; turn < samples.size(); turn++) {
                List<EncodedSample> order = rotated(samples, turn);
                double[] packed = setup.decoder.tokenLosses(Pack.of(order));
                double[] expected = rotated(single, turn).stream().flatMapToDouble(DoubleStream::of).toArray();
                assertThat(packed).as("order turned by " + turn).containsExactly(expected, within(tolerance));
            }
        }
    }

    private static <T> List<T> rotated(List<T> values, int by) {
        List<T> result = new ArrayList<>(values.subList(by, values.size()));
        result.addAll(values.subList(0, by));
        return result;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void accumulatedGradientsEqualThoseOfTheWholeBatch(ParityCase each) {
        try (Setup setup = new Setup(each, DType.FP32)) {
            List<EncodedSample> samples = each.samples();
            Result whole = setup.run(List.of(Pack.of(samples)));
            assertSame(setup.run(List.of(Pack.of(samples.reversed()))), whole);
            assertSame(setup.run(samples.stream().map(sample -> Pack.of(List.of(sample))).toList()), whole);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Result(LossSum loss, float[] gradients) {}

    private static void assertSame(Result actual, Result expected) {
        assertThat(actual.loss.meanLoss()).isCloseTo(expected.loss.meanLoss(), within(1e-5));
        assertThat(actual.loss.correct()).isEqualTo(expected.loss.correct());
        assertThat(actual.loss.targets()).isEqualTo(expected.loss.targets());
        assertThat(Gradients.difference(actual.gradients, expected.gradients))
                .isLessThanOrEqualTo(1e-5 * Gradients.largest(expected.gradients));
    }

    /** A decoder with its adapter. */
    private static final class Setup implements AutoCloseable {
        private final DecoderWeights weights;
        private final LoraWeights lora;
        private final LoraWeights gradients;
        private final LoraCopies copies;
        final TrainingDecoder decoder;

        Setup(ParityCase each, DType type) {
            weights = each.weights(type);
            lora = each.adapter(weights);
            gradients = new LoraWeights(lora.layout());
            copies = new LoraCopies(lora, weights);
            decoder = new TrainingDecoder(weights, copies.trainable(gradients), MemoryTier.KEEP);
        }

        Result run(List<Pack> packs) {
            gradients.flat().zero_();
            double weight = packs.stream().mapToDouble(Pack::weightSum).sum();
            LossSum loss = LossSum.ZERO;
            for (Pack pack : packs) {
                loss = loss.plus(decoder.forwardBackward(pack, weight));
            }
            return new Result(loss, HostMemory.toFloats(gradients.flat()));
        }

        @Override
        public void close() {
            decoder.close();
            copies.close();
            gradients.close();
            lora.close();
            weights.close();
        }
    }
}
