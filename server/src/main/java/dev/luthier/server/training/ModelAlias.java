package dev.luthier.server.training;

import dev.luthier.core.problem.Problem;
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

    /**
     * Reads a table of them, by alias.
     *
     * @param table name of the table
     * @throws dev.luthier.core.problem.ProblemException USER, when one names no base model
     */
    public static Map<String, ModelAlias> table(String table, Map<String, String> texts) {
        return texts.entrySet().stream().collect(Collectors.toUnmodifiableMap(Map.Entry::getKey,
                entry -> of(table + "." + entry.getKey(), entry.getValue())));
    }

    private static ModelAlias of(String setting, String text) {
        int at = text.lastIndexOf('@');
        String model = at < 0 ? text : text.substring(0, at);
        if (model.isBlank()) {
            throw Problem
                    .user("invalid_settings", setting + " must be a base model, or a base model and a recipe as in "
                            + "luthier-tiny@thrifty, not \"" + text + "\".")
                    .asException();
        }
        return new ModelAlias(model, at < 0 ? null : text.substring(at + 1));
    }
}
