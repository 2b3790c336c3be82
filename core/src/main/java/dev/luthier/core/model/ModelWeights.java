package dev.luthier.core.model;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.core.safetensors.TensorEntry;
import dev.luthier.core.safetensors.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * All tensors of a model, mapped from one or several files: exactly those of {@link ModelConfig#tensorShapes}, each
 * with the right shape and of type F32, BF16 or F16 (types may differ between tensors).
 *
 * <p>Any thread may read. {@link #close} unmaps the files; the tensors' bytes are gone then.
 */
public final class ModelWeights implements AutoCloseable {

    private static final Set<TensorType> TYPES = EnumSet.of(TensorType.F32, TensorType.BF16, TensorType.F16);
    private static final int FAULTS_TO_NAME = 5;

    private final List<SafetensorsFile> files;
    private final SequencedMap<String, TensorEntry> tensors;

    private ModelWeights(List<SafetensorsFile> files, SequencedMap<String, TensorEntry> tensors) {
        this.files = files;
        this.tensors = Collections.unmodifiableSequencedMap(tensors);
    }

    static ModelWeights open(Path directory, ModelConfig config) {
        WeightFiles found = WeightFiles.find(directory);
        List<SafetensorsFile> opened = new ArrayList<>();
        try {
            SequencedMap<String, TensorEntry> all = new LinkedHashMap<>();
            for (Path path : found.files()) {
                SafetensorsFile file = SafetensorsFile.open(path);
                opened.add(file);
                for (TensorEntry tensor : file.tensors().values()) {
                    if (isPlacedIn(path, tensor.name(), found) && all.put(tensor.name(), tensor) != null) {
                        throw Problem.user("invalid_model_weights",
                                "tensor '" + tensor.name() + "' is in " + path + " and in a file before it.")
                                .asException();
                    }
                }
            }
            return new ModelWeights(opened, check(directory, config, found, all));
        } catch (RuntimeException e) {
            opened.forEach(SafetensorsFile::close);
            throw e;
        }
    }

    /** With an index, a tensor counts where the index puts it. */
    private static boolean isPlacedIn(Path path, String name, WeightFiles found) {
        Map<String, Path> index = found.fileOfTensor();
        return index == null || path.equals(index.get(name));
    }

    private static SequencedMap<String, TensorEntry> check(Path directory, ModelConfig config, WeightFiles found,
            SequencedMap<String, TensorEntry> all) {
        List<String> faults = new ArrayList<>();
        SequencedMap<String, TensorEntry> wanted = new LinkedHashMap<>();
        config.tensorShapes().forEach((name, shape) -> {
            TensorEntry tensor = all.remove(name);
            if (tensor == null) {
                Map<String, Path> index = found.fileOfTensor();
                Path place = index == null ? found.files().getFirst() : index.get(name);
                faults.add("tensor '" + name + "' is missing" + (place == null ? "" : " from " + place.getFileName()));
                return;
            }
            if (!tensor.shape().equals(shape)) {
                faults.add("tensor '" + name + "' has shape " + tensor.shape() + " and config.json implies " + shape);
            } else if (!TYPES.contains(tensor.type())) {
                faults.add("tensor '" + name + "' has type " + tensor.type() + " and must have one of " + TYPES);
            }
            wanted.put(name, tensor);
        });
        TensorEntry embedding = wanted.get("model.embed_tokens.weight");
        for (TensorEntry extra : all.values()) {
            if (config.tiedEmbeddings() && extra.name().equals("lm_head.weight")) {
                if (embedding != null && extra.data().mismatch(embedding.data()) != -1) {
                    faults.add(
                            "tensor 'lm_head.weight' differs from the embedding although tie_word_embeddings is true");
                }
            } else if (!extra.name().endsWith("rotary_emb.inv_freq")) {
                // Old checkpoints store the rotary frequencies, which follow from the config.
                faults.add("tensor '" + extra.name() + "' is there, but config.json implies no such tensor");
            }
        }
        if (!faults.isEmpty()) {
            throw Problem.user("invalid_model_weights", "the weights in " + directory + " do not fit its config.json: "
                    + String.join("; ", faults.subList(0, Math.min(FAULTS_TO_NAME, faults.size())))
                    + (faults.size() > FAULTS_TO_NAME ? "; and " + (faults.size() - FAULTS_TO_NAME) + " more" : "")
                    + ".").asException();
        }
        return wanted;
    }

    /** Whether all linear layers of the decoder are stored in bf16. */
    public boolean hasBf16Layers() {
        return tensors.values().stream().filter(tensor -> tensor.name().endsWith("_proj.weight"))
                .allMatch(tensor -> tensor.type() == TensorType.BF16);
    }

    /** All tensors by name, in the order of {@link ModelConfig#tensorShapes}. */
    public SequencedMap<String, TensorEntry> tensors() {
        return tensors;
    }

    /**
     * The tensor of that name.
     *
     * @throws IllegalArgumentException if the configuration implies no such tensor
     */
    public TensorEntry tensor(String name) {
        TensorEntry tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the model has no tensor '" + name + "'");
        }
        return tensor;
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
