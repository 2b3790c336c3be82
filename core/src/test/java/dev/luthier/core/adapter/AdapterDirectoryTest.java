package dev.luthier.core.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.core.safetensors.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Adapters in PEFT's layout, as they are added, served and trained on from. */
class AdapterDirectoryTest {
    private static final ModelConfig BASE = ModelConfig.parse(Json.parse("""
            {"architectures": ["LlamaForCausalLM"], "vocab_size": 20, "hidden_size": 12, "intermediate_size": 20,
             "num_hidden_layers": 3, "num_attention_heads": 3, "num_key_value_heads": 1, "head_dim": 4}"""));
    private static final String QUERY = "model.layers.%d.self_attn.q_proj";
    private static final List<Long> QUERY_SHAPE = List.of(12L, 12L);

    @TempDir
    private Path folder;
    private SafetensorsWriter tensors = new SafetensorsWriter();

    /** Query projections of all layers, rank 2. */
    @BeforeEach
    void write() throws IOException {
        config("{}");
        for (int layer = 0; layer < 3; layer++) {
            module(QUERY.formatted(layer), 2);
        }
        save();
    }

    /** The configuration that PEFT 0.21 saves for plain LoRA, changed by some fields. */
    private void config(String changes) throws IOException {
        ObjectNode config = (ObjectNode) Json.parse("""
                {"alora_invocation_tokens": null, "alpha_pattern": {}, "arrow_config": null, "auto_mapping": null,
                 "base_model_name_or_path": "org/small", "bias": "none", "corda_config": null,
                 "ensure_weight_tying": false, "eva_config": null, "exclude_modules": null, "fan_in_fan_out": false,
                 "inference_mode": true, "init_lora_weights": true, "kasa_config": null, "layer_replication": null,
                 "layers_pattern": null, "layers_to_transform": null, "loftq_config": {}, "lora_alpha": 4,
                 "lora_bias": false, "lora_dropout": 0.1, "megatron_config": null, "megatron_core": "megatron.core",
                 "modules_to_save": null, "peft_type": "LORA", "peft_version": "0.21.2", "qalora_group_size": 16,
                 "r": 2, "rank_pattern": {}, "revision": null, "target_modules": ["q_proj"], "target_parameters": null,
                 "task_type": "CAUSAL_LM", "trainable_token_indices": null, "use_bdlora": null, "use_dora": false,
                 "use_qalora": false, "use_rslora": false}""");
        config.setAll((ObjectNode) Json.parse(changes));
        Files.writeString(folder.resolve("adapter_config.json"), config.toString());
    }

    private void module(String module, int rank) {
        List<Long> shape = module.endsWith("down_proj") ? List.of(12L, 20L) : QUERY_SHAPE;
        tensor(module + ".lora_A.weight", (long) rank, shape.get(1));
        tensor(module + ".lora_B.weight", shape.get(0), (long) rank);
    }

    private void tensor(String name, Long... shape) {
        float[] values = new float[Arrays.stream(shape).mapToInt(Long::intValue).reduce(1, Math::multiplyExact)];
        Arrays.fill(values, 0.5f);
        tensors.add("base_model.model." + name, List.of(shape), values);
    }

    private void save() throws IOException {
        tensors.write(folder.resolve("adapter_model.safetensors"));
        tensors = new SafetensorsWriter();
    }

