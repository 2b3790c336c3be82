package dev.luthier.engine.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.engine.decoder.InferenceDecoder.AdapterRows;
import dev.luthier.engine.lora.LoraCopies;
import dev.luthier.engine.lora.LoraWeights;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorScope;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logits of the inference decoder against those of Hugging Face transformers, in fp32. */
class InferenceParityTest {
    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral-swa", "qwen2", "qwen3"})
    void logitsEqualHuggingFace(String name) {
        try (ParityFixture fixture = new ParityFixture(name);
                DecoderWeights weights = DecoderWeights.load(fixture.model(), DType.FP32);
                LoraWeights lora = fixture.adapter(weights);
                LoraCopies copies = new LoraCopies(lora, weights);
                InferenceDecoder decoder = new InferenceDecoder(weights, 128);
                TensorScope _ = TensorScope.open()) {
            for (int sample = 0; sample < ParityFixture.SAMPLES; sample++) {
                int[] tokens = fixture.samples().get(sample).tokens();
                assertLogits(decoder, tokens, List.of(), fixture.golden("logits." + sample));
                assertLogits(decoder, tokens, List.of(new AdapterRows(copies.layers(), 0, tokens.length)),
                        fixture.golden("adapted_logits." + sample));
            }
        }
    }

    private static void assertLogits(InferenceDecoder decoder, int[] tokens, List<AdapterRows> adapters,
            float[] expected) {
        ModelConfig config = decoder.weights().config();
        int[] positions = IntStream.range(0, tokens.length).toArray();
        Tensor hidden = decoder.forward(tokens, positions,
                (layer, query, key, value) -> attend(config, config.attentionWindow(layer), query, key, value),
                adapters);
        float[] logits = HostMemory.toFloats(decoder.logits(hidden));
        assertThat(logits).hasSameSizeAs(expected);
        for (int i = 0; i < logits.length; i++) {
            assertThat(logits[i]).isCloseTo(expected[i], within(1e-3f));
        }
    }

    /** Plain causal attention over whole sequences. */
    private static Tensor attend(ModelConfig config, int window, Tensor query, Tensor key, Tensor value) {
        int tokens = (int) query.size(0);
        long group = config.heads() / config.kvHeads();
        Tensor queries = query.transpose(0, 1); // [T, H, E] -> [H, T, E]
        Tensor keys = key.repeat_interleave(group, new LongOptional(1),
                new LongOptional()).transpose(0, 1);
        Tensor values = value.repeat_interleave(group, new LongOptional(1),
                new LongOptional()).transpose(0, 1);
        float[] mask = new float[tokens * tokens];
        for (int row = 0; row < tokens; row++) {
            for (int column = 0; column < tokens; column++) {
                boolean visible = column <= row && (window == 0 || row - column < window);
                mask[row * tokens + column] = visible ? 0 : Float.NEGATIVE_INFINITY;
            }
        }
        Tensor scores = torch.bmm(queries, keys.transpose(1, 2)).mul_(new Scalar(1 / Math.sqrt(config.headDim())))
                .add_(HostMemory.floats(mask, tokens, tokens));
        return torch.bmm(scores.softmax(-1, new ScalarTypeOptional()), values).transpose(0, 1);
    }
}
