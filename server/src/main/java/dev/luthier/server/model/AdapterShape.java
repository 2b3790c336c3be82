package dev.luthier.server.model;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads what an adapter on disk looks like, so that training can go on with the very same shape. */
public final class AdapterShape {
    private static final Pattern LAYER = Pattern.compile(".*\\.(\\w+)\\.lora_[AB]\\.weight");

    private AdapterShape() {}

    /**
     * Rank and alpha as the configuration says them, and the layers that there are weights for: the configuration may
     * name those by a pattern.
     *
     * @param adapter directory in PEFT layout
     * @throws dev.luthier.core.problem.ProblemException USER, when it cannot be read
     */
    public static RunSpec.Lora read(Path adapter) {
        Path file = adapter.resolve(AdapterFiles.CONFIG);
        JsonNode config;
        try {
            config = Json.parse(Files.readString(file));
        } catch (IOException | JacksonException e) {
            throw Problem.user("adapter_unreadable", "The adapter to go on from cannot be read: " + file + ": "
                    + e.getMessage() + ".").asException();
        }
        Set<String> adapted = new TreeSet<>();
        try (SafetensorsFile weights = SafetensorsFile.open(adapter.resolve(AdapterFiles.WEIGHTS))) {
            for (String tensor : weights.tensors().keySet()) {
                Matcher name = LAYER.matcher(tensor);
                if (name.matches()) {
                    adapted.add(name.group(1));
                }
            }
        }
        return RunSpec.Lora.plain(config.path("r").asInt(0), config.path("lora_alpha").asDouble(0),
                RunSpec.Lora.LINEAR_LAYERS.stream().filter(adapted::contains).toList());
    }
}
