package dev.luthier.engine.lora;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.core.safetensors.TensorEntry;
import dev.luthier.core.safetensors.TensorType;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.tensor.HostMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** Adapters on disk in PEFT's layout: {@code adapter_config.json} and {@code adapter_model.safetensors}. */
public final class PeftAdapter {
    private static final String WEIGHTS_FILE = "adapter_model.safetensors";
    private static final Pattern TENSOR = Pattern.compile(
            "base_model\\.model\\.model\\.layers\\.(\\d{1,6})\\.(?:self_attn|mlp)\\.(\\w+)\\.lora_(?:[AB]\\.weight|magnitude_vector)");

    private PeftAdapter() {}

    /**
     * Reads an adapter for a base model, ours or foreign.
     *
     * @param base the model it was trained for
     * @return its weights in fp32; the caller closes them
     * @throws ProblemException USER if a file is missing or malformed, the adapter is of a variant that is not
     *     supported, or it does not fit the model
     */
    public static LoraWeights load(Path directory, DecoderWeights base) {
        PeftConfig config = PeftConfig.read(directory);
        if (!Files.exists(directory.resolve(WEIGHTS_FILE))) {
            throw Problem.user("invalid_adapter", directory + " has no " + WEIGHTS_FILE
                    + ". Adapters saved with pickle (adapter_model.bin) are not read; save them as safetensors.")
                    .asException();
        }
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(WEIGHTS_FILE))) {
            LoraWeights weights = new LoraWeights(new LoraLayout(base, shape(config, file, base.config().layers())));
            try {
                copy(file, weights);
                return weights;
            } catch (RuntimeException e) {
                weights.close();
                throw e;
            }
        }
    }

    /** The configuration may name layers by a pattern: what is adapted is what there are matrices for. */
    private static LoraShape shape(PeftConfig config, SafetensorsFile file, int decoderLayers) {
        Set<String> targets = new TreeSet<>();
        Set<Integer> layers = new TreeSet<>();
        List<String> unknown = new ArrayList<>();
        for (String name : file.tensors().keySet()) {
            Matcher matcher = TENSOR.matcher(name);
            if (matcher.matches() && RunSpec.Lora.LINEAR_LAYERS.contains(matcher.group(2))) {
                layers.add(Integer.valueOf(matcher.group(1)));
                targets.add(matcher.group(2));
            } else {
                unknown.add(name);
            }
        }
        if (!unknown.isEmpty()) {
            throw unfit(file.path(), "tensor '" + unknown.getFirst() + "'"
                    + (unknown.size() > 1 ? " and " + (unknown.size() - 1) + " more are" : " is")
                    + " no LoRA matrix of a linear layer");
        }
        return new LoraShape(config.rank(), config.alpha(),
                RunSpec.Lora.LINEAR_LAYERS.stream().filter(targets::contains).toList(), config.rsLora(), config.dora(),
                layers.size() == decoderLayers ? List.of() : List.copyOf(layers));
    }

    private static void copy(SafetensorsFile file, LoraWeights weights) {
        for (var entry : weights.byName().entrySet()) {
            TensorEntry stored = file.tensors().get(entry.getKey());
            if (stored == null) {
                throw unfit(file.path(), "tensor '" + entry.getKey() + "' is missing");
            }
            Tensor destination = entry.getValue();
            List<Long> shape = shape(destination);
            if (!stored.shape().equals(shape)) {
                throw unfit(file.path(), "tensor '" + entry.getKey() + "' has shape " + stored.shape()
                        + " where the base model needs " + shape);
            }
            HostMemory.copyInto(destination, stored);
        }
        if (file.tensors().size() != weights.byName().size()) {
            throw unfit(file.path(), "it has matrices for layers that the base model does not have");
        }
    }

    private static List<Long> shape(Tensor tensor) {
        return LongStream.of(HostMemory.shape(tensor)).boxed().toList();
    }

    private static ProblemException unfit(Path file, String what) {
        return Problem.user("invalid_adapter", file + " does not fit: " + what
                + ". The adapter must be for this base model and adapt the same linear layers in each decoder layer.")
                .asException();
    }

    /**
     * Writes an adapter durably into a directory, which is made if needed.
     *
     * @param baseModel name or path of the base model, for PEFT
     * @return SHA-256 of {@code adapter_model.safetensors}, lower-case hex
     */
    public static String save(LoraWeights weights, String baseModel, Path directory) throws IOException {
        Files.createDirectories(directory);
        RunDirectory.writeDurably(directory.resolve(PeftConfig.FILE),
                PeftConfig.json(weights.layout().shape(), baseModel));
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        weights.byName().forEach((name, tensor) -> writer.add(name, TensorType.F32,
                shape(tensor), HostMemory.hostBytes(tensor)));
        return writer.write(directory.resolve(WEIGHTS_FILE));
    }
}
