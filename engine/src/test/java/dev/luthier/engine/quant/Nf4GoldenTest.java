package dev.luthier.engine.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.core.safetensors.TensorEntry;
import dev.luthier.core.safetensors.TensorType;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Codes, scales and values against those of bitsandbytes, bit for bit; see {@code make_nf4.py}. */
class Nf4GoldenTest {
    private static final Path GOLDEN = Path.of("src/test/resources/quant/golden.safetensors");
    private static final Path TINY = Path.of("..", "models", "luthier-tiny", "model.safetensors");

    private final TensorArena arena = new TensorArena();

    @BeforeAll
    static void start() {
        Libtorch.start();
    }

    @AfterEach
    void free() {
        arena.close();
    }

    static List<String> cases() {
        try (SafetensorsFile golden = SafetensorsFile.open(GOLDEN)) {
            return golden.tensors().keySet().stream().filter(name -> name.endsWith(".codes"))
                    .map(name -> name.substring(0, name.lastIndexOf('.'))).toList();
        }
    }

    private Nf4Tensor quantize(TensorEntry stored) {
        try (Nf4Quantizer quantizer = new Nf4Quantizer(2)) {
            return quantizer.quantize(stored, arena);
        }
    }

    private Tensor dequantize(Nf4Tensor quantized, DType type) {
        Tensor values = arena.empty(type, quantized.elements());
        try (Nf4Dequantizer dequantizer = new Nf4Dequantizer()) {
            dequantizer.dequantize(quantized, values);
        }
        return values;
    }

    @Test
    void everyCaseIsThere() {
        assertThat(cases()).hasSize(13).contains("ties", "extremes", "ragged_zeros", "odd");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void codesScalesAndValuesAreThoseOfTheReference(String name) {
        try (SafetensorsFile golden = SafetensorsFile.open(GOLDEN); SafetensorsFile tiny = SafetensorsFile.open(TINY)) {
            Nf4Tensor actual = quantize(tiny.tensors().containsKey(name)
                    ? tiny.tensor(name)
                    : golden.tensor(name + ".input"));
            assertThat(HostMemory.bytesOf(actual.codes()).toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(golden.tensor(name + ".codes").data().toArray(ValueLayout.JAVA_BYTE));
            assertThat(HostMemory.bytesOf(actual.scales()).toArray(ValueLayout.JAVA_FLOAT))
                    .isEqualTo(golden.tensor(name + ".scales").toFloats());
            assertThat(HostMemory.toFloats(dequantize(actual, DType.BF16)))
                    .isEqualTo(flushed(golden.tensor(name + ".bf16").toFloats()));
            if (golden.tensors().containsKey(name + ".fp32")) {
                assertThat(HostMemory.toFloats(dequantize(actual, DType.FP32)))
                        .isEqualTo(flushed(golden.tensor(name + ".fp32").toFloats()));
            }
        }
    }

    /** Tensor work takes subnormal numbers for zero (see {@link Libtorch#start}), here with the sign that they had. */
    private static float[] flushed(float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (Math.abs(values[i]) < Float.MIN_NORMAL) {
                values[i] = Math.copySign(0f, values[i]);
            }
        }
        return values;
    }

    @Test
    void valuesOfManyChunksAreThoseOfEachBlockAlone() {
        int count = 300_000;
        SplittableRandom random = new SplittableRandom(5);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        Nf4Tensor whole = quantize(entry("whole", values));
        float[] dequantized = HostMemory.toFloats(dequantize(whole, DType.FP32));
        byte[] codes = new byte[Nf4.BLOCK / 2];
        float[] scale = new float[1];
        for (int start = 0; start < count; start += Nf4.BLOCK) {
            int size = Math.min(Nf4.BLOCK, count - start);
            float[] block = new float[size];
            System.arraycopy(values, start, block, 0, size);
            Nf4.quantize(block, size, codes, scale);
            for (int i = 0; i < size; i++) {
                int code = (i % 2 == 0 ? codes[i / 2] >> 4 : codes[i / 2]) & 15;
                assertThat(dequantized[start + i]).isEqualTo(Nf4.number(code) * scale[0]);
            }
        }
    }

    @Test
    void dequantisedValuesQuantiseToThemselves() {
        try (SafetensorsFile golden = SafetensorsFile.open(GOLDEN)) {
            float[] values = golden.tensor("fp32.fp32").toFloats();
            Nf4Tensor again = quantize(entry("again", values));
            assertThat(HostMemory.toFloats(dequantize(again, DType.FP32))).isEqualTo(values);
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.NEGATIVE_INFINITY})
    void damagedWeightsAreRefusedByName(float damage) {
        float[] values = new float[100];
        values[70] = damage;
        assertThatThrownBy(() -> quantize(entry("model.some.weight", values))).isInstanceOf(ProblemException.class)
                .hasMessageContaining("model.some.weight").hasMessageContaining("cannot be quantised");
    }

    private static TensorEntry entry(String name, float[] values) {
        return new TensorEntry(name, TensorType.F32, List.of((long) values.length), MemorySegment.ofArray(values));
    }
}
