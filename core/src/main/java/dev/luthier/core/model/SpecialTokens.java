package dev.luthier.core.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The special tokens that a model's tokenizer configuration names; chat templates see them as variables.
 *
 * @param named text by role: {@code bos_token}, {@code eos_token}, {@code unk_token}, {@code pad_token} and others that
 *     the files name; roles without a token are absent
 * @param additional {@code additional_special_tokens}
 */
public record SpecialTokens(SequencedMap<String, String> named, List<String> additional) {

    public SpecialTokens {
        named = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(named));
        additional = List.copyOf(additional);
    }

    /** Text of the token with that role, for example {@code eos_token}. */
    public Optional<String> text(String role) {
        return Optional.ofNullable(named.get(role));
    }

    public Optional<String> beginning() {
        return text("bos_token");
    }

    public Optional<String> end() {
        return text("eos_token");
    }

    /**
     * Reads {@code tokenizer_config.json} and {@code special_tokens_map.json}. As in transformers, the latter counts,
     * and wins, only where the former has no {@code added_tokens_decoder}.
     */
    static SpecialTokens read(Path directory) {
        JsonNode config = ModelFiles.objectIfPresent(directory.resolve("tokenizer_config.json"));
        JsonNode map = config != null && config.has("added_tokens_decoder")
                ? null
                : ModelFiles.objectIfPresent(directory.resolve("special_tokens_map.json"));
        SequencedMap<String, String> named = new LinkedHashMap<>();
        readNamed(config, named);
        readNamed(map, named);
        List<String> additional = additional(map);
        return new SpecialTokens(named, additional.isEmpty() ? additional(config) : additional);
    }

    /** Roles are the keys that end in "_token"; switches such as add_bos_token have other values. */
    private static void readNamed(@Nullable JsonNode tokens, SequencedMap<String, String> named) {
        if (tokens != null) {
            tokens.properties().forEach(entry -> {
                String text = entry.getKey().endsWith("_token") ? content(entry.getValue()) : null;
                if (text != null) {
                    named.put(entry.getKey(), text);
                }
            });
        }
    }

    /** A token is a string or an object with {@code content}. */
    private static @Nullable String content(JsonNode token) {
        JsonNode text = token.isObject() ? token.path("content") : token;
        return text.isString() ? text.stringValue() : null;
    }

    private static List<String> additional(@Nullable JsonNode tokens) {
        List<String> texts = new ArrayList<>();
        if (tokens != null) {
            for (JsonNode token : tokens.path("additional_special_tokens")) {
                String text = content(token);
                if (text != null) {
                    texts.add(text);
                }
            }
        }
        return texts;
    }
}
