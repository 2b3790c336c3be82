package dev.luthier.engine.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.engine.lora.LoraCopies;
import dev.luthier.engine.lora.LoraMerge;
import dev.luthier.engine.lora.LoraWeights;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A base whose matrices are kept in 4 bits, against a plain one that holds the same dequantised values. */
class QuantizedBaseTest {
    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    private record Result(LossSum evaluated, LossSum trained, FloatBuffer gradients) {}

    private static Result train(ParityFixture fixture, DecoderWeights base, MemoryTier tier) {
        try (LoraWeights adapter = fixture.adapter(base);
                LoraWeights gradients = new LoraWeights(adapter.layout());
                LoraCopies copies = new LoraCopies(adapter, base);
                TrainingDecoder decoder = new TrainingDecoder(base, copies.trainable(gradients), tier)) {
            Pack pack = Pack.of(fixture.samples());
            LossSum evaluated = decoder.evaluate(pack);
            LossSum trained = decoder.forwardBackward(pack, pack.weightSum());
            return new Result(evaluated, trained, FloatBuffer.wrap(HostMemory.toFloats(gradients.flat())));
        }
    }

    /** A plain copy of what a quantised base computes with. */
    private static DecoderWeights dequantized(ParityFixture fixture, DecoderWeights quantized, DType type) {
        DecoderWeights plain = DecoderWeights.load(fixture.model(), type);
        for (int layer = 0; layer < plain.layers().size(); layer++) {
            quantized.open(layer);
            for (int i = 0; i < 4; i++) {
                plain.layers().get(layer).projections().get(i).weight()
                        .copy_(quantized.layers().get(layer).projections().get(i).weight());
            }
        }
        return plain;
    }

    @ParameterizedTest
    @EnumSource(MemoryTier.class)
    void lossAndGradientsAreThoseOnTheDequantisedBase(MemoryTier tier) {
        for (String name : new String[]{"llama", "mistral-swa", "qwen2", "qwen3"}) {
            for (DType type : DType.values()) {
                try (ParityFixture fixture = new ParityFixture(name);
                        DecoderWeights quantized = DecoderWeights.load(fixture.model(), type, Quantization.NF4);
                        DecoderWeights plain = dequantized(fixture, quantized, type)) {
                    Result expected = train(fixture, plain, tier);
                    Result actual = train(fixture, quantized, tier);
                    assertThat(actual).as(name).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void onlyMatricesOfLayersChange() {
        try (ParityFixture fixture = new ParityFixture("qwen2");
                DecoderWeights quantized = DecoderWeights.load(fixture.model(), DType.BF16, Quantization.NF4);
                DecoderWeights plain = DecoderWeights.load(fixture.model(), DType.BF16)) {
            plain.byName().forEach((name, tensor) -> {
                if (!name.endsWith("_proj.weight")) {
                    assertThat(HostMemory.toFloats(quantized.tensor(name))).as(name)
                            .isEqualTo(HostMemory.toFloats(tensor));
                }
            });
            assertThat(quantized.byName()).hasSameSizeAs(plain.byName());
            assertThat(quantized.isQuantized()).isTrue();
            assertThat(plain.isQuantized()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(MemoryTier.class)
    void widenedBaseIsTheOneOfWhichItWasRounded(MemoryTier tier) {
        try (ParityFixture fixture = new ParityFixture("qwen3");
                DecoderWeights narrow = DecoderWeights.load(fixture.model(), DType.FP32, Quantization.BF16);
                DecoderWeights plain = dequantized(fixture, narrow, DType.FP32)) {
            assertThat(train(fixture, narrow, tier)).isEqualTo(train(fixture, plain, tier));
            assertThat(narrow.isQuantized()).isTrue();
        }
    }

    @Test
    void bufferHoldsTheMatricesOfOneLayer() {
        try (ParityFixture fixture = new ParityFixture("llama")) {
            WeightLayout all = new WeightLayout(fixture.model().config());
            WeightLayout one = WeightLayout.ofOneLayer(fixture.model().config());
            long matrices = 48 * (48 + 24 + 24 + 48 + 3 * 80);
            assertThat(all.size() - one.size()).isEqualTo(2 * matrices);
        }
    }

    @Test
    void adapterIsNotMergedIntoAQuantisedBase() {
        try (ParityFixture fixture = new ParityFixture("llama");
                DecoderWeights quantized = DecoderWeights.load(fixture.model(), DType.FP32, Quantization.NF4);
                LoraWeights adapter = fixture.adapter(quantized)) {
            assertThatThrownBy(() -> LoraMerge.into(quantized, adapter)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
