package dev.luthier.server.job;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.luthier.core.run.Task;
import dev.luthier.core.run.Task.LossFunction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a job is asked to learn; null is left to the plan, which makes it a {@link Task}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(value = Method.Supervised.class, name = "supervised"),
        @JsonSubTypes.Type(value = Method.Preference.class, name = "preference"),
        @JsonSubTypes.Type(value = Method.Classification.class, name = "classification")})
public sealed interface Method {
    Method SUPERVISED = new Supervised();

    /** To say what the samples say. */
    record Supervised() implements Method {}

    /**
     * To prefer one answer to another.
     *
     * @param beta greater than 0 and at most {@link Task.Preference#MAX_BETA}
     */
    record Preference(@Nullable Double beta) implements Method {}

    /**
     * To tell labels.
     *
     * @param targets null or empty to take them from the training files
     */
    record Classification(@Nullable List<Target> targets) implements Method {
        public Classification {
            targets = targets == null || targets.isEmpty() ? null : List.copyOf(targets);
        }
    }

    /**
     * A target of a classifier.
     *
     * @param labels at least two, each once
     * @param weight of its loss, at least 0
     * @param lossFunction null to choose by how the data writes its labels
     */
    record Target(String name, List<String> labels, double weight, @Nullable LossFunction lossFunction) {
        public Target {
            labels = List.copyOf(labels);
        }
    }

    /** The kind of task that the plan makes of a method. */
    static Class<? extends Task> task(Method method) {
        return switch (method) {
            case Supervised _ -> Task.Supervised.class;
            case Preference _ -> Task.Preference.class;
            case Classification _ -> Task.Classification.class;
        };
    }
}
