package dev.luthier.bench.train.input;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.model.ModelWeights;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class ModelMakerTest {
    @TempDir
    private Path folder;

    @Test
    void madeModelIsAModelDirectory() throws IOException {
        Path made = ModelMaker.make(BenchShape.SMOKE, folder);
        ModelDirectory model = ModelDirectory.open(made);
        try (ModelWeights weights = model.weights()) {
            assertThat(weights.tensors()).hasSameSizeAs(model.config().tensorShapes());
        }
        assertThat(model.specialTokens().end()).contains("<|im_end|>");
        assertThat(model.chatTemplate()).isPresent();
    }

    @Test
    void modelThatIsThereIsKept() throws IOException {
        Path weights = ModelMaker.make(BenchShape.SMOKE, folder).resolve("model.safetensors");
        Object key = Files.getAttribute(weights, "unix:ino");
        ModelMaker.make(BenchShape.SMOKE, folder);
        assertThat(Files.getAttribute(weights, "unix:ino")).isEqualTo(key);
    }

    @ParameterizedTest
    @CsvSource({"SMOLLM2_135M, 134515008, 106168320", "SMOLLM2_360M, 361821120, 314572800",
            "QWEN2_5_0_5B, 494032768, 357826560"})
    void shapesHaveThePublishedParameters(BenchShape shape, long all, long linear) {
        assertThat(shape.config().parameterCount()).isEqualTo(all);
        assertThat(shape.linearParameters()).isEqualTo(linear);
    }

    @Test
    void adapterHasRankTimesInputsAndOutputsOfEachLayer() {
        // 5 layers of four 192 x 192 and three 192 x 512 projections.
        assertThat(BenchShape.SMOKE.adapterParameters(16)).isEqualTo(16 * 5 * (4 * 384 + 3 * 704));
    }

    @Test
    void everyTokenHasAWord() {
        JsonNode vocabulary = Json.parse(new WordTokenizer(12).tokenizerJson()).path("model").path("vocab");
        assertThat(vocabulary.size()).isEqualTo(12);
        assertThat(vocabulary.path("w11").intValue()).isEqualTo(11);
        assertThat(vocabulary.path("<|im_end|>").intValue()).isEqualTo(WordTokenizer.END);
    }

    @Test
    void weightsAreAFunctionOfTheirName() {
        byte[] once = bytes(RandomWeights.of("a.weight", List.of(3L, 5L)));
        assertThat(bytes(RandomWeights.of("a.weight", List.of(3L, 5L)))).isEqualTo(once);
        assertThat(bytes(RandomWeights.of("b.weight", List.of(3L, 5L)))).isNotEqualTo(once);
        assertThat(bytes(RandomWeights.of("q_proj.bias", List.of(2L)))).containsOnly(0);
        assertThat(bytes(RandomWeights.of("model.norm.weight", List.of(1L)))).containsExactly(0x80, 0x3F);
    }

    private static byte[] bytes(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void bf16IsRoundedToTheNearestAndToEvenOnATie() {
        assertThat(RandomWeights.bf16(1f)).isEqualTo((short) 0x3F80);
        assertThat(RandomWeights.bf16(Float.intBitsToFloat(0x3F80_8000))).isEqualTo((short) 0x3F80);
        assertThat(RandomWeights.bf16(Float.intBitsToFloat(0x3F81_8000))).isEqualTo((short) 0x3F82);
        assertThat(RandomWeights.bf16(Float.intBitsToFloat(0x3F80_8001))).isEqualTo((short) 0x3F81);
    }
}
