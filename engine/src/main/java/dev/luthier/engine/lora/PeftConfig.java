package dev.luthier.engine.lora;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The {@code adapter_config.json} of PEFT. Of foreign adapters, LoRA with one rank is read, with rank-stabilised scaling
 * or DoRA and on some decoder layers too; every other variant is refused by the name of its field.
 *
 * @param rank of all matrices
 * @param rsLora PEFT's {@code use_rslora}
 * @param dora PEFT's {@code use_dora}
 */
record PeftConfig(int rank, double alpha, boolean rsLora, boolean dora) {
    static final String FILE = "adapter_config.json";

    /** Fields that say nothing about the arithmetic of a trained adapter. */
    private static final Set<String> HARMLESS = Set.of("base_model_name_or_path", "revision", "task_type",
            "inference_mode", "lora_dropout", "target_modules", "peft_version", "auto_mapping", "megatron_core",
            "qalora_group_size", "r", "lora_alpha", "use_rslora", "use_dora", "peft_type", "init_lora_weights",
            "exclude_modules",
            "layers_pattern", "layers_to_transform", "ensure_weight_tying", "parent_library", "runtime_config");
    /** Initialisations that leave the base model as it was. */
    private static final Set<String> PLAIN_INITIALISATIONS = Set.of("true", "false", "gaussian", "orthogonal");

    /**
     * Reads a configuration.
     *
     * @throws dev.luthier.core.problem.ProblemException USER, naming everything that is not supported
     */
    static PeftConfig read(Path directory) {
        Path file = directory.resolve(FILE);
        JsonNode json;
        try {
            json = Json.parse(Files.readString(file));
        } catch (IOException | JacksonException e) {
            throw Problem.user("invalid_adapter", file + " cannot be read: " + e.getMessage()).asException();
        }
        List<String> faults = faults(json);
        if (!faults.isEmpty()) {
            throw Problem.user("unsupported_adapter", file + ": " + String.join("; ", faults)
                    + ". LoRA adapters (peft_type LORA, one rank, bias none; rsLoRA and DoRA too) are supported.")
                    .asException();
        }
        return new PeftConfig(json.path("r").intValue(), json.path("lora_alpha").doubleValue(),
                json.path("use_rslora").asBoolean(false), json.path("use_dora").asBoolean(false));
    }

    private static List<String> faults(JsonNode json) {
        List<String> faults = new ArrayList<>();
        if (!json.path("peft_type").asString("").equals("LORA")) {
            faults.add("peft_type is " + json.path("peft_type") + ", not \"LORA\"");
        }
        if (!json.path("r").isIntegralNumber() || json.path("r").intValue() < 1) {
            faults.add("r must be a whole number of at least 1");
        }
        if (!json.path("lora_alpha").isNumber() || json.path("lora_alpha").doubleValue() <= 0) {
            faults.add("lora_alpha must be a number greater than 0");
        }
        String initialisation = json.path("init_lora_weights").asString("true");
        if (!PLAIN_INITIALISATIONS.contains(initialisation)) {
            faults.add("init_lora_weights \"" + initialisation + "\" changes the base model");
        }
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            if (!HARMLESS.contains(field.getKey()) && !isOff(field.getKey(), field.getValue())) {
                faults.add(field.getKey() + " " + Json.write(field.getValue()) + " is not supported");
            }
        }
        return faults;
    }

    private static boolean isOff(String name, JsonNode value) {
        return value.isNull() || (value.isBoolean() && !value.booleanValue())
                || ((value.isObject() || value.isArray()) && value.isEmpty())
                || (name.equals("bias") && value.asString("").equals("none"));
    }

    /** The configuration of an adapter of ours, as PEFT writes it. */
    static String json(LoraShape shape, String baseModel) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("base_model_name_or_path", baseModel);
        fields.put("bias", "none");
        fields.put("fan_in_fan_out", false);
        fields.put("inference_mode", true);
        fields.put("init_lora_weights", true);
        fields.put("layers_to_transform", shape.layers().isEmpty() ? null : shape.layers());
        fields.put("lora_alpha", wholeIfPossible(shape.alpha()));
        fields.put("lora_dropout", 0.0);
        fields.put("modules_to_save", null);
        fields.put("peft_type", "LORA");
        fields.put("r", shape.rank());
        fields.put("target_modules", shape.targets());
        fields.put("task_type", "CAUSAL_LM");
        fields.put("use_dora", shape.dora());
        fields.put("use_rslora", shape.rsLora());
        return Json.writePretty(fields) + "\n";
    }

    private static Object wholeIfPossible(double value) {
        return value == Math.rint(value) && value < Integer.MAX_VALUE ? (Object) (int) value : (Object) value;
    }
}
