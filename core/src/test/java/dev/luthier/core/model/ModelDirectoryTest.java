package dev.luthier.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.core.safetensors.TensorType;
import dev.luthier.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

class ModelDirectoryTest {

    private static final String CONFIG = """
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 12, "intermediate_size": 20,
            "num_hidden_layers": 2, "num_attention_heads": 3, "num_key_value_heads": 1, "vocab_size": 10,
            "max_position_embeddings": 16, "torch_dtype": "float32"}""";

    @TempDir
    private Path directory;

    @BeforeEach
    void writeConfig() throws IOException {
        write("config.json", CONFIG);
    }

    @Test
    void weightsAreExactlyTheTensorsOfTheConfig() throws IOException {
        writeWeights(tensors -> tensors);
        ModelDirectory model = ModelDirectory.open(directory);
        try (ModelWeights weights = model.weights()) {
            assertThat(weights.tensors().keySet()).containsExactlyElementsOf(model.config().tensorShapes().keySet());
            assertThat(weights.tensor("model.layers.1.self_attn.k_proj.weight").shape()).containsExactly(4L, 12L);
            assertThatThrownBy(() -> weights.tensor("x")).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(model.configSha256()).hasSize(64);
        assertThat(model.path()).isEqualTo(directory);
    }

    @Test
    void weightsMayBeSpreadOverShards() throws IOException {
        SequencedMap<String, List<Long>> shapes = ModelDirectory.open(directory).config().tensorShapes();
        List<String> names = List.copyOf(shapes.keySet());
        ObjectNode map = Json.MAPPER.createObjectNode();
        SafetensorsWriter[] writers = {new SafetensorsWriter(), new SafetensorsWriter()};
        shapes.forEach((name, shape) -> {
            int shard = names.indexOf(name) % 2;
            add(writers[shard], name, shape, TensorType.F32);
            map.put(name, shard(shard));
        });
        // An index decides which of two copies counts.
        add(writers[1], names.getFirst(), List.of(3L), TensorType.F32);
        writers[0].write(directory.resolve(shard(0)));
        writers[1].write(directory.resolve(shard(1)));
        ObjectNode index = Json.MAPPER.createObjectNode();
        index.set("weight_map", map);
        write("model.safetensors.index.json", index.toString());
        try (ModelWeights weights = ModelDirectory.open(directory).weights()) {
            assertThat(weights.tensors()).hasSameSizeAs(names);
        }

        Files.delete(directory.resolve(shard(1)));
        assertUserProblem(this::openWeights, shard(1), "is missing");

        map.put(names.getFirst(), "../" + shard(0));
        write("model.safetensors.index.json", index.toString());
        assertUserProblem(this::openWeights, "not the name of a file in the same directory");
        write("model.safetensors.index.json", "{}");
        assertUserProblem(this::openWeights, "no weight_map");
    }

    @Test
    void aTensorThatItsShardLacksIsNamedWithTheShard() throws IOException {
        SequencedMap<String, List<Long>> shapes = ModelDirectory.open(directory).config().tensorShapes();
        ObjectNode map = Json.MAPPER.createObjectNode();
        SafetensorsWriter writer = new SafetensorsWriter();
        shapes.forEach((name, shape) -> {
            map.put(name, shard(0));
            if (!name.equals("model.norm.weight")) {
                add(writer, name, shape, TensorType.BF16);
            }
        });
        writer.write(directory.resolve(shard(0)));
        ObjectNode index = Json.MAPPER.createObjectNode();
        index.set("weight_map", map);
        write("model.safetensors.index.json", index.toString());
        assertUserProblem(this::openWeights, "'model.norm.weight' is missing from " + shard(0));
    }

    @Test
    void missingWrongAndSuperfluousTensorsAreReportedTogether() throws IOException {
        writeWeights(tensors -> {
            tensors.remove("model.norm.weight");
            tensors.put("model.layers.0.mlp.up_proj.weight", List.of(12L, 20L));
            tensors.put("model.layers.0.self_attn.q_proj.bias", List.of(12L));
            return tensors;
        });
        assertUserProblem(this::openWeights, "'model.norm.weight' is missing from model.safetensors",
                "'model.layers.0.mlp.up_proj.weight' has shape [12, 20] and config.json implies [20, 12]",
                "'model.layers.0.self_attn.q_proj.bias' is there, but config.json implies no such tensor");
    }

    @Test
    void manyFaultsAreCountedAndNotAllListed() throws IOException {
        writeWeights(tensors -> {
            tensors.keySet().removeIf(name -> name.contains("layers"));
            return tensors;
        });
        assertUserProblem(this::openWeights, "and 13 more");
    }

    @Test
    void weightsThatAreNoFloatsAreRefused() throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        ModelDirectory.open(directory).config().tensorShapes().forEach((name,
                shape) -> add(writer, name, shape, name.equals("lm_head.weight") ? TensorType.I16 : TensorType.F16));
        writer.write(directory.resolve("model.safetensors"));
        assertUserProblem(this::openWeights, "'lm_head.weight' has type I16 and must have one of [F16, BF16, F32]");
    }

