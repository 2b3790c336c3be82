package dev.luthier.core.adapter;

import dev.luthier.core.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An {@code adapter_config.json} of PEFT as far as LoRA on linear layers goes: ranks and alphas, also by module, rank-
 * stabilised scaling, DoRA, which modules are adapted. Whatever else may change the arithmetic is a fault.
 */
final class AdapterConfig {
    private static final String CLASSIFIER = "SEQ_CLS";
    /** Fields that say nothing about the arithmetic of a trained adapter. */
    private static final Set<String> IRRELEVANT = Set.of("base_model_name_or_path", "revision", "inference_mode",
            "lora_dropout", "peft_version", "auto_mapping", "megatron_core", "qalora_group_size", "parent_library",
            "runtime_config", "ensure_weight_tying", "loftq_config", "eva_config", "corda_config", "lora_ga_config",
            "unsloth_fixed", "unsloth_version");
    /** Fields that are read. */
    private static final Set<String> READ = Set.of("peft_type", "task_type", "r", "lora_alpha", "bias", "use_rslora",
            "use_dora", "rank_pattern", "alpha_pattern", "target_modules", "exclude_modules", "layers_to_transform",
            "layers_pattern", "init_lora_weights");
    /** Options that are not built, with what each is. */
    private static final Map<String, String> NOT_BUILT = Map.ofEntries(Map.entry("use_qalora", "QALoRA"),
            Map.entry("fan_in_fan_out", "transposed layers"), Map.entry("lora_bias", "biases in LoRA layers"),
            Map.entry("modules_to_save", "modules trained in full"),
            Map.entry("layer_replication", "replicated layers"), Map.entry("trainable_token_indices", "trained tokens"),
            Map.entry("target_parameters", "adapted parameters"),
            Map.entry("alora_invocation_tokens", "activated LoRA"), Map.entry("arrow_config", "Arrow"),
            Map.entry("use_bdlora", "block-diagonal LoRA"), Map.entry("kasa_config", "KaSA"),
            Map.entry("velora_config", "VeLoRA"), Map.entry("monteclora_config", "MonteCLoRA"),
            Map.entry("megatron_config", "Megatron's parallel layers"));
    /** Initialisations after which the saved matrices are all there is to the adapter. */
    private static final Set<String> PLAIN = Set.of("true", "false", "gaussian", "eva", "orthogonal", "mica");
    /** Initialisations that take something away from the base model's weights. */
    private static final Pattern CHANGES_BASE = Pattern.compile("pissa.*|olora|corda.*|loftq|lora_ga");

    private final LoraShape.Size size;
    private final boolean classifies;
    private final boolean rsLora;
    private final boolean dora;
    private final TargetModules targets;
    private final SequencedMap<BoundedPattern, Integer> ranks = new LinkedHashMap<>();
    private final SequencedMap<BoundedPattern, Double> alphas = new LinkedHashMap<>();

    /** @param faults gets everything that is not supported */
    AdapterConfig(JsonNode json, List<String> faults) {
        ConfigFields config = new ConfigFields(json, faults);
        checkKind(config);
        size = new LoraShape.Size(config.rank("r", config.get("r")),
                config.alpha("lora_alpha", config.get("lora_alpha")));
        classifies = json.path("task_type").asString("").equals(CLASSIFIER);
        rsLora = config.flag("use_rslora");
        dora = config.flag("use_dora");
        targets = new TargetModules(config);
        config.object("rank_pattern").forEach((module, value) -> {
            int rank = config.rank("rank_pattern of " + module, value);
            put(ranks, config, "rank_pattern", module, rank);
        });
        config.object("alpha_pattern").forEach((module, value) -> {
            double alpha = config.alpha("alpha_pattern of " + module, value);
            put(alphas, config, "alpha_pattern", module, alpha);
        });
        checkInitialisation(config);
        checkOthers(json, faults);
    }

    private static <T> void put(Map<BoundedPattern, T> patterns, ConfigFields config, String field, String module,
            T value) {
        BoundedPattern pattern = config.pattern(field, "(.*\\.)?(" + module + ")");
        if (pattern != null) {
            patterns.put(pattern, value);
        }
    }

    private static void checkKind(ConfigFields config) {
        JsonNode type = config.get("peft_type");
        if (type == null || !type.asString("").equals("LORA")) {
            config.fault("peft_type is " + (type == null ? "missing" : type.asString(type.toString()))
                    + "; only LORA is supported");
        }
        JsonNode task = config.get("task_type");
        if (task != null && !Set.of("CAUSAL_LM", CLASSIFIER).contains(task.asString(""))) {
            config.fault("task_type is " + task.asString(task.toString()) + "; only CAUSAL_LM and " + CLASSIFIER
                    + " are supported");
        }
        JsonNode bias = config.get("bias");
        if (bias != null && !Set.of("none", "").contains(bias.asString("?"))) {
            config.fault("bias " + bias.asString(bias.toString()) + " is not supported, only none");
        }
    }

