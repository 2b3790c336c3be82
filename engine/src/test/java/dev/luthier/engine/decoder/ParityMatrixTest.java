package dev.luthier.engine.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.run.MemoryTier;
import dev.luthier.engine.decoder.InferenceDecoder.AdapterRows;
import dev.luthier.engine.lora.LoraCopies;
import dev.luthier.engine.lora.LoraWeights;
import dev.luthier.engine.lora.PeftAdapter;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every model with every adapter and seed of the parity matrix, in fp32, against the golden values of Hugging Face and
 * against libtorch's autograd. A figure of speed is void when one of these fails.
 */
class ParityMatrixTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    static Stream<ParityCase> cases() {
        return ParityCase.all();
    }

    static Stream<ParityCase> models() {
        return ParityCase.ofAdapter("rank-4");
    }

    @ParameterizedTest
    @MethodSource("models")
    void baseLossesEqualHuggingFace(ParityCase each) {
        try (DecoderWeights weights = each.weights(DType.FP32);
                TrainingDecoder decoder = new TrainingDecoder(weights, Gradients.nothing(weights), MemoryTier.KEEP)) {
            assertLosses(decoder, Pack.of(each.samples()), each.baseLosses());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void lossesAndGradientsEqualPeftInEveryMemoryTier(ParityCase each) {
        try (DecoderWeights weights = each.weights(DType.FP32);
                LoraWeights lora = each.adapter(weights);
                LoraWeights gradients = new LoraWeights(lora.layout());
                LoraCopies copies = new LoraCopies(lora, weights)) {
            Pack pack = Pack.of(each.samples());
            for (MemoryTier tier : MemoryTier.values()) {
                gradients.flat().zero_();
                try (TrainingDecoder decoder = new TrainingDecoder(weights, copies.trainable(gradients), tier)) {
                    assertLosses(decoder, pack, each.golden("nll"));
                    LossSum loss = decoder.forwardBackward(pack, pack.weightSum());
                    assertThat(decoder.evaluate(pack)).isEqualTo(loss);
                }
                assertGradients(each, gradients);
            }
        }
    }

    /** Each loss within 1e-5 and their weighted mean within 1e-4 of its own size. */
    private static void assertLosses(TrainingDecoder decoder, Pack pack, float[] expected) {
        double[] losses = decoder.tokenLosses(pack);
        assertThat(losses).hasSameSizeAs(expected);
        double sum = 0;
        for (int i = 0; i < losses.length; i++) {
            assertThat(losses[i]).as("loss of target " + i).isCloseTo(expected[i], within(1e-5));
            sum += expected[i] * pack.targetWeights()[i];
        }
        double mean = sum / pack.weightSum();
        assertThat(decoder.evaluate(pack).meanLoss()).isCloseTo(mean, within(1e-4 * mean));
    }

    private static void assertGradients(ParityCase each, LoraWeights gradients) {
        float[] elements = each.golden("gradients");
        float[] sizes = each.golden("sizes");
        Map<String, Tensor> byName = new TreeMap<>(gradients.byName());
        assertThat(sizes).hasSize(2 * byName.size());
        int stored = elements.length / byName.size();
        int index = 0;
        for (Map.Entry<String, Tensor> entry : byName.entrySet()) {
            float[] gradient = HostMemory.toFloats(entry.getValue());
            int[] places = each.storedElements(entry.getKey(), gradient.length);
            float[] chosen = new float[stored];
            for (int i = 0; i < stored; i++) {
                chosen[i] = gradient[places[i]];
            }
            double norm = sizes[2 * index];
            assertThat(Gradients.norm(gradient)).as("norm of " + entry.getKey()).isCloseTo(norm, within(1e-3 * norm));
            Gradients.assertClose(entry.getKey(), chosen,
                    Arrays.copyOfRange(elements, index * stored, (index + 1) * stored), sizes[2 * index + 1]);
            index++;
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsEqualAutograd(ParityCase each) {
        try (DecoderWeights weights = each.weights(DType.FP32);
                LoraWeights lora = each.adapter(weights);
                LoraWeights gradients = new LoraWeights(lora.layout());
                LoraCopies copies = new LoraCopies(lora, weights);
                TrainingDecoder decoder = new TrainingDecoder(weights, copies.trainable(gradients), MemoryTier.KEEP)) {
            Pack pack = Pack.of(each.samples());
            double loss = decoder.forwardBackward(pack, pack.weightSum()).meanLoss();
            Map<String, float[]> expected = new HashMap<>();
            try (InferenceMode _ = new InferenceMode(false); TensorScope _ = TensorScope.open()) {
                AutogradReference reference = new AutogradReference(weights, lora);
                Tensor referenceLoss = reference.loss(each.samples());
                referenceLoss.backward();
                double value = referenceLoss.item_float();
                assertThat(loss).isCloseTo(value, within(1e-5 * value));
                for (String name : lora.byName().keySet()) {
                    expected.put(name, HostMemory.toFloats(reference.gradient(name)));
                }
            }
            gradients.byName().forEach((name, gradient) -> Gradients.assertClose(name, HostMemory.toFloats(gradient),
                    Objects.requireNonNull(expected.get(name))));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void exportedAdapterReadBackGivesTheLogitsOfPeft(ParityCase each) throws IOException {
        int[] tokens = each.samples().getFirst().tokens();
        try (DecoderWeights weights = each.weights(DType.FP32);
                InferenceDecoder decoder = new InferenceDecoder(weights, tokens.length);
                LoraWeights lora = each.adapter(weights)) {
            PeftAdapter.save(lora, null, weights, each.model(), folder);
            float[] before = logits(decoder, lora, tokens);
            try (LoraWeights read = PeftAdapter.load(folder, weights)) {
                assertThat(logits(decoder, read, tokens)).isEqualTo(before);
            }
            float[] last = Arrays.copyOfRange(before, before.length - weights.config().vocabSize(), before.length);
            assertThat(Gradients.difference(last, each.golden("logits"))).isLessThanOrEqualTo(1e-3);
        }
    }

    private static float[] logits(InferenceDecoder decoder, LoraWeights lora, int[] tokens) {
        try (LoraCopies copies = new LoraCopies(lora, decoder.weights()); TensorScope _ = TensorScope.open()) {
            return PlainAttention.logits(decoder, tokens, List.of(new AdapterRows(copies.layers(), 0, tokens.length)));
        }
    }
}