    private LoraShape shape() {
        try (AdapterDirectory adapter = AdapterDirectory.open(folder, BASE)) {
            return adapter.shape();
        }
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(() -> AdapterDirectory.open(folder, BASE)).isInstanceOf(ProblemException.class)
                .hasMessageContainingAll(parts);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"target_modules\": \".*q_proj\"}", "{\"target_modules\": null}",
            "{\"target_modules\": \"^(?!.*lm_head).*\\\\.(?P<kind>q)_proj$\"}",
            "{\"target_modules\": [\"model.layers.0.self_attn.q_proj\", \"layers.1.self_attn.q_proj\", \"2.self_attn.q_proj\"]}",
            "{\"target_modules\": \"all-linear\", \"exclude_modules\": [\"k_proj\", \"v_proj\", \"o_proj\", \"gate_proj\", \"up_proj\", \"down_proj\"]}",
            "{\"target_modules\": [\"q_proj\", \"v_proj\"], \"exclude_modules\": \".*\\\\.v_proj\"}",
            "{\"layers_to_transform\": [0, 1, 2], \"layers_pattern\": \"layers\"}",
            "{\"layers_to_transform\": [2, 1, 0], \"layers_pattern\": [\"h\", \"layers\"]}",
            "{\"init_lora_weights\": \"eva\", \"eva_config\": {\"rho\": 2.0}}", "{\"init_lora_weights\": \"gaussian\"}",
            "{\"init_lora_weights\": \"orthogonal\"}", "{\"init_lora_weights\": false}",
            "{\"init_lora_weights\": \"mica\"}", "{\"a_future_option\": null, \"another\": false, \"third\": {}}",
            "{\"rank_pattern\": {\"v_proj\": 7}}", "{\"task_type\": null}", "{\"lora_dropout\": 0.5}",
            "{\"auto_mapping\": {\"base_model_class\": \"LlamaForCausalLM\", \"unsloth_fixed\": true}}"})
    void plainLoraIsTheSameHoweverItIsWritten(String changes) throws IOException {
        config(changes);
        assertThat(shape()).isEqualTo(LoraShape.plain(2, 4, List.of("q_proj"), BASE));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"{\"peft_type\":\"IA3\"} | peft_type is IA3",
            "{\"peft_type\":null} | peft_type is missing", "{\"task_type\":\"TOKEN_CLS\"} | task_type is TOKEN_CLS",
            "{\"bias\":\"lora_only\"} | bias lora_only", "{\"bias\":true} | bias true",
            "{\"modules_to_save\":[\"lm_head\"]} | modules_to_save (modules trained in full)",
            "{\"use_qalora\":true} | use_qalora (QALoRA)", "{\"lora_bias\":true} | lora_bias (biases in LoRA layers)",
            "{\"fan_in_fan_out\":true} | fan_in_fan_out (transposed layers)",
            "{\"trainable_token_indices\":[3]} | trainable_token_indices (trained tokens)",
            "{\"trainable_token_indices\":{\"embed_tokens\":[3]}} | trainable_token_indices",
            "{\"megatron_config\":{\"tp\":2}} | megatron_config (Megatron's parallel layers)",
            "{\"layer_replication\":[[0,2]]} | layer_replication",
            "{\"target_parameters\":[\"x\"]} | target_parameters",
            "{\"alora_invocation_tokens\":[1]} | alora_invocation_tokens",
            "{\"arrow_config\":{\"top_k\":3}} | arrow_config",
            "{\"kasa_config\":{\"beta\":1}} | kasa_config", "{\"use_bdlora\":{\"nblocks\":2}} | use_bdlora",
            "{\"init_lora_weights\":\"pissa\"} | init_lora_weights pissa changes the base model",
            "{\"init_lora_weights\":\"pissa_niter_16\"} | init_lora_weights pissa_niter_16",
            "{\"init_lora_weights\":\"olora\"} | init_lora_weights olora", "{\"init_lora_weights\":\"OLoRA\"} | OLoRA",
            "{\"init_lora_weights\":\"corda\"} | corda", "{\"init_lora_weights\":\"loftq\"} | loftq",
            "{\"init_lora_weights\":\"lora_ga\"} | lora_ga",
            "{\"init_lora_weights\":\"tomorrow\"} | init_lora_weights tomorrow is not known",
            "{\"a_future_option\":true} | a_future_option is not known and may change the arithmetic",
            "{\"a_future_option\":0.5} | a_future_option", "{\"r\":0} | r must be a whole number from 1 to 512, not 0",
            "{\"r\":null} | r must be", "{\"r\":2.5} | not 2.5", "{\"r\":1e30} | r must be",
            "{\"lora_alpha\":0} | lora_alpha must be a number greater than 0", "{\"lora_alpha\":\"4\"} | lora_alpha",
            "{\"use_dora\":\"yes\"} | use_dora must be true or false", "{\"use_rslora\":1} | use_rslora",
            "{\"rank_pattern\":[4]} | rank_pattern must be an object",
            "{\"rank_pattern\":{\"q_proj\":0}} | rank_pattern",
            "{\"alpha_pattern\":{\"q_proj\":-1}} | alpha_pattern of q_proj",
            "{\"alpha_pattern\":{\"(q\":1}} | alpha_pattern holds \"(.*\\.)?((q)\"",
            "{\"target_modules\":\"*\"} | target_modules holds \"*\", which cannot be read as a regular expression",
            "{\"target_modules\":\"(.*)(.*)(.*)(.*)(.*)(.*)\\\\1!\"} | takes too long",
            "{\"target_modules\":7} | target_modules must be",
            "{\"target_modules\":[\"v_proj\"]} | there are matrices for model.layers.0.self_attn.q_proj",
            "{\"exclude_modules\":[\"model.layers.1.self_attn.q_proj\"]} | matrices for model.layers.1.self_attn.q_proj",
            "{\"layers_to_transform\":[0,1]} | there are matrices for model.layers.2.self_attn.q_proj",
            "{\"layers_to_transform\":[0,1,2],\"layers_pattern\":\"h\"} | there are matrices for model.layers.0",
            "{\"layers_to_transform\":[\"0\"]} | layers_to_transform must be a layer's number",
            "{\"target_modules\":[\"q_proj\",\"v_proj\"]} | names model.layers.0.self_attn.v_proj, for which there are no",
            "{\"rank_pattern\":{\"q_proj\":3}} | has the shape [2, 12], not [3, 12]",
            "{\"use_dora\":true} | lora_magnitude_vector is missing"})
    void otherVariantsAreRefusedByName(String changes, String part) throws IOException {
        config(changes);
        assertRefused(part);
    }

    @Test
    void allFaultsOfAConfigurationAreNamedAtOnce() throws IOException {
        config("{\"use_qalora\": true, \"bias\": \"all\", \"r\": 0}");
        assertRefused("use_qalora", "bias all", "r must be");
    }

    @Test
    void modulesOfOneLayerAndTheirRanksAndAlphasAreRead() throws IOException {
        config("""
                {"target_modules": ["model.layers.0.self_attn.q_proj", "model.layers.2.mlp.down_proj",
                                    "model.layers.2.self_attn.q_proj"],
                 "rank_pattern": {"down_proj": 5, "layers.2.self_attn.q_proj": 1},
                 "alpha_pattern": {"^model\\\\.layers\\\\.2\\\\..*": 3.5, "q_proj": 9}, "use_rslora": true}""");
        module(QUERY.formatted(0), 2);
        module(QUERY.formatted(2), 1);
        module("model.layers.2.mlp.down_proj", 5);
        save();
        LoraShape shape = shape();
        assertThat(shape.modules()).containsExactly(
                Map.entry(QUERY.formatted(0), new LoraShape.Size(2, 9)),
                Map.entry(QUERY.formatted(2), new LoraShape.Size(1, 3.5)),
                Map.entry("model.layers.2.mlp.down_proj", new LoraShape.Size(5, 3.5)));
        assertThat(shape.scaling(new LoraShape.Size(4, 6))).isEqualTo(3);
        assertThat(shape.envelope(BASE))
                .isEqualTo(new RunSpec.Lora(5, 9, List.of("q_proj", "down_proj"), true, false, 0));
        assertThat(shape.describe()).contains("ranks 1 to 5 on q_proj, down_proj of layers [0, 2]");
    }

    @Test
    void writtenConfigurationIsReadAsTheSameShape() throws IOException {
        config("{\"rank_pattern\": {\"0.self_attn.q_proj\": 4}, \"alpha_pattern\": {\"1.self_attn.q_proj\": 0.5}}");
        module(QUERY.formatted(0), 4);
        module(QUERY.formatted(1), 2);
        module(QUERY.formatted(2), 2);
        save();
        LoraShape shape = shape();
        Files.writeString(folder.resolve("adapter_config.json"), AdapterDirectory.configJson(shape, "small", BASE));
        assertThat(shape()).isEqualTo(shape);
        assertThat(AdapterDirectory.namedBase(folder)).isEqualTo("small");
    }

    @Test
    void shapeOfARunIsTheEnvelopeOfItsAdapter() {
        for (int top : new int[]{0, 1, 2}) {
            RunSpec.Lora wanted = new RunSpec.Lora(3, 6, List.of("v_proj", "up_proj"), false, true, top);
            assertThat(LoraShape.of(wanted, BASE).envelope(BASE)).isEqualTo(wanted);
        }
        assertThat(LoraShape.of(new RunSpec.Lora(3, 6, List.of("v_proj"), false, false, 2), BASE).layers())
                .containsExactly(1, 2);
        RunSpec.Lora tooMany = new RunSpec.Lora(3, 6, RunSpec.Lora.LINEAR_LAYERS, false, false, 5);
        assertThatThrownBy(() -> LoraShape.of(tooMany, BASE)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("lora.topLayers is 5").hasMessageContaining("3 layers");
    }

    @Test
    void tensorsThatDoNotFitAreNamed() throws IOException {
        String query = QUERY.formatted(0);
        tensor(query + ".lora_A.weight", 2L, 12L);
        save();
        assertRefused("tensor base_model.model." + query + ".lora_B.weight is missing",
                "names model.layers.1.self_attn.q_proj, for which there are no matrices");
        tensor(query + ".lora_A.weight", 4L, 12L);
        tensor(query + ".lora_B.weight", 12L, 2L);
        save();
        assertRefused("lora_A.weight has the shape [4, 12], not [2, 12]");
        for (String stray : List.of("model.layers.3.self_attn.q_proj.lora_A.weight", "lm_head.lora_A.weight",
                "model.layers.99999999999.mlp.up_proj.lora_A.weight", "model.embed_tokens.lora_embedding_A",
                "score.weight", query + ".lora_B.bias", query + ".lora_A.default.weight",
                query + ".base_layer.weight")) {
            tensor(stray, 2L, 12L);
            save();
            assertRefused("tensor base_model.model." + stray);
        }
        config("{\"target_modules\": null}");
        save();
        assertRefused("holds no matrices");
    }

    @ParameterizedTest
    @CsvSource({"F32, NaN, holds NaN at index 3", "F32, Infinity, holds infinity", "F32, -Infinity, holds infinity",
            "BF16, NaN, holds NaN", "F16, Infinity, holds infinity", "F64, NaN, holds NaN",
            "F64, 1e300, a number too large for fp32", "F64, 0.1,", "F32, 3e38,", "BF16, 0.5,", "F16, 0.5,"})
    void everyValueIsAFiniteNumber(TensorType type, double value, @Nullable String fault) throws IOException {
        config("{\"layers_to_transform\": 1}");
        ByteBuffer bytes = ByteBuffer.allocate(24 * type.sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
        IntStream.range(0, 24).forEach(i -> put(bytes, type, i == 3 ? value : 0));
        tensors.add("base_model.model." + QUERY.formatted(1) + ".lora_A.weight", type, List.of(2L, 12L), bytes.flip());
        tensor(QUERY.formatted(1) + ".lora_B.weight", 12L, 2L);
        save();
        if (fault == null) {
            assertThat(shape().layers()).containsExactly(1);
        } else {
            assertRefused(fault, "layers.1.self_attn.q_proj.lora_A.weight");
        }
    }

    private static void put(ByteBuffer bytes, TensorType type, double value) {
        switch (type) {
            case F64 -> bytes.putDouble(value);
            case F32 -> bytes.putFloat((float) value);
            case F16 -> bytes.putShort(Float.floatToFloat16((float) value));
            case BF16 -> bytes.putShort((short) (Float.floatToRawIntBits((float) value) >>> 16));
            case I64, U64, I32, U32, I16, U16, I8, U8, BOOL, C64, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ ->
                throw new IllegalArgumentException();
        }
    }

    @Test
    void wholeNumbersAreNoMatrices() throws IOException {
        config("{\"layers_to_transform\": 1}");
        tensors.add("base_model.model." + QUERY.formatted(1) + ".lora_A.weight", TensorType.I32, List.of(2L, 12L),
                ByteBuffer.allocate(96));
        tensor(QUERY.formatted(1) + ".lora_B.weight", 12L, 2L);
        save();
        assertRefused("has the type I32; use one of");
    }

    @Test
    void missingOrBrokenFilesAreNamed() throws IOException {
        Files.delete(folder.resolve("adapter_model.safetensors"));
        assertRefused("adapter_model.safetensors is missing");
        Files.writeString(folder.resolve("adapter_model.bin"), "pickle");
        assertRefused("adapter_model.bin is a pickle");
        for (String text : List.of("", "[]", "{\"r\": NaN}", "{\"r\": 1, \"r\": 2}", "{} {}", "{'r': 1}")) {
            Files.writeString(folder.resolve("adapter_config.json"), text);
            assertRefused("adapter_config.json cannot be read");
        }
        Files.delete(folder.resolve("adapter_config.json"));
        assertRefused("adapter_config.json cannot be read: it is missing");
    }

    @Test
    void basesNamedByAPathOfSomeMachineGetAnotherName() throws IOException {
        for (String path : List.of("/home/me/models/small", "./small", "../x", "C:\\\\models\\\\small", "a/b/c",
                "~/small",
                "")) {
            config("{\"base_model_name_or_path\": \"" + path + "\"}");
            assertThat(Json.parse(new String(AdapterDirectory.portableConfig(folder, "small"), StandardCharsets.UTF_8))
                    .path("base_model_name_or_path").asString()).as(path).isEqualTo("small");
        }
        config("{}");
        assertThat(AdapterDirectory.portableConfig(folder, "small"))
                .isEqualTo(Files.readAllBytes(folder.resolve("adapter_config.json")));
    }
}
