package dev.luthier.server.serve;

import dev.luthier.core.file.RegularFiles;
import dev.luthier.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Sampling when a request does not say: what the model's {@code generation_config.json} recommends, else all tokens.
 *
 * @param temperature null when it recommends none
 * @param topK 0 for all tokens
 * @param repetitionPenalty 1 for none
 */
record GenerationDefaults(@Nullable Double temperature, double topP, int topK, double repetitionPenalty) {
    private static final double NONE = -1;
    /** Fields that would change what is generated and are not built, with the values that switch each off. */
    private static final Map<String, List<Double>> NOT_BUILT = Map.ofEntries(Map.entry("min_p", List.of(0.0)),
            Map.entry("typical_p", List.of(1.0)), Map.entry("epsilon_cutoff", List.of(0.0)),
            Map.entry("eta_cutoff", List.of(0.0)), Map.entry("no_repeat_ngram_size", List.of(0.0)),
            Map.entry("encoder_repetition_penalty", List.of(1.0)), Map.entry("penalty_alpha", List.of(0.0)),
            Map.entry("num_beams", List.of(1.0)), Map.entry("min_length", List.of(0.0)),
            Map.entry("min_new_tokens", List.of(0.0)), Map.entry("guidance_scale", List.of(1.0)),
            Map.entry("bad_words_ids", List.of()), Map.entry("force_words_ids", List.of()),
            Map.entry("suppress_tokens", List.of()), Map.entry("begin_suppress_tokens", List.of()),
            Map.entry("sequence_bias", List.of()), Map.entry("stop_strings", List.of()),
            Map.entry("forced_bos_token_id", List.of()), Map.entry("forced_eos_token_id", List.of()));

    private static final int MAX_BYTES = 1 << 20;

    /** Reads a model directory; a file that is absent, broken or out of range recommends nothing. */
    static GenerationDefaults of(Path model) {
        JsonNode config = read(model.resolve("generation_config.json"));
        double temperature = config.path("temperature").asDouble(NONE);
        boolean greedy = config.path("do_sample").isBoolean() && !config.path("do_sample").booleanValue();
        double topP = config.path("top_p").asDouble(1);
        int topK = config.path("top_k").asInt(0);
        double repetition = config.path("repetition_penalty").asDouble(1);
        return new GenerationDefaults(
                greedy ? (Double) 0.0 : temperature >= 0 && temperature <= 2 ? (Double) temperature : null,
                topP > 0 && topP <= 1 ? topP : 1, Math.max(0, topK),
                repetition >= 0.01 && repetition <= 100 ? repetition : 1);
    }

    /** The names of the fields in a model's {@code generation_config.json} that are not honoured, in order. */
    static List<String> neglected(Path model) {
        return read(model.resolve("generation_config.json")).properties().stream()
                .filter(field -> isOn(field.getValue(), NOT_BUILT.get(field.getKey()))).map(Map.Entry::getKey).sorted()
                .toList();
    }

    private static boolean isOn(JsonNode value, @Nullable List<Double> off) {
        boolean empty = value.isNull() || (value.isContainer() && value.isEmpty());
        return off != null && !empty && !(value.isNumber() && off.contains(value.doubleValue()));
    }

    private static JsonNode read(Path file) {
        try {
            return Files.exists(file) ? Json.parse(RegularFiles.readText(file, MAX_BYTES)) : Json.parse("{}");
        } catch (IOException | JacksonException e) {
            return Json.parse("{}");
        }
    }
}
