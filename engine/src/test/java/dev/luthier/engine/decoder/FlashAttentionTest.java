package dev.luthier.engine.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.run.MemoryTier;
import dev.luthier.engine.lora.LoraCopies;
import dev.luthier.engine.lora.LoraWeights;
import dev.luthier.engine.tensor.BoxedOperator;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is around the flash operator, which runs on GPUs only, checked without one. */
class FlashAttentionTest {
    private static final Pattern PARAMETER = Pattern.compile("(?<type>\\w+\\??) (?<name>\\w+)(=\\w+)?");

    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    static List<AttentionCase> cases() {
        return AttentionCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void outputsAndGradientsAreThoseOfBlockAttention(AttentionCase each) {
        AttentionCase.Result flash = each.run(DType.FP32, new PlainFlash());
        each.run(DType.FP32, null).values()
                .forEach((name, expected) -> assertThat(flash.values().get(name)).as(name)
                        .containsExactly(expected, within(1e-4f)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral-swa", "qwen3"})
    void aDecoderTrainsTheSameWithItInEveryMemoryTier(String name) {
        try (ParityFixture fixture = new ParityFixture(name);
                DecoderWeights weights = DecoderWeights.load(fixture.model(), DType.FP32);
                LoraWeights lora = fixture.adapter(weights);
                LoraWeights gradients = new LoraWeights(lora.layout());
                LoraCopies copies = new LoraCopies(lora, weights)) {
            Pack pack = Pack.of(fixture.samples());
            for (MemoryTier tier : MemoryTier.values()) {
                PlainFlash flash = new PlainFlash();
                gradients.flat().zero_();
                try (TrainingDecoder decoder = new TrainingDecoder(weights, copies.trainable(gradients), tier, flash)) {
                    double expected = fixture.golden("loss.adapted")[0];
                    assertThat(decoder.forwardBackward(pack, pack.weightSum()).meanLoss())
                            .isCloseTo(expected, within(1e-5 * expected));
                }
                assertThat(flash.calls()).isGreaterThan(2 * weights.layers().size() - 1);
                gradients.byName().forEach((key, gradient) -> Gradients.assertClose(key,
                        HostMemory.toFloats(gradient), fixture.golden("gradient." + key)));
            }
        }
    }

    @Test
    void boundsCoverEveryRowAndTakeTheFillingAsOneSample() {
        try (TensorScope _ = TensorScope.open()) {
            assertThat(bounds(5, 150, 1, 70)).containsExactly(0, 5, 155, 156, 226, 256);
            assertThat(bounds(100, 28)).containsExactly(0, 100, 128);
            assertThat(bounds(1)).containsExactly(0, 1, 64);
            assertThat(longest(5, 150, 1, 70)).isEqualTo(150);
            assertThat(longest(1)).as("the filling").isEqualTo(63);
        }
    }

    private static SampleBounds boundsOf(Integer... lengths) {
        return SampleBounds.of(new AttentionCase(new HeadShape(1, 1, 8), 0, List.of(lengths)).pack());
    }

    private static long[] bounds(Integer... lengths) {
        return HostMemory.toLongs(boundsOf(lengths).cumulative().to(torch.ScalarType.Long));
    }

    private static int longest(Integer... lengths) {
        return boundsOf(lengths).longest();
    }

    @Test
    void libtorchTakesTheArgumentsThatForwardAndBackwardPass() {
        try (TensorScope _ = TensorScope.open()) {
            SampleBounds bounds = boundsOf(3, 4);
            Tensor heads = torch.zeros(64, 2, 8);
            Tensor sums = torch.zeros(2, 64);
            assertAccepted(LibtorchFlash.FORWARD, LibtorchFlash.forwardArguments(heads, heads, heads, bounds, 5),
                    List.of("query", "key", "value", "cum_seq_q", "cum_seq_k", "max_q", "max_k", "dropout_p",
                            "is_causal", "return_debug_mask", "scale", "window_size_left", "window_size_right",
                            "seqused_k", "alibi_slopes"),
                    "(Tensor output, Tensor softmax_logsumexp, Tensor rng_state, Tensor unused, Tensor debug_attn_mask)");
            assertAccepted(LibtorchFlash.BACKWARD,
                    LibtorchFlash.backwardArguments(heads, heads, heads, heads,
                            new FlashOperator.Output(heads, sums), bounds, 5),
                    List.of("grad_out", "query", "key", "value", "out", "logsumexp", "cum_seq_q", "cum_seq_k", "max_q",
                            "max_k", "dropout_p", "is_causal", "rng_state", "unused", "scale", "window_size_left",
                            "window_size_right"),
                    "(Tensor, Tensor, Tensor)");
        }
    }

    private static void assertAccepted(BoxedOperator operator, IValue[] arguments, List<String> names,
            String results) {
        String[] sides = operator.schema().split(" -> ", 2);
        assertThat(sides[1]).isEqualTo(results);
        List<String> types = new ArrayList<>();
        List<String> found = new ArrayList<>();
        Matcher parameters = PARAMETER.matcher(sides[0].substring(sides[0].indexOf('(')));
        while (parameters.find()) {
            types.add(parameters.group("type"));
            found.add(parameters.group("name"));
        }
        assertThat(found).isEqualTo(names);
        assertThat(arguments).hasSameSizeAs(names);
        for (int i = 0; i < arguments.length; i++) {
            assertThat(fits(arguments[i], types.get(i))).as(types.get(i) + " " + names.get(i)).isTrue();
        }
    }

    private static boolean fits(IValue value, String type) {
        return switch (type) {
            case "Tensor" -> value.isTensor();
            case "Tensor?" -> value.isTensor() || value.isNone();
            case "SymInt", "SymInt?", "int", "int?" -> value.isInt();
            case "float", "float?" -> value.isDouble();
            case "bool" -> value.isBool();
            default -> false;
        };
    }

    @Test
    void theOperatorHasNoKernelOnTheCpuAndIsNotChosenThere() {
        assertThat(LibtorchFlash.find(new HeadShape(2, 4, 64), DType.BF16)).isNull();
        try (TensorScope _ = TensorScope.open()) {
            Tensor heads = torch.zeros(64, 2, 8);
            assertThatThrownBy(() -> new LibtorchFlash().forward(heads, heads, heads, boundsOf(3, 4), 0))
                    .isInstanceOf(RuntimeException.class).hasMessageContaining("_flash_attention_forward")
                    .hasMessageContaining("'CPU' backend");
        }
    }

    @Test
    void headsThatHaveNoKernelAreNotTaken() {
        assertThat(LibtorchFlash.takes(new HeadShape(2, 4, 64), DType.BF16)).isTrue();
        assertThat(LibtorchFlash.takes(new HeadShape(2, 4, 256), DType.BF16)).isTrue();
        assertThat(LibtorchFlash.takes(new HeadShape(2, 4, 64), DType.FP32)).isFalse();
        assertThat(LibtorchFlash.takes(new HeadShape(2, 4, 20), DType.BF16)).isFalse();
        assertThat(LibtorchFlash.takes(new HeadShape(2, 4, 224), DType.BF16)).isFalse();
        assertThat(LibtorchFlash.takes(new HeadShape(2, 4, 512), DType.BF16)).isFalse();
    }

    @Test
    void anOperatorsResultsComeBackInOrder() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor matrix = HostMemory.floats(new float[]{1, 5, 3, 4, 2, 6}, 2, 3);
            Tensor[] results = BoxedOperator.find("aten::max", "dim").results(new IValue(matrix), new IValue(1L),
                    new IValue(false));
            assertThat(results).hasSize(2);
            assertThat(HostMemory.toFloats(results[0])).containsExactly(5, 6);
            assertThat(HostMemory.toLongs(results[1])).containsExactly(1, 2);
        }
    }
}
