package dev.luthier.core.model;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.safetensors.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads {@code config.json}. The defaults of absent fields are those of Hugging Face transformers 5.18
 * ({@code configuration_llama.py}, {@code _mistral}, {@code _qwen2}, {@code _qwen3}).
 */
final class ModelConfigReader {

    private final String file;
    private final List<String> faults = new ArrayList<>();
    private final FieldReader fields;
    private final Architecture architecture;

    private ModelConfigReader(String file, JsonNode json, Architecture architecture) {
        this.file = file;
        this.fields = new FieldReader(json, "", faults);
        this.architecture = architecture;
    }

    static ModelConfig read(String file, JsonNode json) {
        if (!json.isObject()) {
            throw Problem.user("invalid_model_config", file + " must hold a JSON object.").asException();
        }
        return new ModelConfigReader(file, json, architecture(file, json)).read();
    }

    private static Architecture architecture(String file, JsonNode json) {
        JsonNode names = json.path("architectures");
        String modelType = json.path("model_type").asString("");
        if (!names.isMissingNode() && !names.isNull() && !names.isArray()) {
            throw unsupported(file, "has architectures " + names + ", which must be a list");
        }
        if (names.size() > 1) {
            throw unsupported(file, "lists several architectures " + names);
        }
        if (names.size() == 0) {
            return Architecture.ofModelType(modelType)
                    .orElseThrow(
                            () -> unsupported(file, "names no architecture and has model_type '" + modelType + "'"));
        }
        String name = names.get(0).asString("");
        Architecture architecture = Architecture.ofClass(name)
                .orElseThrow(() -> unsupported(file, "has architecture '" + name + "'"));
        if (!modelType.isEmpty() && !modelType.equals(architecture.modelType())) {
            throw unsupported(file, "has architecture '" + name + "' but model_type '" + modelType + "'");
        }
        return architecture;
    }

    private static RuntimeException unsupported(String file, String what) {
        return Problem.user("unsupported_architecture",
                file + " " + what + ". Supported are " + String.join(", ", Architecture.classNames()) + ".")
                .asException();
    }

    private ModelConfig read() {
        fields.get("architectures");
        fields.get("model_type");
        boolean qwen = architecture == Architecture.QWEN2 || architecture == Architecture.QWEN3;
        int hiddenSize = fields.positive("hidden_size", 4096);
        int layers = fields.positive("num_hidden_layers", 32);
        int heads = fields.positive("num_attention_heads", 32);
        int maxPositions = fields.positive("max_position_embeddings", switch (architecture) {
            case LLAMA -> 2048;
            case MISTRAL -> 131072;
            case QWEN2, QWEN3 -> 32768;
        });
        boolean attentionBias = attentionBias();
        ModelConfig config = new ModelConfig(architecture, fields.positive("vocab_size", qwen ? 151936 : 32000),
                hiddenSize, fields.positive("intermediate_size", switch (architecture) {
                    case LLAMA -> 11008;
                    case MISTRAL -> 14336;
                    case QWEN2, QWEN3 -> 22016;
                }), layers, heads, kvHeads(heads), headDim(hiddenSize, heads),
                fields.positiveNumber("rms_norm_eps", 1e-6), new RopeReader(fields, faults).read(maxPositions),
                maxPositions, fields.flag("tie_word_embeddings", false),
                architecture == Architecture.QWEN2 || attentionBias, attentionBias, mlpBias(),
                architecture == Architecture.QWEN3, attentionWindows(layers), type(),
                first(fields.tokenIds("bos_token_id", qwen ? List.of() : List.of(1))),
                fields.tokenIds("eos_token_id", qwen ? List.of() : List.of(2)),
                first(fields.tokenIds("pad_token_id", List.of())));
        checkShapes(config);
        refuseWhatIsNotBuilt();
        if (!faults.isEmpty()) {
            throw Problem.user("unsupported_model_config",
                    file + " cannot be used: " + String.join("; ", faults) + ".").asException();
        }
        return config;
    }

    private static @Nullable Integer first(List<Integer> ids) {
        return ids.isEmpty() ? null : ids.getFirst();
    }

    private int kvHeads(int heads) {
        // An absent field has a default of its own; null means one key head per query head.
        boolean missing = !fields.isNamed("num_key_value_heads");
        return fields.positive("num_key_value_heads", !missing ? heads : switch (architecture) {
            case LLAMA -> heads;
            case MISTRAL -> 8;
            case QWEN2, QWEN3 -> 32;
        });
    }

    private int headDim(int hiddenSize, int heads) {
        return switch (architecture) {
            case LLAMA, MISTRAL -> fields.positive("head_dim", hiddenSize / heads);
            case QWEN2 -> {
                int derived = hiddenSize / heads;
                // Qwen2Config has no such field, yet its attention takes it when it is there.
                yield fields.positive("head_dim", derived);
            }
            case QWEN3 -> fields.positive("head_dim", 128);
        };
    }