    @Test
    void aTruncatedFileIsNamed() throws IOException {
        writeWeights(tensors -> tensors);
        Path file = directory.resolve("model.safetensors");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 4);
        }
        assertUserProblem(this::openWeights, file.toString(), "truncated", "'model.norm.weight'");
    }

    @Test
    void noWeightsAtAllIsAUserProblem() {
        assertUserProblem(this::openWeights, "neither model.safetensors nor model.safetensors.index.json");
    }

    @Test
    void aTiedModelMayStoreItsHeadIfItIsTheEmbedding() throws IOException {
        write("config.json", CONFIG.replace("\"vocab_size\"", "\"tie_word_embeddings\": true, \"vocab_size\""));
        writeWeights(tensors -> tensors);
        try (ModelWeights weights = ModelDirectory.open(directory).weights()) {
            assertThat(weights.tensors()).doesNotContainKey("lm_head.weight");
        }
        writeWeights(tensors -> {
            tensors.put("lm_head.weight", List.of(10L, 12L));
            return tensors;
        });
        try (ModelWeights weights = ModelDirectory.open(directory).weights()) {
            assertThat(weights.tensors()).doesNotContainKey("lm_head.weight");
        }
        writeWeights(tensors -> {
            tensors.put("lm_head.weight", List.of(10L, 13L));
            return tensors;
        });
        assertUserProblem(this::openWeights, "'lm_head.weight' differs from the embedding");
    }

    @Test
    void storedRotaryFrequenciesAreIgnored() throws IOException {
        writeWeights(tensors -> {
            tensors.put("model.layers.0.self_attn.rotary_emb.inv_freq", List.of(2L));
            return tensors;
        });
        ModelDirectory model = ModelDirectory.open(directory);
        try (ModelWeights weights = model.weights()) {
            assertThat(weights.tensors().keySet()).containsExactlyElementsOf(model.config().tensorShapes().keySet());
        }
    }

    @Test
    void endOfTextComesFromTheGenerationConfigFirst() throws IOException {
        assertThat(ModelDirectory.open(directory).eosTokenIds()).containsExactly(2);
        write("generation_config.json", "{\"eos_token_id\": [4, 5]}");
        assertThat(ModelDirectory.open(directory).eosTokenIds()).containsExactly(4, 5);
        write("generation_config.json", "{\"eos_token_id\": 6}");
        assertThat(ModelDirectory.open(directory).eosTokenIds()).containsExactly(6);
        write("generation_config.json", "{}");
        assertThat(ModelDirectory.open(directory).eosTokenIds()).containsExactly(2);
        write("generation_config.json", "{\"eos_token_id\": \"x\"}");
        assertUserProblem(() -> ModelDirectory.open(directory), "generation_config.json", "eos_token_id");
    }

    @Test
    void specialTokensAreStringsOrObjects() throws IOException {
        write("tokenizer_config.json", """
                {"bos_token": {"content": "<s>", "lstrip": false}, "eos_token": "</s>", "pad_token": null,
                "add_bos_token": true, "image_token": "<img>", "additional_special_tokens": ["<a>", {"content": "<b>"}],
                "added_tokens_decoder": {}}""");
        write("special_tokens_map.json", "{\"eos_token\": \"<|ignored|>\", \"pad_token\": \"<pad>\"}");
        SpecialTokens tokens = ModelDirectory.open(directory).specialTokens();
        assertThat(tokens.named()).containsExactlyInAnyOrderEntriesOf(
                Map.of("bos_token", "<s>", "eos_token", "</s>", "image_token", "<img>"));
        assertThat(tokens.beginning()).hasValue("<s>");
        assertThat(tokens.end()).hasValue("</s>");
        assertThat(tokens.text("pad_token")).isEmpty();
        assertThat(tokens.additional()).containsExactly("<a>", "<b>");
    }

    @Test
    void theSpecialTokensMapCountsForOldTokenizers() throws IOException {
        write("tokenizer_config.json", "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
        write("special_tokens_map.json", "{\"eos_token\": {\"content\": \"<end>\"}, \"pad_token\": \"<pad>\"}");
        assertThat(ModelDirectory.open(directory).specialTokens().named()).containsExactlyInAnyOrderEntriesOf(
                Map.of("bos_token", "<s>", "eos_token", "<end>", "pad_token", "<pad>"));
    }

    @Test
    void chatTemplatesComeFromTheConfigOrFromFilesWhichWin() throws IOException {
        assertThat(ModelDirectory.open(directory).chatTemplate()).isEmpty();
        write("tokenizer_config.json", "{\"chat_template\": \"one\"}");
        assertThat(ModelDirectory.open(directory).chatTemplate()).hasValue("one");
        write("tokenizer_config.json", """
                {"chat_template": [{"name": "tool_use", "template": "tools"}, {"name": "default", "template": "two"}]}
                """);
        assertThat(ModelDirectory.open(directory).chatTemplates()).containsExactly(Map.entry("default", "two"),
                Map.entry("tool_use", "tools"));
        write("chat_template.jinja", "three");
        assertThat(ModelDirectory.open(directory).chatTemplates()).containsExactly(Map.entry("default", "three"));
        Files.createDirectory(directory.resolve("additional_chat_templates"));
        write("additional_chat_templates/rag.jinja", "four");
        assertThat(ModelDirectory.open(directory).chatTemplates()).containsExactly(Map.entry("default", "three"),
                Map.entry("rag", "four"));
    }

    @Test
    void brokenSmallFilesAreNamed() throws IOException {
        write("tokenizer_config.json", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n");
        assertUserProblem(() -> ModelDirectory.open(directory), "tokenizer_config.json",
                "it is a Git LFS pointer: its content was not downloaded. Run git lfs pull");
        write("tokenizer_config.json", "<html><body>Not found</body></html>");
        assertUserProblem(() -> ModelDirectory.open(directory), "tokenizer_config.json", "it is an HTML page");
        write("tokenizer_config.json", "{");
        assertUserProblem(() -> ModelDirectory.open(directory), "tokenizer_config.json", "not valid JSON");
        write("tokenizer_config.json", "{\"chat_template\": [{\"name\": \"default\"}]}");
        assertUserProblem(() -> ModelDirectory.open(directory), "tokenizer_config.json", "chat_template");
        Files.delete(directory.resolve("config.json"));
        assertUserProblem(() -> ModelDirectory.open(directory), "config.json", "is missing");
        assertUserProblem(() -> ModelDirectory.open(directory.resolve("none")), "is not a directory");
    }

    @Test
    void aFaultOfTheConfigNamesItsFile() throws IOException {
        write("config.json", CONFIG.replace("LlamaFor", "MixtralFor"));
        assertUserProblem(() -> ModelDirectory.open(directory), directory.resolve("config.json").toString(),
                "MixtralForCausalLM");
    }

    @Test
    void aMissingTokenizerIsNamed() {
        assertUserProblem(() -> ModelDirectory.open(directory).tokenizer().close(),
                directory.resolve("tokenizer.json").toString());
    }

    @Test
    void theTokenizersOwnEndTokenStopsToo() throws IOException {
        Files.copy(Path.of("src/test/resources/tokenizer/byte-level/tokenizer.json"),
                directory.resolve("tokenizer.json"));
        write("tokenizer_config.json", "{\"eos_token\": \"<|im_end|>\"}");
        write("generation_config.json", "{\"eos_token_id\": 0}");
        assertUserProblem(() -> ModelDirectory.open(directory).tokenizer().close(), "tokenizer.json",
                "vocab_size in config.json is 10");
        write("config.json", CONFIG.replace("\"vocab_size\": 10", "\"vocab_size\": 512"));
        ModelDirectory model = ModelDirectory.open(directory);
        try (Tokenizer tokenizer = model.tokenizer()) {
            assertThat(model.stopTokenIds(tokenizer)).containsExactly(0, 2);
        }
    }

    private void openWeights() {
        ModelDirectory.open(directory).weights().close();
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
    }

    private void writeWeights(UnaryOperator<SequencedMap<String, List<Long>>> change) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        change.apply(ModelDirectory.open(directory).config().tensorShapes())
                .forEach((name, shape) -> add(writer, name, shape, TensorType.F32));
        writer.write(directory.resolve("model.safetensors"));
    }

    private static void add(SafetensorsWriter writer, String name, List<Long> shape, TensorType type) {
        long elements = shape.stream().reduce(1L, (a, b) -> a * b);
        writer.add(name, type, shape, ByteBuffer.allocate((int) elements * type.sizeBytes()));
    }

    private static String shard(int number) {
        return "model-0000" + (number + 1) + "-of-00002.safetensors";
    }

    private static void assertUserProblem(ThrowingCallable call, String... messages) {
        assertThatThrownBy(call).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.problem().kind()).isEqualTo(Problem.Kind.USER);
            assertThat(e.getMessage()).contains(messages);
        });
    }
}
