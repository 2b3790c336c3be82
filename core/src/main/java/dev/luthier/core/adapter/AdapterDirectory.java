package dev.luthier.core.adapter;

import dev.luthier.core.file.FileKind;
import dev.luthier.core.file.RegularFiles;
import dev.luthier.core.json.Json;
import dev.luthier.core.json.JsonFault;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.core.safetensors.TensorEntry;
import dev.luthier.core.storage.StorageFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A LoRA adapter on disk, ours or foreign, checked in full against the base model that it is for: whoever adds, serves
 * or trains on from an adapter opens it here, so that they cannot disagree. The configuration, the names, shapes and
 * types of the tensors, and that every value is a finite number of fp32 are checked; variants that are not built are
 * refused by name.
 *
 * <p>Source: the layout that HF PEFT saves, {@code adapter_config.json} with {@code adapter_model.safetensors}, tensors
 * {@code base_model.model.<module>.lora_A.weight} [rank, in], {@code .lora_B.weight} [out, rank] and with DoRA
 * {@code .lora_magnitude_vector} [out]; of a classifier {@value #HEAD} [labels, hidden] too, whose rows
 * {@link ClassifierConfig} explains.
 *
 * <p>Any thread may read. The caller closes it.
 */
public final class AdapterDirectory implements AutoCloseable {
    public static final String CONFIG_FILE = "adapter_config.json";
    private static final int MAX_CONFIG_BYTES = 1 << 20;
    public static final String WEIGHTS_FILE = "adapter_model.safetensors";
    /** The tensor of a classifier's head. */
    public static final String HEAD = "base_model.model.score.weight";

    private static final int FAULTS_TO_NAME = 5;

    private final SafetensorsFile weights;
    private final LoraShape shape;
    private final @Nullable ClassifierConfig classifier;

    private AdapterDirectory(SafetensorsFile weights, LoraShape shape, @Nullable ClassifierConfig classifier) {
        this.weights = weights;
        this.shape = shape;
        this.classifier = classifier;
    }

    /**
     * Opens an adapter of one kind.
     *
     * @throws ProblemException USER, if it is of the other one, or with the faults that were found
     */
    public static AdapterDirectory open(Path directory, ModelConfig base, AdapterKind wanted) {
        AdapterDirectory adapter = open(directory, base);
        if (adapter.kind() != wanted) {
            adapter.close();
            throw Problem.user("wrong_adapter_kind", "The adapter in " + directory + switch (wanted) {
                case COMPLETION -> " is a classifier. Use one that continues texts.";
                case CLASSIFIER -> " is not a classifier.";
            }, "path").asException();
        }
        return adapter;
    }

    /**
     * Opens an adapter of any kind.
     *
     * @throws ProblemException USER, with the faults that were found
     */
    public static AdapterDirectory open(Path directory, ModelConfig base) {
        JsonNode json = config(directory);
        List<String> faults = new ArrayList<>();
        AdapterConfig config = new AdapterConfig(json, faults);
        boolean classifies = config.kind() == AdapterKind.CLASSIFIER;
        if (classifies && !Files.exists(directory.resolve(ClassifierConfig.FILE))) {
            faults.add("it is a classifier without " + ClassifierConfig.FILE + ", which names its targets and labels");
        }
        refuse(directory, faults);
        ClassifierConfig classifier = classifies ? ClassifierConfig.read(directory) : null;
        Path file = directory.resolve(WEIGHTS_FILE);
        if (!Files.isRegularFile(file)) {
            faults.add(Files.exists(directory.resolve("adapter_model.bin"))
                    ? "adapter_model.bin is a pickle and may run code; save the adapter with safe_serialization=True"
                    : WEIGHTS_FILE + " is missing");
            refuse(directory, faults);
        }
        SafetensorsFile weights = SafetensorsFile.open(file);
        try {
            SequencedMap<String, LoraShape.Size> modules = new AdapterCheck(config, classifier, base, faults)
                    .modules(weights);
            refuse(directory, faults);
            return new AdapterDirectory(weights, new LoraShape(config.rsLora(), config.dora(), modules), classifier);
        } catch (BoundedPattern.TooCostlyException e) {
            weights.close();
            faults.add("a regular expression in adapter_config.json takes too long; name the modules instead");
            throw refusal(directory, faults);
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    /**
     * The shape of a run that starts from an adapter, see {@link LoraShape#envelope}.
     *
     * @throws ProblemException USER, with the faults that were found
     */
    public static RunSpec.Lora envelope(Path directory, ModelConfig base) {
        try (AdapterDirectory adapter = open(directory, base)) {
            return adapter.shape().envelope(base);
        }
    }

    /** The base model that an adapter says it was trained on, or null. */
    public static @Nullable String namedBase(Path directory) {
        return config(directory).path("base_model_name_or_path").stringValueOpt().orElse(null);
    }

    /**
     * The bytes of an adapter's configuration, in which a base model that is named by a path of some machine has
     * another name.
     */
    public static byte[] portableConfig(Path directory, String baseModel) throws IOException {
        ObjectNode config = (ObjectNode) config(directory);
        String named = config.path("base_model_name_or_path").asString("");
        if (named.matches("[\\w.-]+(/[\\w-][\\w.-]*)?") && !named.startsWith(".")) {
            return RegularFiles.read(directory.resolve(CONFIG_FILE), MAX_CONFIG_BYTES);
        }
        config.put("base_model_name_or_path", baseModel);
        return (Json.writePretty(config) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The configuration file of an adapter of that shape, as PEFT writes it.
     *
     * @param baseModel name of the base model, one that means the same on other machines
     */
    public static String configJson(LoraShape shape, AdapterKind kind, String baseModel, ModelConfig base) {
        return AdapterConfig.json(shape, kind, baseModel, base.layers());
    }

    private static JsonNode config(Path directory) {
        Path file = directory.resolve(CONFIG_FILE);
        String what;
        try {
            if (Files.isRegularFile(file)) {
                JsonNode json = Json.MAPPER.readTree(RegularFiles.read(file, MAX_CONFIG_BYTES));
                if (json.isObject()) {
                    return json;
                }
                what = "it holds no JSON object";
            } else {
                what = "it is missing";
            }
        } catch (JacksonException e) {
            what = "it is not valid JSON: " + FileKind.of(file).map(FileKind::sentence)
                    .orElseGet(() -> JsonFault.reason(e));
        } catch (IOException e) {
            if (StorageFault.in(e).isPresent()) {
                throw new UncheckedIOException(e); // says nothing of the adapter
            }
            what = RegularFiles.reason(e);
        }
        throw Problem.user("unsupported_adapter", file + " cannot be read: " + what
                + ". An adapter is a directory with " + CONFIG_FILE + " and " + WEIGHTS_FILE + ".", "path")
                .asException();
    }

    private static void refuse(Path directory, List<String> faults) {
        if (!faults.isEmpty()) {
            throw refusal(directory, faults);
        }
    }

    private static ProblemException refusal(Path directory, List<String> faults) {
        int more = faults.size() - FAULTS_TO_NAME;
        return Problem.user("unsupported_adapter", "The adapter in " + directory + " cannot be used: "
                + String.join("; ", faults.subList(0, Math.min(FAULTS_TO_NAME, faults.size())))
                + (more > 0 ? "; and " + more + " more" : "") + ".", "path").asException();
    }

    public LoraShape shape() {
        return shape;
    }

    /** What its head tells; null if it is no classifier. */
    public @Nullable ClassifierConfig classifier() {
        return classifier;
    }

    public AdapterKind kind() {
        return classifier == null ? AdapterKind.COMPLETION : AdapterKind.CLASSIFIER;
    }

    /** All tensors by name: exactly those of the shape and the head, of type F64, F32, F16 or BF16. */
    public SequencedMap<String, TensorEntry> tensors() {
        return weights.tensors();
    }

    @Override
    public void close() {
        weights.close();
    }
}
