package dev.luthier.core.adapter;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.luthier.core.file.RegularFiles;
import dev.luthier.core.json.StoredJson;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.Task;
import dev.luthier.core.storage.StorageFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the rows of a classifier's head mean: the file {@value #FILE} beside the adapter, which PEFT's own files do not
 * say.
 *
 * @param targets at least one, each name once; their labels, one after another, are the rows of the head
 */
public record ClassifierConfig(List<Target> targets) {
    public static final String FILE = "classifier.json";

    private static final int MAX_BYTES = 16 << 20;
    private static final StoredJson<ClassifierConfig> STORED = StoredJson.of(ClassifierConfig.class);

    /**
     * Something that the classifier tells of a text.
     *
     * @param labels at least two, each once
     * @param temperature that the head's scores are divided by before they become probabilities, greater than 0
     */
    public record Target(String name, List<String> labels,
            @JsonProperty("loss_function") Task.LossFunction lossFunction, double temperature) {
        public Target {
            require(isGiven(name) && !name.isBlank(), "a target needs a name");
            require(isGiven(labels) && labels.size() >= 2, "the target " + name + " needs at least two labels");
            require(labels.stream().allMatch(Target::isGiven) && labels.stream().allMatch(new HashSet<>()::add),
                    "the target " + name + " must name each label once");
            require(isGiven(lossFunction), "the target " + name + " needs a loss_function");
            require(temperature > 0 && Double.isFinite(temperature),
                    "the temperature of the target " + name + " must be a number greater than 0");
            labels = List.copyOf(labels);
        }

        /* Types say that nothing is null; a file that leaves a field out makes it so. */
        private static boolean isGiven(@Nullable Object value) {
            return value != null;
        }

        /** The same with another temperature. */
        public Target with(double other) {
            return new Target(name, labels, lossFunction, other);
        }

        /**
         * The probability of each label: one of several, which add up to 1, or of each by itself.
         *
         * @param scores one per label, as the head gives them
         */
        public double[] probabilities(double[] scores) {
            return switch (lossFunction) {
                case SINGLE_CLASS -> softmax(scores);
                case MULTI_CLASS -> IntStream.range(0, scores.length)
                        .mapToDouble(i -> 1 / (1 + Math.exp(-scores[i] / temperature))).toArray();
            };
        }

        private double[] softmax(double[] scores) {
            double most = Double.NEGATIVE_INFINITY;
            for (double score : scores) {
                most = Math.max(most, score);
            }
            double[] probabilities = new double[scores.length];
            double sum = 0;
            for (int i = 0; i < scores.length; i++) {
                probabilities[i] = Math.exp((scores[i] - most) / temperature);
                sum += probabilities[i];
            }
            for (int i = 0; i < scores.length; i++) {
                probabilities[i] /= sum;
            }
            return probabilities;
        }
    }

    public ClassifierConfig {
        require(Target.isGiven(targets) && !targets.isEmpty(), "it needs at least one target");
        require(targets.stream().allMatch(Target::isGiven)
                && targets.stream().map(Target::name).allMatch(new HashSet<>()::add), "it must name each target once");
        targets = List.copyOf(targets);
    }

    /** A classifier that is not calibrated: every temperature is 1. */
    public static ClassifierConfig of(Task.Classification task) {
        return new ClassifierConfig(task.targets().stream()
                .map(target -> new Target(target.name(), target.labels(), target.lossFunction(), 1)).toList());
    }

    /**
     * Reads the file of an adapter's directory.
     *
     * @throws dev.luthier.core.problem.ProblemException USER if there is none, or it says nothing that can be used
     */
    public static ClassifierConfig read(Path directory) {
        Path file = directory.resolve(FILE);
        try {
            return STORED.read(RegularFiles.readText(file, MAX_BYTES), file.toString());
        } catch (IOException e) {
            if (StorageFault.in(e).isPresent()) {
                throw new UncheckedIOException(e); // says nothing of the file
            }
            throw Problem.user("invalid_classifier", file + " cannot be read: " + RegularFiles.reason(e) + ".")
                    .asException(e);
        }
    }

    /** The file of an adapter's directory as {@link #read} has it; empty for an adapter without one. */
    public static Optional<ClassifierConfig> in(Path directory) {
        return Files.exists(directory.resolve(FILE)) ? Optional.of(read(directory)) : Optional.empty();
    }

    /** The content of the file. */
    public String json() {
        return STORED.writePretty(this) + "\n";
    }

    /** Rows of the head. */
    public int labels() {
        return targets.stream().mapToInt(target -> target.labels().size()).sum();
    }

    /** Whether the rows of the head mean the same as in a task. */
    public boolean hasTargetsOf(Task.Classification task) {
        return targets.stream().map(target -> target.with(1)).toList().equals(of(task).targets());
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw Problem.user("invalid_classifier", FILE + ": " + rule + ".").asException();
        }
    }
}
