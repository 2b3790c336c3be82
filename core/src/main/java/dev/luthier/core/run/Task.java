package dev.luthier.core.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.luthier.core.problem.Problem;
import java.util.HashSet;
import java.util.List;

/** What a run learns from its samples: part of {@code run.json}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(value = Task.Supervised.class, name = "supervised"),
        @JsonSubTypes.Type(value = Task.Preference.class, name = "preference"),
        @JsonSubTypes.Type(value = Task.Classification.class, name = "classification")})
public sealed interface Task {
    Task SUPERVISED = new Supervised();

    /** To say what the samples say: cross-entropy of their target tokens. */
    record Supervised() implements Task {}

    /**
     * To prefer one answer to another (direct preference optimisation, arXiv 2305.18290), compared with the model before the
     * first step.
     *
     * @param beta how strongly the answers' probabilities may part from that model's, greater than 0 and at most 2
     * @param sftWeight of the preferred answer's own loss, added to that of the preference; at least 0
     * @param lengthNormalized whether each answer's log-probability is divided by its tokens
     */
    record Preference(double beta, double sftWeight, boolean lengthNormalized) implements Task {
        public static final double MAX_BETA = 2;
        /** Used where nobody says anything. */
        public static final double BETA = 0.1;

        public Preference {
            require(beta > 0 && beta <= MAX_BETA, "task.beta", "must be greater than 0 and at most 2");
            require(sftWeight >= 0 && Double.isFinite(sftWeight), "task.sftWeight", "must be a number of at least 0");
        }
    }

    /**
     * To tell the labels of a text.
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

        /** The labels of all targets together: rows of the head. */
        public int labels() {
            return targets.stream().mapToInt(target -> target.labels().size()).sum();
        }
    }

    /**
     * Something that a classifier tells of a text.
     *
     * @param labels at least two, each once; their order is that of the head's rows
     * @param weight of its loss, at least 0
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

    /** How a target's labels exclude each other. */
    enum LossFunction {
        /** One of them holds: softmax over all. */
        @JsonProperty("single_class")
        SINGLE_CLASS,
        /** Any number of them holds: a sigmoid of each. */
        @JsonProperty("multi_class")
        MULTI_CLASS
    }

    private static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw Problem.user("invalid_run_spec", "run.json: " + field + " " + rule + ".", field).asException();
        }
    }
}
