package dev.luthier.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.safetensors.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Configurations of published models read as Hugging Face transformers reads them ({@code make_configs.py}). */
class ModelConfigTest {

    private static final Path GOLDEN = Path.of("src/test/resources/model/golden");

    static Stream<Path> goldenFiles() throws IOException {
        try (Stream<Path> files = Files.list(GOLDEN)) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("goldenFiles")
    void aConfigIsReadAsTransformersReadsIt(Path file) throws IOException {
        JsonNode golden = Json.parse(Files.readString(file));
        JsonNode expected = golden.path("expected");
        ModelConfig config = ModelConfig.parse(golden.path("config"));
        assertThat(config.vocabSize()).isEqualTo(expected.path("vocab_size").intValue());
        assertThat(config.hiddenSize()).isEqualTo(expected.path("hidden_size").intValue());
        assertThat(config.intermediateSize()).isEqualTo(expected.path("intermediate_size").intValue());
        assertThat(config.layers()).isEqualTo(expected.path("layers").intValue());
        assertThat(config.heads()).isEqualTo(expected.path("heads").intValue());
        assertThat(config.kvHeads()).isEqualTo(expected.path("kv_heads").intValue());
        assertThat(config.headDim()).isEqualTo(expected.path("head_dim").intValue());
        assertThat(config.rmsNormEps()).isEqualTo(expected.path("rms_norm_eps").doubleValue());
        assertThat(config.maxPositions()).isEqualTo(expected.path("max_positions").intValue());
        assertThat(config.tiedEmbeddings()).isEqualTo(expected.path("tied").booleanValue());
        assertThat(config.attentionWindows()).isEqualTo(integers(expected.path("windows")));
        assertThat(config.type()).isEqualTo(type(expected.path("dtype")));
        assertThat(config.bosTokenId()).isEqualTo(id(expected.path("bos")));
        assertThat(config.eosTokenIds()).isEqualTo(integers(expected.path("eos")));
        assertThat(config.padTokenId()).isEqualTo(id(expected.path("pad")));
        assertThat(config.parameterCount()).isEqualTo(expected.path("parameter_count").longValue());
        assertThat(config.rope().theta()).isEqualTo(expected.path("rope_theta").doubleValue());
        assertThat(config.rope().attentionFactor()).isCloseTo(expected.path("attention_factor").doubleValue(),
                within(1e-12));
        float[] frequencies = config.rope().inverseFrequencies(config.headDim());
        assertThat(frequencies).hasSize(expected.path("inverse_frequencies").size());
        for (int i = 0; i < frequencies.length; i++) {
            double theirs = expected.path("inverse_frequencies").get(i).doubleValue();
            assertThat((double) frequencies[i]).as("pair " + i).isCloseTo(theirs, within(3e-7 * theirs));
        }
    }

    @ParameterizedTest
    @MethodSource("goldenFiles")
    void theTensorsAreThoseOfTransformers(Path file) throws IOException {
        JsonNode golden = Json.parse(Files.readString(file));
        Map<String, List<Long>> shapes = ModelConfig.parse(golden.path("config")).tensorShapes();
        golden.path("expected").path("tensors").properties().forEach(tensor -> assertThat(shapes.get(tensor.getKey()))
                .as(tensor.getKey()).isEqualTo(tensor.getValue().valueStream().map(JsonNode::longValue).toList()));
        if (golden.path("expected").has("tensors")) {
            assertThat(shapes).hasSize(golden.path("expected").path("tensors").size());
        }
    }

    @ParameterizedTest
    @MethodSource("goldenFiles")
    void aWrittenConfigReadsBackTheSame(Path file) throws IOException {
        ModelConfig config = ModelConfig.parse(Json.parse(Files.readString(file)).path("config"));
        assertThat(ModelConfig.parse(Json.parse(Json.writePretty(config.toJson())))).isEqualTo(config);
    }

    @Test
    void bothKeyStylesGiveTheSame() {
        ModelConfig older = ModelConfig.parse(llama("""
                "torch_dtype": "bfloat16", "rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3",
                "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                "original_max_position_embeddings": 64}"""));
        ModelConfig current = ModelConfig.parse(llama("""
                "dtype": "bfloat16", "rope_parameters": {"rope_theta": 500000.0, "rope_type": "llama3",
                "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                "original_max_position_embeddings": 64}"""));
        assertThat(current).isEqualTo(older);
        assertThat(older.rope().scaling()).isEqualTo(new RopeScaling.Llama3(8, 1, 4, 64));
    }

    @Test
    void anUnknownArchitectureIsRefusedWithTheListOfKnownOnes() {
        assertRefused("{\"architectures\": [\"MixtralForCausalLM\"], \"model_type\": \"mixtral\"}",
                "MixtralForCausalLM", "LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM");
        assertRefused("{\"architectures\": [\"LlamaForSequenceClassification\"], \"model_type\": \"llama\"}",
                "LlamaForSequenceClassification");
        assertRefused("{\"architectures\": [\"LlamaForCausalLM\"], \"model_type\": \"smollm3\"}", "smollm3");
        assertRefused("{\"hidden_size\": 8}", "names no architecture");
        assertRefused("{\"architectures\": \"LlamaForCausalLM\"}", "must be a list");
        assertRefused("[1]", "JSON object");
    }

    @Test
    void theModelTypeAloneIsEnough() {
        assertThat(ModelConfig.parse(Json.parse("{\"model_type\": \"qwen3\"}")).queryKeyNorm()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "num_experts": 8                                          | 'num_experts' is not known
            "attn_logit_softcapping": 50.0                            | 'attn_logit_softcapping' is not known
            "quantization_config": {"bits": 4}                        | quantized weights are not supported
            "auto_map": {"AutoModel": "m.Model"}                      | code of their own
            "hidden_act": "gelu"                                      | only "silu" is supported
            "quantization": {"group_size": 64, "bits": 4}             | quantized weights are not supported
            "rope_interleaved": true                                  | 'rope_interleaved' is true
            "partial_rotary_factor": 0.5                              | 'partial_rotary_factor' is 0.5
            "sliding_window": 16                                      | Llama models have none
            "layer_types": ["full_attention", "chunked_attention"]    | chunked_attention
            "layer_types": ["full_attention"]                         | 1 entries for 2 layers
            "layer_types": ["sliding_attention", "full_attention"]    | asks for a sliding window
            "torch_dtype": "int8"                                     | supported are bfloat16, float16 and float32
            "rope_scaling": {"type": "dynamic", "factor": 2.0}        | 'dynamic'
            "rope_scaling": {"rope_type": "longrope"}                 | 'longrope'
            "rope_scaling": {"type": "linear"}                        | 'rope_scaling.factor' is missing
            "rope_scaling": {"type": "linear", "factor": "4"}         | 'rope_scaling.factor' must be a number
            "rope_scaling": {"type": "default", "mrope_section": [1]} | 'rope_scaling.mrope_section'
            "rope_scaling": {"type": "yarn", "factor": 2.0, "partial_rotary_factor": 0.5} | partial_rotary_factor
            "rope_scaling": 4                                         | 'rope_scaling' must be an object
            "num_key_value_heads": 3                                  | must divide the 4 attention heads
            "head_dim": 7                                             | must be even
            "vocab_size": "many"                                      | 'vocab_size' must be a whole number
            "hidden_size": 0                                          | 'hidden_size' must be a whole number
            "rms_norm_eps": -1                                        | 'rms_norm_eps' must be a number greater than 0
            "tie_word_embeddings": "yes"                              | must be true or false
            "eos_token_id": "</s>"                                    | must be token ids
            """)
    void whatWouldChangeTheArithmeticIsRefusedByName(String field, String message) {
        assertRefused(llama(field).toString(), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"pretraining_tp\": 2", "\"attention_dropout\": 0.1", "\"hidden_dropout\": 0.1",
            "\"attn_pdrop\": 0.1", "\"resid_pdrop\": 0.0", "\"model_max_length\": 2048", "\"max_seq_len\": 128",
            "\"hidden_act\": \"swish\"", "\"torch_dtype\": \"torch.bfloat16\"", "\"torch_dtype\": \"auto\"",
            "\"gradient_checkpointing\": true", "\"repetition_penalty\": 1.1", "\"license\": \"apache-2.0\"",
            "\"initializer_factor\": 1.0", "\"use_flash_attention_2\": true", "\"bf16\": true, \"fp16\": false",
            "\"neftune_noise_alpha\": 5", "\"bos_token\": \"<s>\"", "\"tensor_parallel_size\": 4"})
    void whatOnlyTrainingGenerationOrBookkeepingReadsIsAccepted(String field) {
        ModelConfig config = ModelConfig.parse(llama(field));
        assertThat(config.tensorShapes()).isEqualTo(ModelConfig.parse(llama("\"use_cache\": true")).tensorShapes());
    }

    @Test
    void everyFaultIsReportedAtOnce() {
        assertRefused(llama("\"num_experts\": 8, \"hidden_act\": \"relu\", \"vocab_size\": 0").toString(),
                "num_experts", "hidden_act", "vocab_size");
    }

    @Test
    void unknownFieldsThatAreNullAreNoFault() {
        assertThat(ModelConfig.parse(llama("\"num_experts\": null, \"quantization_config\": null")).layers())
                .isEqualTo(2);
    }

    @Test
    void absentAndNullIdsDiffer() {
        assertThat(ModelConfig.parse(llama("\"pad_token_id\": -1")).eosTokenIds()).containsExactly(2);
        assertThat(ModelConfig.parse(llama("\"eos_token_id\": null")).eosTokenIds()).isEmpty();
        assertThat(ModelConfig.parse(llama("\"eos_token_id\": [5, 6]")).eosTokenIds()).containsExactly(5, 6);
    }

    private static ObjectNode llama(String fields) {
        ObjectNode base = (ObjectNode) Json.parse("""
                {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 48,
                "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 80, "vocab_size": 96,
                "max_position_embeddings": 128}""");
        base.setAll((ObjectNode) Json.parse("{" + fields + "}"));
        return base;
    }

    private static void assertRefused(String json, String... messages) {
        assertThatThrownBy(() -> ModelConfig.parse(Json.parse(json))).isInstanceOfSatisfying(ProblemException.class,
                e -> {
                    assertThat(e.problem().kind()).isEqualTo(Problem.Kind.USER);
                    assertThat(e.getMessage()).contains(messages);
                });
    }

    private static List<Integer> integers(JsonNode array) {
        return array.valueStream().map(JsonNode::intValue).toList();
    }

    private static @Nullable Integer id(JsonNode node) {
        return node.isNull() ? null : (Integer) node.intValue();
    }

    private static @Nullable TensorType type(JsonNode name) {
        return name.isNull() ? null : switch (name.stringValue()) {
            case "bfloat16" -> TensorType.BF16;
            case "float16" -> TensorType.F16;
            case "float32" -> TensorType.F32;
            default -> throw new IllegalArgumentException(name.toString());
        };
    }
}
