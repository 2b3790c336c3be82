package dev.luthier.server.job;

import dev.luthier.core.run.RunSpec;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.training.ModelAlias;
import dev.luthier.server.training.TrainingKey;
import dev.luthier.server.training.TrainingRecipe;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides how a job is trained: what the request says wins over the recipe that the model's alias names, that over the
 * server's defaults. What the base model or the server cannot do is a fault, whoever said it.
 */
public final class TrainingResolver {
    private final TrainingRecipe defaults;
    private final Map<String, TrainingRecipe> recipes;
    private final Map<String, ModelAlias> aliases;
    private final String baseType;
    private final int samplesPerStep;

    /**
     * @param defaults says everything
     * @param recipes by name
     * @param aliases by alias; the recipes that they name are there
     * @param baseType of the frozen base
     * @param samplesPerStep of requests that name no batch size
     */
    TrainingResolver(TrainingRecipe defaults, Map<String, TrainingRecipe> recipes, Map<String, ModelAlias> aliases,
            String baseType, int samplesPerStep) {
        this.defaults = defaults;
        this.recipes = Map.copyOf(recipes);
        this.aliases = Map.copyOf(aliases);
        this.baseType = baseType;
        this.samplesPerStep = samplesPerStep;
    }

    /**
     * Where training starts.
     *
     * @param name the model as the caller named it
     * @param shape of the adapter that is trained further; null for a new one
     */
    public record Start(String name, BaseModel base, RunSpec.@Nullable Lora shape) {}

    /**
     * What a request says in its dialect's own fields.
     *
     * @param validated whether it names validation files
     */
    public record Given(Method method, Hyperparameters hyperparameters, boolean validated) {}

    /** Notes what cannot be. */
    public interface Faults {

        /** @param key whose value is at fault */
        void add(TrainingKey<?> key, String code, String message);
    }

    /**
     * @param request what the request says by keys of training
     */
    public TrainingSettings resolve(TrainingRecipe request, Start start, Given given, Faults faults) {
        String recipe = recipe(start);
        TrainingRecipe chosen = recipe == null ? null : recipes.get(recipe);
        TrainingRecipe all = (chosen == null ? request : request.or(chosen)).or(defaults);
        RunSpec.Lora shape = start.shape();
        if (shape == null) {
            checkLayers(all, start.base(), faults);
        } else {
            checkShape(request, start.name(), shape, faults);
        }
        checkNumbers(all, start.base(), faults);
        checkAgainst(given.hyperparameters(), request, faults);
        checkMethod(given.method(), request, faults);
        SelectionRules.check(request, all, given.validated(), faults);
        TrainingSettings settings = TrainingSettings.of(all, shape, baseType, samplesPerStep,
                SelectionRules.selection(all, given.validated()), recipe);
        return given.hyperparameters().samplesPerStep() == null ? settings : settings.countingSamples();
    }

    /** The recipe of the alias that was named; a base model's own name stands for itself alone. */
    private @Nullable String recipe(Start start) {
        ModelAlias alias = aliases.get(start.name());
        return alias == null || start.name().equals(start.base().name()) ? null : alias.recipe();
    }

    private static void checkLayers(TrainingRecipe all, BaseModel base, Faults faults) {
        int layers = all.orBuiltIn(TrainingKey.TOP_LAYERS);
        if (layers > base.layers()) {
            faults.add(TrainingKey.TOP_LAYERS, "out_of_range", all.origin(TrainingKey.TOP_LAYERS)
                    + " must be at most " + base.layers() + ", the decoder layers of " + base.name() + ", not " + layers
                    + ". 0 adapts all of them.");
        }
    }

    /** An adapter that is trained further keeps its shape. */
    private static void checkShape(TrainingRecipe request, String model, RunSpec.Lora shape, Faults faults) {
        checkSame(request, TrainingKey.RANK, shape.rank(), model, faults);
        checkSame(request, TrainingKey.ALPHA, shape.alpha(), model, faults);
        checkSame(request, TrainingKey.TARGETS, shape.targets(), model, faults);
        checkSame(request, TrainingKey.RS_LORA, shape.rsLora(), model, faults);
        checkSame(request, TrainingKey.DORA, shape.dora(), model, faults);
        checkSame(request, TrainingKey.TOP_LAYERS, shape.topLayers(), model, faults);
    }

    private static <T> void checkSame(TrainingRecipe request, TrainingKey<T> key, T value, String model,
            Faults faults) {
        T wanted = request.get(key);
        if (wanted != null && !Objects.equals(wanted, value)) {
            faults.add(key, "contradiction", request.origin(key) + " is " + wanted + ", but training goes on with the"
                    + " adapter of " + model + ", whose " + key.name() + " is " + value
                    + ". Leave it out, or start from the base model.");
        }
    }

    private void checkNumbers(TrainingRecipe all, BaseModel base, Faults faults) {
        int longest = all.orBuiltIn(TrainingKey.MAX_SAMPLE_TOKENS);
        if (longest > base.contextTokens()) {
            faults.add(TrainingKey.MAX_SAMPLE_TOKENS, "out_of_range", all.origin(TrainingKey.MAX_SAMPLE_TOKENS)
                    + " must be at most " + base.contextTokens() + ", the context of " + base.name() + ", not "
                    + longest + ".");
        }
    }

    /** Recipes and settings may say what only some jobs follow; a request may not. */
    private static void checkMethod(Method method, TrainingRecipe request, Faults faults) {
        if (!(method instanceof Method.Preference)) {
            TrainingKey.PREFERENCE.stream().filter(request::says).forEach(key -> faults.add(key, "contradiction",
                    request.origin(key) + " has no effect unless the job's method is dpo. Leave it out."));
        }
    }

    /** What the dialect has a field for must not be said otherwise by a key of the same request. */
    private static void checkAgainst(Hyperparameters given, TrainingRecipe request, Faults faults) {
        Integer batchTokens = request.get(TrainingKey.BATCH_TOKENS);
        if (given.samplesPerStep() != null && batchTokens != null && batchTokens > 0) {
            faults.add(TrainingKey.BATCH_TOKENS, "contradiction", request.origin(TrainingKey.BATCH_TOKENS)
                    + " and batch_size both say how large a step is. Give one of them.");
        }
        Integer longest = request.get(TrainingKey.MAX_SAMPLE_TOKENS);
        if (given.maxSampleTokens() != null && longest != null && !longest.equals(given.maxSampleTokens())) {
            faults.add(TrainingKey.MAX_SAMPLE_TOKENS, "contradiction", request.origin(TrainingKey.MAX_SAMPLE_TOKENS)
                    + " and hyperparameters.seq_len differ. Give one of them.");
        }
    }
}
