package dev.luthier.server.model;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.core.safetensors.TensorEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Checks a PEFT adapter directory that was made elsewhere against the base model that it is to run on: LoRA of one rank
 * on linear layers, also with rank-stabilised scaling or DoRA. Every other variant is refused by name, all faults at
 * once.
 *
 * <p>Source: the layout that HF PEFT saves, {@code adapter_config.json} with {@code adapter_model.safetensors}, tensors
 * {@code base_model.model.<module>.lora_A.weight} [rank, in], {@code .lora_B.weight} [out, rank] and with DoRA
 * {@code .lora_magnitude_vector} [out].
 */
public final class ForeignAdapter {
    private static final Pattern TENSOR = Pattern
            .compile("base_model\\.model\\.(.+)\\.lora_(A\\.weight|B\\.weight|magnitude_vector)");
    /** Values of {@code init_lora_weights} that change the base model before training. */
    private static final Pattern CHANGES_BASE = Pattern.compile("pissa.*|olora|corda|loftq|lora_ga|eva_.*");
    /** Options that this server does not build, with what switches each off. */
    private static final Map<String, String> MUST_BE_OFF = Map.ofEntries(Map.entry("use_qalora", "QALoRA"),
            Map.entry("fan_in_fan_out", "transposed layers"), Map.entry("lora_bias", "biases in LoRA layers"),
            Map.entry("modules_to_save", "modules trained in full"), Map.entry("rank_pattern", "a rank per layer"),
            Map.entry("alpha_pattern", "an alpha per layer"),
            Map.entry("layer_replication", "replicated layers"), Map.entry("trainable_token_indices", "trained tokens"),
            Map.entry("target_parameters", "adapted parameters"),
            Map.entry("alora_invocation_tokens", "activated LoRA"), Map.entry("arrow_config", "Arrow"));

    private ForeignAdapter() {}

    /**
     * @throws dev.luthier.core.problem.ProblemException USER, with every fault
     */
    public static void check(Path adapter, Path baseModel) {
        List<String> faults = new ArrayList<>();
        JsonNode config = config(adapter);
        int rank = checkConfig(config, faults);
        Path weights = adapter.resolve("adapter_model.safetensors");
        if (!Files.isRegularFile(weights)) {
            faults.add(Files.exists(adapter.resolve("adapter_model.bin"))
                    ? "adapter_model.bin is a pickle and may run code; save the adapter with safe_serialization=True"
                    : "adapter_model.safetensors is missing");
        } else if (faults.isEmpty()) {
            checkTensors(weights, ModelDirectory.open(baseModel).config(), new Kind(rank,
                    config.path("use_dora").asBoolean(false)), faults);
        }
        if (!faults.isEmpty()) {
            throw Problem.user("unsupported_adapter",
                    "The adapter in " + adapter + " cannot be used: " + String.join("; ", faults) + ".", "path")
                    .asException();
        }
    }

    /** The base model that the adapter says it was trained on, or null. */
    public static @Nullable String namedBase(Path adapter) {
        return config(adapter).path("base_model_name_or_path").stringValueOpt().orElse(null);
    }

    private static JsonNode config(Path adapter) {
        Path file = adapter.resolve("adapter_config.json");
        try {
            return Json.parse(Files.readString(file));
        } catch (IOException | JacksonException e) {
            throw Problem.user("unsupported_adapter", file + " cannot be read: " + e.getMessage()
                    + ". An adapter is a directory with adapter_config.json and adapter_model.safetensors.", "path")
                    .asException();
        }
    }

    private static int checkConfig(JsonNode config, List<String> faults) {
        if (!config.path("peft_type").asString("").equals("LORA")) {
            faults.add("peft_type " + config.path("peft_type").asString("(none)") + " is not supported, only LORA");
        }
        int rank = config.path("r").asInt(0);
        if (rank < 1 || rank > 512) {
            faults.add("r must be 1 to 512, not " + config.path("r"));
        }
        if (!(config.path("lora_alpha").asDouble(0) > 0)) {
            faults.add("lora_alpha must be greater than 0");
        }
        if (!Set.of("none", "").contains(config.path("bias").asString("none"))) {
            faults.add("bias " + config.path("bias").asString() + " is not supported, only none");
        }
        MUST_BE_OFF.entrySet().stream().sorted(Map.Entry.comparingByKey()).filter(entry -> isOn(config, entry.getKey()))
                .forEach(entry -> faults.add(entry.getKey() + " (" + entry.getValue() + ") is not supported"));
        String start = config.path("init_lora_weights").asString("");
        if (CHANGES_BASE.matcher(start).matches()) {
            faults.add("init_lora_weights " + start + " changes the base model and is not supported");
        }
        return rank;
    }

    private static boolean isOn(JsonNode config, String name) {
        JsonNode value = config.path(name);
        boolean off = value.isMissingNode() || value.isNull();
        off |= value.isBoolean() && !value.booleanValue();
        off |= value.isContainer() && value.isEmpty();
        return !off;
    }

    /** What the configuration says about the tensors. */
    private record Kind(int rank, boolean dora) {

        /** The endings of the names of a linear layer's tensors. */
        List<String> endings() {
            return dora ? List.of("A.weight", "B.weight", "magnitude_vector") : List.of("A.weight", "B.weight");
        }

        /** @param base shape of the adapted weight, [out, in] */
        List<Long> shape(String ending, List<Long> base) {
            return switch (ending) {
                case "A.weight" -> List.of((long) rank, base.get(1));
                case "B.weight" -> List.of(base.get(0), (long) rank);
                default -> List.of(base.get(0));
            };
        }
    }

    private static void checkTensors(Path weights, ModelConfig base, Kind kind, List<String> faults) {
        Map<String, List<Long>> shapes = base.tensorShapes();
        try (SafetensorsFile file = SafetensorsFile.open(weights)) {
            if (file.tensors().isEmpty()) {
                faults.add("adapter_model.safetensors holds no tensor");
            }
            for (TensorEntry tensor : file.tensors().values()) {
                String fault = fault(tensor, file, shapes, kind);
                if (fault != null) {
                    faults.add(fault);
                }
            }
        }
    }

    private static @Nullable String fault(TensorEntry tensor, SafetensorsFile file, Map<String, List<Long>> shapes,
            Kind kind) {
        Matcher name = TENSOR.matcher(tensor.name());
        if (!name.matches() || !kind.endings().contains(name.group(2))) {
            return "tensor " + tensor.name() + " is not the A or B of a LoRA layer";
        }
        String module = name.group(1);
        List<Long> base = shapes.get(module + ".weight");
        if (base == null || !RunSpec.Lora.LINEAR_LAYERS.contains(module.substring(module.lastIndexOf('.') + 1))) {
            return "tensor " + tensor.name() + " adapts a layer that the base model does not have";
        }
        List<Long> wanted = kind.shape(name.group(2), base);
        if (!tensor.shape().equals(wanted)) {
            return "tensor " + tensor.name() + " has the shape " + tensor.shape() + ", not " + wanted;
        }
        return kind.endings().stream().map(ending -> "base_model.model." + module + ".lora_" + ending)
                .filter(other -> !file.tensors().containsKey(other)).findFirst()
                .map(other -> "tensor " + other + " is missing").orElse(null);
    }
}
