package dev.luthier.server.model;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads what an adapter on disk looks like, so that training can go on with the very same shape. */
public final class AdapterShape {
    private static final Pattern LAYER = Pattern
            .compile(".*\\.layers\\.(\\d{1,6})\\.\\w+\\.(\\w+)\\.lora_[AB]\\.weight");

    private AdapterShape() {}

    /**
     * Rank, alpha and kind as the configuration says them, and the layers that there are weights for: the configuration
     * may name those by a pattern.
     *
     * @param adapter directory in PEFT layout
     * @param decoderLayers of its base model
     * @throws dev.luthier.core.problem.ProblemException USER, when it cannot be read, or adapts decoder layers other
     *     than the topmost
     */
    public static RunSpec.Lora read(Path adapter, int decoderLayers) {
        JsonNode config = config(adapter.resolve(AdapterFiles.CONFIG));
        Set<String> linear = new TreeSet<>();
        NavigableSet<Integer> layers = new TreeSet<>();
        try (SafetensorsFile weights = SafetensorsFile.open(adapter.resolve(AdapterFiles.WEIGHTS))) {
            for (String tensor : weights.tensors().keySet()) {
                Matcher name = LAYER.matcher(tensor);
                if (name.matches()) {
                    layers.add(Integer.valueOf(name.group(1)));
                    linear.add(name.group(2));
                }
            }
        }
        return new RunSpec.Lora(config.path("r").asInt(0), config.path("lora_alpha").asDouble(0),
                RunSpec.Lora.LINEAR_LAYERS.stream().filter(linear::contains).toList(),
                config.path("use_rslora").asBoolean(false), config.path("use_dora").asBoolean(false),
                topLayers(layers, decoderLayers));
    }

    private static JsonNode config(Path file) {
        try {
            return Json.parse(Files.readString(file));
        } catch (IOException | JacksonException e) {
            throw Problem.user("adapter_unreadable", "The adapter to go on from cannot be read: " + file + ": "
                    + e.getMessage() + ".").asException();
        }
    }

    /** How many layers, counted from the last, are adapted; 0 for all. */
    private static int topLayers(NavigableSet<Integer> layers, int decoderLayers) {
        if (layers.size() == decoderLayers) {
            return 0;
        }
        if (layers.isEmpty() || layers.getFirst() != decoderLayers - layers.size()) {
            throw Problem.user("adapter_not_trainable", "The adapter to go on from adapts the decoder layers " + layers
                    + " of " + decoderLayers + ". Training goes on from adapters of all layers or of the topmost ones.",
                    "model").asException();
        }
        return layers.size();
    }
}
