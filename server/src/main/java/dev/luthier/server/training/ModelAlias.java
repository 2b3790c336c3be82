package dev.luthier.server.training;

import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a further name of a base model stands for: {@code luthier-tiny}, or {@code luthier-tiny@thrifty} with the recipe
 * that jobs under this name follow.
 *
 * @param model the base model's own name
 * @param recipe null for the server's defaults
 */
public record ModelAlias(String model, @Nullable String recipe) {

    /** Reads a table of them, by alias. */
    public static Map<String, ModelAlias> table(Map<String, String> texts) {
        return texts.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> of(entry.getValue())));
    }

    private static ModelAlias of(String text) {
        int at = text.lastIndexOf('@');
        return at < 0 ? new ModelAlias(text, null) : new ModelAlias(text.substring(0, at), text.substring(at + 1));
    }
}
