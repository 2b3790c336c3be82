package dev.luthier.core.model;

import dev.luthier.core.json.Json;
import dev.luthier.core.safetensors.TensorType;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes {@code config.json} with the keys of transformers 4, which transformers 5 reads too. */
final class ModelConfigWriter {

    private ModelConfigWriter() {}

    static ObjectNode write(ModelConfig config) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.putArray("architectures").add(config.architecture().className());
        json.put("model_type", config.architecture().modelType());
        putId(json, "bos_token_id", config.bosTokenId());
        putIds(json, "eos_token_id", config.eosTokenIds());
        putId(json, "pad_token_id", config.padTokenId());
        json.put("hidden_act", "silu");
        json.put("vocab_size", config.vocabSize());
        json.put("hidden_size", config.hiddenSize());
        json.put("intermediate_size", config.intermediateSize());
        json.put("num_hidden_layers", config.layers());
        json.put("num_attention_heads", config.heads());
        json.put("num_key_value_heads", config.kvHeads());
        json.put("head_dim", config.headDim());
        json.put("max_position_embeddings", config.maxPositions());
        json.put("rms_norm_eps", config.rmsNormEps());
        json.put("tie_word_embeddings", config.tiedEmbeddings());
        json.put("attention_dropout", 0.0);
        json.put("use_cache", true);
        switch (config.architecture()) {
            case LLAMA -> json.put("attention_bias", config.outputBias()).put("mlp_bias", config.mlpBias());
            case QWEN3 -> json.put("attention_bias", config.outputBias());
            case MISTRAL, QWEN2 -> {
                // The biases follow from the architecture.
            }
        }
        putWindows(json, config);
        json.put("rope_theta", config.rope().theta());
        putScaling(json, config.rope().scaling());
        TensorType type = config.type();
        if (type != null) {
            json.put("torch_dtype", typeName(type));
        }
        return json;
    }

    private static void putId(ObjectNode json, String name, @Nullable Integer id) {
        if (id == null) {
            json.putNull(name);
        } else {
            json.put(name, id);
        }
    }

    private static void putIds(ObjectNode json, String name, List<Integer> ids) {
        if (ids.size() > 1) {
            ArrayNode array = json.putArray(name);
            ids.forEach(array::add);
        } else {
            putId(json, name, ids.isEmpty() ? null : ids.getFirst());
        }
    }

    private static void putWindows(ObjectNode json, ModelConfig config) {
        int window = config.attentionWindows().stream().mapToInt(Integer::intValue).max().orElse(0);
        switch (config.architecture()) {
            case LLAMA -> {
                // Llama models have no window.
            }
            case MISTRAL -> putId(json, "sliding_window", window == 0 ? null : (Integer) window);
            case QWEN2, QWEN3 -> {
                json.put("use_sliding_window", window > 0);
                putId(json, "sliding_window", window == 0 ? null : (Integer) window);
                ArrayNode types = json.putArray("layer_types");
                config.attentionWindows()
                        .forEach(size -> types.add(size == 0 ? "full_attention" : "sliding_attention"));
            }
        }
    }

    private static void putScaling(ObjectNode json, RopeScaling scaling) {
        switch (scaling) {
            case RopeScaling.None() -> json.putNull("rope_scaling");
            case RopeScaling.Linear(double factor) ->
                json.putObject("rope_scaling").put("rope_type", "linear").put("factor", factor);
            case RopeScaling.Llama3 llama -> json.putObject("rope_scaling").put("rope_type", "llama3")
                    .put("factor", llama.factor()).put("low_freq_factor", llama.lowFrequencyFactor())
                    .put("high_freq_factor", llama.highFrequencyFactor())
                    .put("original_max_position_embeddings", llama.originalMaxPositions());
            case RopeScaling.Yarn yarn -> {
                ObjectNode node = json.putObject("rope_scaling").put("rope_type", "yarn").put("factor", yarn.factor())
                        .put("original_max_position_embeddings", yarn.originalMaxPositions())
                        .put("beta_fast", yarn.betaFast()).put("beta_slow", yarn.betaSlow())
                        .put("truncate", yarn.truncate());
                Double factor = yarn.givenAttentionFactor();
                if (factor != null) {
                    node.put("attention_factor", factor);
                }
                if (yarn.mscale() != 0) {
                    node.put("mscale", yarn.mscale());
                }
                if (yarn.mscaleAllDim() != 0) {
                    node.put("mscale_all_dim", yarn.mscaleAllDim());
                }
            }
        }
    }

    private static String typeName(TensorType type) {
        return switch (type) {
            case BF16 -> "bfloat16";
            case F16 -> "float16";
            case F32 -> "float32";
            case F64, I64, U64, I32, U32, I16, U16, I8, U8, BOOL, C64, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ,
                    F8_E5M2FNUZ ->
                throw new IllegalArgumentException("weights cannot have type " + type);
        };
    }
}
