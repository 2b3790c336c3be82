package dev.luthier.server.training;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What one source, or several by their precedence, say about a training: values by key. Immutable. */
public final class TrainingRecipe {
    /** Says nothing. */
    public static final TrainingRecipe EMPTY = new TrainingRecipe(Map.of());
    /** Says everything: what holds when nobody says anything. */
    public static final TrainingRecipe BUILT_IN = builtIn();

    private final Map<TrainingKey<?>, Entry> entries;

    /**
     * @param origin where it was said, as people write it: {@code luthier.rank}, {@code recipes.thrifty.rank}
     */
    record Entry(Object value, String origin) {}

    TrainingRecipe(Map<TrainingKey<?>, Entry> entries) {
        this.entries = Map.copyOf(entries);
    }

    private static TrainingRecipe builtIn() {
        Map<TrainingKey<?>, Entry> all = new LinkedHashMap<>();
        TrainingKey.ALL.forEach(key -> all.put(key, new Entry(key.builtIn(), key.name())));
        return new TrainingRecipe(all);
    }

    /** The value of a key, or null when it is left to others. */
    @SuppressWarnings("unchecked") // RecipeReader puts only what the key's own parser returned
    public <T> @Nullable T get(TrainingKey<T> key) {
        Entry entry = entries.get(key);
        return entry == null ? null : (T) entry.value();
    }

    /** The value of a key, else what is built in. */
    public <T> T orBuiltIn(TrainingKey<T> key) {
        T value = get(key);
        return value == null ? key.builtIn() : value;
    }

    public boolean says(TrainingKey<?> key) {
        return entries.containsKey(key);
    }

    /** Where the value of a key that it says was said. */
    public String origin(TrainingKey<?> key) {
        return Objects.requireNonNull(entries.get(key), key.name()).origin();
    }

    /** This one, and of what it leaves open what another one says. */
    public TrainingRecipe or(TrainingRecipe weaker) {
        Map<TrainingKey<?>, Entry> both = new LinkedHashMap<>(weaker.entries);
        both.putAll(entries);
        return new TrainingRecipe(both);
    }
}
