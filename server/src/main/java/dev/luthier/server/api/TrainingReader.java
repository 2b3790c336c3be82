package dev.luthier.server.api;

import dev.luthier.server.job.TrainingResolver;
import dev.luthier.server.job.TrainingSettings;
import dev.luthier.server.training.RecipeReader;
import dev.luthier.server.training.TrainingKey;
import dev.luthier.server.training.TrainingRecipe;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a request for a job says about training, in the header {@link TrainingHeader} and, where the dialect has
 * free metadata, in its keys {@code luthier.*}. What is wrong is noted with the other faults of the body.
 */
public final class TrainingReader {
    private static final String PREFIX = "luthier.";

    private final TrainingResolver resolver;

    public TrainingReader(TrainingResolver resolver) {
        this.resolver = resolver;
    }

    /**
     * @param metadata null in a dialect that has none
     * @param start empty when the model is at fault; then the result is of no use, and so is the request
     * @param given what the dialect's own fields say
     */
    public Optional<TrainingSettings> read(Fields body, @Nullable Fields metadata, TrainingHeader header,
            Optional<JobReferences.Start> start, TrainingResolver.Given given) {
        RecipeReader reader = new RecipeReader();
        Map<String, FieldValue> places = new HashMap<>();
        if (metadata != null) {
            readMetadata(metadata, reader, places);
        }
        readHeader(body.header(TrainingHeader.NAME), header.pairs(), reader, places);
        TrainingRecipe recipe = reader.recipe();
        return start.map(from -> resolver.resolve(recipe,
                new TrainingResolver.Start(from.name(), from.base(), from.shape()), given,
                (key, code, message) -> place(recipe, key, places, body).fault(code, message)));
    }

    private static void readMetadata(Fields metadata, RecipeReader reader, Map<String, FieldValue> places) {
        for (String key : metadata.members().keySet()) {
            FieldValue value = metadata.value(key);
            if (key.startsWith(PREFIX) && value.isText()) {
                String shown = FieldValue.shown(key);
                places.put(shown, value);
                reader.read(key.substring(PREFIX.length()), shown, value.node().stringValue())
                        .ifPresent(fault -> value.fault("invalid_training_setting", fault));
            }
        }
    }

    private static void readHeader(FieldValue place, List<String> pairs, RecipeReader reader,
            Map<String, FieldValue> places) {
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                place.fault("invalid_training_setting", TrainingHeader.NAME + ": \"" + FieldValue.shown(pair)
                        + "\" must be KEY=VALUE; pairs are separated by commas.");
                continue;
            }
            String name = pair.substring(0, equals).strip();
            String shown = TrainingHeader.NAME + ": " + FieldValue.shown(name);
            places.put(shown, place);
            reader.read(name, shown, pair.substring(equals + 1))
                    .ifPresent(fault -> place.fault("invalid_training_setting", fault));
        }
    }

    /** Where the caller can mend the value of a key: where it says it, else at the model. */
    private static FieldValue place(TrainingRecipe recipe, TrainingKey<?> key, Map<String, FieldValue> places,
            Fields body) {
        FieldValue said = recipe.says(key) ? places.get(recipe.origin(key)) : null;
        return said == null ? body.value("model") : said;
    }
}