    private boolean attentionBias() {
        return switch (architecture) {
            case LLAMA, QWEN3 -> fields.flag("attention_bias", false);
            case MISTRAL, QWEN2 -> {
                fields.mustBe("attention_bias", false);
                yield false;
            }
        };
    }

    private boolean mlpBias() {
        return switch (architecture) {
            case LLAMA -> fields.flag("mlp_bias", false);
            case MISTRAL, QWEN2, QWEN3 -> {
                fields.mustBe("mlp_bias", false);
                yield false;
            }
        };
    }

    private List<Integer> attentionWindows(int layers) {
        return switch (architecture) {
            case LLAMA -> {
                fields.mustBeAbsent("sliding_window", "is set, and Llama models have none");
                fields.mustBe("use_sliding_window", false);
                yield layerTypes(Collections.nCopies(layers, 0), 0);
            }
            case MISTRAL -> {
                fields.mustBeAbsent("use_sliding_window", "is set; a Mistral model says so by sliding_window alone");
                int window = fields.isNamed("sliding_window") ? fields.positive("sliding_window", 0) : 4096;
                List<Integer> windows = Collections.nCopies(layers, window);
                if (!layerTypes(windows, window).equals(windows)) {
                    fields.fault("layer_types", "differ from layer to layer, which Mistral models do not support");
                }
                yield windows;
            }
            case QWEN2, QWEN3 -> {
                int given = fields.isNamed("sliding_window") ? fields.positive("sliding_window", 0) : 4096;
                int window = fields.flag("use_sliding_window", false) ? given : 0;
                int firstSliding = fields.notNegative("max_window_layers", 28);
                yield layerTypes(
                        IntStream.range(0, layers).mapToObj(layer -> layer >= firstSliding ? window : 0).toList(),
                        window);
            }
        };
    }

    /** The windows that {@code layer_types} asks for, or the given ones if it is absent. */
    private List<Integer> layerTypes(List<Integer> whenAbsent, int window) {
        JsonNode types = fields.get("layer_types");
        if (types == null) {
            return whenAbsent;
        }
        List<Integer> windows = new ArrayList<>();
        for (JsonNode type : types) {
            switch (type.asString("")) {
                case "full_attention" -> windows.add(0);
                case "sliding_attention" -> {
                    windows.add(window);
                    if (window == 0) {
                        fields.fault("layer_types", "asks for a sliding window, but the model has none");
                    }
                }
                default -> fields.fault("layer_types",
                        "holds " + type + "; supported are full_attention and sliding_attention");
            }
        }
        if (windows.size() != whenAbsent.size()) {
            fields.fault("layer_types", "has " + types.size() + " entries for " + whenAbsent.size() + " layers");
            return whenAbsent;
        }
        return windows;
    }

    private @Nullable TensorType type() {
        String current = fields.text("dtype");
        String older = fields.text("torch_dtype");
        String name = current != null ? current : older;
        if (name == null || name.equals("auto")) {
            return null;
        }
        return switch (name.startsWith("torch.") ? name.substring("torch.".length()) : name) {
            case "bfloat16" -> TensorType.BF16;
            case "float16" -> TensorType.F16;
            case "float32" -> TensorType.F32;
            default -> {
                fields.fault(current != null ? "dtype" : "torch_dtype",
                        "is '" + name + "'; supported are bfloat16, float16 and float32");
                yield null;
            }
        };
    }

    private void checkShapes(ModelConfig config) {
        if (config.heads() % config.kvHeads() != 0) {
            fields.fault("num_key_value_heads",
                    "is " + config.kvHeads() + " and must divide the " + config.heads() + " attention heads");
        }
        if (config.headDim() % 2 != 0) {
            fields.fault("head_dim", "is " + config.headDim() + " and must be even");
        }
        if ((long) config.heads() * config.headDim() > Integer.MAX_VALUE) {
            fields.fault("head_dim", "makes attention wider than 2147483647");
        }
    }

    private void refuseWhatIsNotBuilt() {
        if (!"swish".equals(fields.text("hidden_act"))) {
            fields.mustBe("hidden_act", "silu");
        }
        fields.mustBe("partial_rotary_factor", 1);
        fields.mustBe("rope_interleaved", false);
        fields.mustBe("use_mrope", false);
        fields.mustBe("is_encoder_decoder", false);
        fields.mustBe("add_cross_attention", false);
        fields.mustBeAbsent("quantization_config",
                "is set; quantized weights are not supported. Use the original ones");
        fields.mustBeAbsent("quantization", "is set; quantized weights are not supported. Use the original ones");
        fields.mustBeAbsent("compression_config",
                "is set; compressed weights are not supported. Use the original ones");
        fields.mustBeAbsent("auto_map", "is set; models with code of their own are not supported");
        for (String name : fields.unasked()) {
            if (!IrrelevantFields.contains(name)) {
                fields.fault(name, "is not known and may change the arithmetic, so the model is refused");
            }
        }
    }
}
