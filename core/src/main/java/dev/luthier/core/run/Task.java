package dev.luthier.core.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.luthier.core.problem.Problem;
import java.util.HashSet;
import java.util.List;

/** The training objective of a run and its parameters; part of {@code run.json}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(value = Task.Supervised.class, name = "supervised"),
        @JsonSubTypes.Type(value = Task.Preference.class, name = "preference"),
        @JsonSubTypes.Type(value = Task.Classification.class, name = "classification")})
public sealed interface Task {
    Task SUPERVISED = new Supervised();

    /** Supervised fine-tuning: cross-entropy over target tokens. */
    record Supervised() implements Task {}

    /**
     * Direct preference optimisation (arXiv 2305.18290). The reference policy is the model before the first step.
     *
     * @param beta temperature of the DPO loss, greater than 0 and at most 2
     * @param sftWeight weight of the preferred answer's cross-entropy, which is added to the loss; at least 0
     * @param lengthNormalized whether each log-ratio is divided by the number of tokens of its answer
     */
    record Preference(double beta, double sftWeight, boolean lengthNormalized) implements Task {
        public static final double MAX_BETA = 2;
        /** Default. */
        public static final double BETA = 0.1;

        public Preference {
            require(beta > 0 && beta <= MAX_BETA, "task.beta", "must be greater than 0 and at most 2");
            require(sftWeight >= 0 && Double.isFinite(sftWeight), "task.sftWeight", "must be a number of at least 0");
        }
    }

    /**
     * Sequence classification.
     *
     * @param targets at least one, each name once
     */
    record Classification(List<Target> targets) implements Task {
        public Classification {
            targets = List.copyOf(targets);
            require(!targets.isEmpty(), "task.targets", "must name at least one target");
            require(targets.stream().map(Target::name).allMatch(new HashSet<>()::add), "task.targets",
                    "must name each target once");
            require(targets.stream().anyMatch(target -> target.weight() > 0), "task.targets",
                    "must give at least one target a weight greater than 0");
        }

        /** Number of labels of all targets: rows of the classification head. */
        public int labels() {
            return targets.stream().mapToInt(target -> target.labels().size()).sum();
        }
    }

    /**
     * One output of a classifier.
     *
     * @param labels at least two, each once; their order is that of the head's rows
     * @param weight factor of its loss, at least 0
     */
    record Target(String name, List<String> labels, double weight, LossFunction lossFunction) {
        public Target {
            labels = List.copyOf(labels);
            require(labels.size() >= 2, "task.targets.labels", "must name at least two labels");
            require(labels.stream().allMatch(new HashSet<>()::add), "task.targets.labels",
                    "must name each label once");
            require(weight >= 0 && Double.isFinite(weight), "task.targets.weight", "must be a number of at least 0");
        }
    }

    /** Loss of a target. */
    enum LossFunction {
        /** Exactly one label applies: softmax cross-entropy. */
        @JsonProperty("single_class")
        SINGLE_CLASS,
        /** Any number of labels apply: binary cross-entropy of each. */
        @JsonProperty("multi_class")
        MULTI_CLASS
    }

    private static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw Problem.user("invalid_run_spec", "run.json: " + field + " " + rule + ".", field).asException();
        }
    }
}
