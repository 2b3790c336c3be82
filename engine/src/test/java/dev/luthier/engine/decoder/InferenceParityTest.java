package dev.luthier.engine.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.engine.decoder.InferenceDecoder.AdapterRows;
import dev.luthier.engine.lora.LoraCopies;
import dev.luthier.engine.lora.LoraWeights;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorScope;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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

    /** Where a CPU has no fast bf16 instructions, many rows are multiplied in fp32: a bf16 product by other means. */
    @Test
    void widenedProductsAreThoseOfBf16() {
        try (ParityFixture fixture = new ParityFixture("qwen2");
                DecoderWeights weights = DecoderWeights.load(fixture.model(), DType.BF16);
                InferenceDecoder plain = new InferenceDecoder(weights, 128, OptionalInt.empty());
                InferenceDecoder widened = new InferenceDecoder(weights, 128, OptionalInt.of(2));
                TensorScope _ = TensorScope.open()) {
            int[] tokens = fixture.samples().getFirst().tokens();
            float[] expected = PlainAttention.logits(plain, tokens, List.of());
            assertThat(Gradients.difference(PlainAttention.logits(widened, tokens, List.of()), expected))
                    .isLessThanOrEqualTo(2e-2);
        }
    }

    private static void assertLogits(InferenceDecoder decoder, int[] tokens, List<AdapterRows> adapters,
            float[] expected) {
        float[] logits = PlainAttention.logits(decoder, tokens, adapters);
        assertThat(Gradients.difference(logits, expected)).isLessThanOrEqualTo(1e-3);
    }
}
