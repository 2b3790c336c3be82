package dev.luthier.server.serve;

import dev.luthier.core.file.RegularFiles;
import dev.luthier.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Sampling when a request does not say: what the model's {@code generation_config.json} recommends, else all tokens.
 *
 * @param temperature null when it recommends none
 * @param topK 0 for all tokens
 */
record GenerationDefaults(@Nullable Double temperature, double topP, int topK) {
    private static final double NONE = -1;

    private static final int MAX_BYTES = 1 << 20;

    /** Reads a model directory; a file that is absent, broken or out of range recommends nothing. */
    static GenerationDefaults of(Path model) {
        JsonNode config = read(model.resolve("generation_config.json"));
        double temperature = config.path("temperature").asDouble(NONE);
        double topP = config.path("top_p").asDouble(1);
        int topK = config.path("top_k").asInt(0);
        return new GenerationDefaults(temperature >= 0 && temperature <= 2 ? (Double) temperature : null,
                topP > 0 && topP <= 1 ? topP : 1, Math.max(0, topK));
    }

    private static JsonNode read(Path file) {
        try {
            return Files.exists(file) ? Json.parse(RegularFiles.readText(file, MAX_BYTES)) : Json.parse("{}");
        } catch (IOException | JacksonException e) {
            return Json.parse("{}");
        }
    }
}
