package dev.luthier.server.training;

import dev.luthier.core.problem.Excerpt;
import dev.luthier.core.problem.Nearest;
import dev.luthier.core.problem.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Puts a recipe together from texts, one at a time, wherever they come from. Not thread-safe. */
public final class RecipeReader {
    private final Map<TrainingKey<?>, TrainingRecipe.Entry> entries = new LinkedHashMap<>();

    /**
     * Takes a value over.
     *
     * @param name of a key
     * @param origin the place of the text as people write it; messages begin with it
     * @return what is wrong with the name or the text; empty when it was taken over
     */
    public Optional<String> read(String name, String origin, String text) {
        return TrainingKey.of(name).map(key -> read(key, origin, text)).orElseGet(() -> Optional.of(unknown(name,
                origin)));
    }

    private <T> Optional<String> read(TrainingKey<T> key, String origin, String text) {
        Optional<T> value = key.parser().apply(text.strip());
        if (value.isEmpty()) {
            return Optional.of(origin + " must be " + key.allowed() + ", not \"" + Excerpt.of(text) + "\".");
        }
        TrainingRecipe.Entry before = entries.putIfAbsent(key, new TrainingRecipe.Entry(value.get(), origin));
        return before == null || before.value().equals(value.get())
                ? Optional.empty()
                : Optional.of(before.origin() + " and " + origin + " differ. Give one of them.");
    }

    private static String unknown(String name, String origin) {
        List<String> names = TrainingKey.ALL.stream().map(TrainingKey::name).toList();
        return origin + " is unknown." + Nearest.of(name.replace('-', '_'), names)
                .map(near -> " Did you mean " + near + "?").orElse(" There are " + String.join(", ", names) + ".");
    }

    /** What was taken over so far. */
    public TrainingRecipe recipe() {
        return new TrainingRecipe(entries);
    }

    /**
     * The recipe of one setting, {@code training.top-layers}.
     *
     * @throws dev.luthier.core.problem.ProblemException USER, when the text is not allowed
     */
    public static TrainingRecipe setting(String setting, TrainingKey<?> key, String text) {
        RecipeReader reader = new RecipeReader();
        reader.read(key.name(), setting, text).ifPresent(fault -> {
            throw Problem.user("invalid_settings", fault).asException();
        });
        return reader.recipe();
    }

    /**
     * The recipes of a table of settings, by their names.
     *
     * @param table name of the table
     * @param texts by {@code NAME.KEY}
     * @throws dev.luthier.core.problem.ProblemException USER, with every fault, one a line
     */
    public static Map<String, TrainingRecipe> table(String table, Map<String, String> texts) {
        Map<String, RecipeReader> readers = new LinkedHashMap<>();
        List<String> faults = new ArrayList<>();
        texts.forEach((path, text) -> {
            int dot = path.lastIndexOf('.');
            if (dot < 1) {
                faults.add(table + "." + path + " must have the name of a recipe in it: " + table + ".NAME." + path
                        + ".");
                return;
            }
            readers.computeIfAbsent(path.substring(0, dot), name -> new RecipeReader())
                    .read(path.substring(dot + 1), table + "." + path, text).ifPresent(faults::add);
        });
        if (!faults.isEmpty()) {
            throw Problem.user("invalid_settings", String.join("\n", faults)).asException();
        }
        return readers.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> entry.getValue().recipe()));
    }
}