    private static void checkInitialisation(ConfigFields config) {
        JsonNode value = config.get("init_lora_weights");
        String start = value == null ? "true" : value.asString("?");
        if (CHANGES_BASE.matcher(start).matches()) {
            config.fault("init_lora_weights " + start + " changes the base model, so that the adapter does not fit the "
                    + "original one; save it converted to plain LoRA");
        } else if (!PLAIN.contains(start)) {
            config.fault("init_lora_weights " + start + " is not known and may change the base model");
        }
    }

    private static void checkOthers(JsonNode json, List<String> faults) {
        json.properties().stream().filter(field -> !isOff(field.getValue())).map(Map.Entry::getKey)
                .filter(name -> !READ.contains(name) && !IRRELEVANT.contains(name) && !isHead(name, json)).sorted()
                .forEach(name -> {
                    String what = NOT_BUILT.get(name);
                    faults.add(what == null
                            ? name + " is not known and may change the arithmetic"
                            : name + " (" + what + ") is not supported");
                });
    }

    /** Whether a field names the head of a classifier as what is trained in full. */
    private static boolean isHead(String field, JsonNode json) {
        return field.equals("modules_to_save") && json.path("task_type").asString("").equals(CLASSIFIER)
                && json.path(field).equals(Json.parse("[\"score\"]"));
    }

    /** Whether a value says that an option is not used: null, false, or nothing in it. */
    private static boolean isOff(JsonNode value) {
        return value.isNull() || (value.isBoolean() && !value.booleanValue())
                || (value.isContainer() && value.isEmpty()) || (value.isString() && value.stringValue().isEmpty());
    }

    /** Whether a head that tells labels belongs to it. */
    boolean classifies() {
        return classifies;
    }

    boolean rsLora() {
        return rsLora;
    }

    boolean dora() {
        return dora;
    }

    TargetModules targets() {
        return targets;
    }

    /** Rank and alpha of a module: the first pattern that matches its end decides. */
    LoraShape.Size size(String module) {
        return new LoraShape.Size(first(ranks, module, size.rank()), first(alphas, module, size.alpha()));
    }

    private static <T> T first(SequencedMap<BoundedPattern, T> patterns, String module, T otherwise) {
        return patterns.entrySet().stream().filter(entry -> entry.getKey().matches(module)).findFirst()
                .map(Map.Entry::getValue).orElse(otherwise);
    }

    /** The configuration of an adapter of ours, as PEFT writes it. */
    static String json(LoraShape shape, String baseModel, int decoderLayers) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        LoraShape.Size most = shape.modules().firstEntry().getValue();
        boolean even = shape.modules().size() == shape.layers().size() * shape.targets().size();
        Map<String, Object> ranks = new LinkedHashMap<>();
        Map<String, Object> alphas = new LinkedHashMap<>();
        shape.modules().forEach((module, size) -> {
            String pattern = "^" + module.replace(".", "\\.");
            if (size.rank() != most.rank()) {
                ranks.put(pattern, size.rank());
            }
            if (size.alpha() != most.alpha()) {
                alphas.put(pattern, wholeIfPossible(size.alpha()));
            }
        });
        fields.put("alpha_pattern", alphas);
        fields.put("base_model_name_or_path", baseModel);
        fields.put("bias", "none");
        fields.put("fan_in_fan_out", false);
        fields.put("inference_mode", true);
        fields.put("init_lora_weights", true);
        fields.put("layers_to_transform", even && shape.layers().size() < decoderLayers ? shape.layers() : null);
        fields.put("lora_alpha", wholeIfPossible(most.alpha()));
        fields.put("lora_dropout", 0.0);
        fields.put("modules_to_save", null);
        fields.put("peft_type", "LORA");
        fields.put("r", most.rank());
        fields.put("rank_pattern", ranks);
        fields.put("target_modules", even ? shape.targets() : List.copyOf(shape.modules().keySet()));
        fields.put("task_type", "CAUSAL_LM");
        fields.put("use_dora", shape.dora());
        fields.put("use_rslora", shape.rsLora());
        return Json.writePretty(fields) + "\n";
    }

    private static Object wholeIfPossible(double value) {
        return value == Math.rint(value) && value < Integer.MAX_VALUE ? (Object) (int) value : (Object) value;
    }
}
