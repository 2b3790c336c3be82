package dev.luthier.core.adapter;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.luthier.core.file.RegularFiles;
import dev.luthier.core.json.StoredJson;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.Task;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a classifier tells: the {@value #FILE} beside an adapter's weights.
 *
 * @param targets in the order of the head's rows
 */
public record ClassifierConfig(List<Target> targets) {
    public static final String FILE = "classifier.json";

    private static final int MAX_BYTES = 16 << 20;
    private static final StoredJson<ClassifierConfig> JSON = StoredJson.of(ClassifierConfig.class);

    public ClassifierConfig {
        targets = List.copyOf(targets);
    }

    /**
     * One target.
     *
     * @param labels in the order of the head's rows
     * @param temperature that logits are divided by, greater than 0
     */
    public record Target(String name, List<String> labels,
            @JsonProperty("loss_function") Task.LossFunction lossFunction,
            double temperature) {
        public Target {
            labels = List.copyOf(labels);
        }
    }

    /**
     * That of an adapter; empty for one that writes text.
     *
     * @throws dev.luthier.core.problem.ProblemException USER, when it cannot be read
     */
    public static Optional<ClassifierConfig> in(Path adapterDirectory) {
        Path file = adapterDirectory.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.read(new String(RegularFiles.read(file, MAX_BYTES), StandardCharsets.UTF_8),
                    file.toString()));
        } catch (IOException e) {
            throw Problem.user("unsupported_adapter", file + " cannot be read: " + RegularFiles.reason(e) + ".")
                    .asException(e);
        }
    }
}
