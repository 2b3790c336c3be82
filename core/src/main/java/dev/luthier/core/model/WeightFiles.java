package dev.luthier.core.model;

import dev.luthier.core.problem.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The safetensors files of a model directory.
 *
 * @param files in the order in which they hold the model
 * @param fileOfTensor what the index promises, or null for a single file without index
 */
record WeightFiles(List<Path> files, @Nullable Map<String, Path> fileOfTensor) {

    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    /** Finds the files; as in transformers a single file wins over an index. */
    static WeightFiles find(Path directory) {
        Path single = directory.resolve(SINGLE);
        if (Files.exists(single)) {
            return new WeightFiles(List.of(single), null);
        }
        Path indexFile = directory.resolve(INDEX);
        JsonNode index = ModelFiles.objectIfPresent(indexFile);
        if (index == null) {
            throw Problem.user("missing_model_file", directory + " has neither " + SINGLE + " nor " + INDEX
                    + ". Only weights in safetensors format can be read; convert others first.").asException();
        }
        SequencedMap<String, Path> fileOfTensor = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : index.path("weight_map").properties()) {
            String name = entry.getValue().asString("");
            if (name.isEmpty() || name.contains("/") || name.contains("\\") || name.equals("..")) {
                throw Problem.user("invalid_model_file",
                        indexFile + " puts tensor '" + entry.getKey() + "' into " + entry.getValue()
                                + ", which is not the name of a file in the same directory.")
                        .asException();
            }
            fileOfTensor.put(entry.getKey(), directory.resolve(name));
        }
        if (fileOfTensor.isEmpty()) {
            throw Problem.user("invalid_model_file", indexFile + " has no weight_map.").asException();
        }
        List<Path> files = fileOfTensor.values().stream().distinct().sorted().toList();
        for (Path file : files) {
            if (!Files.exists(file)) {
                throw Problem.user("missing_model_file", file + " is missing; " + INDEX + " names it.").asException();
            }
        }
        return new WeightFiles(files, fileOfTensor);
    }
}
