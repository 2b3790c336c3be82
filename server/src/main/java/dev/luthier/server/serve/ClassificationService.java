package dev.luthier.server.serve;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.prompt.PromptSource;
import dev.luthier.core.run.Task;
import dev.luthier.server.key.Principal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Classifies texts and conversations. Safe for use by several threads. */
public final class ClassificationService {
    private final ModelFinder models;
    private final WorkerPool workers;

    ClassificationService(ModelFinder models, WorkerPool workers) {
        this.models = models;
        this.workers = workers;
    }

    /**
     * Turns inputs into tokens.
     *
     * @throws ProblemException USER: {@code invalid_model}, {@code unsuitable_model}, {@code no_chat_template},
     *     {@code context_length_exceeded}, or {@code refused_input}
     */
    public ClassifierInputs encode(Principal caller, String model, List<PromptSource> inputs) {
        Classifier classifier = models.classifier(caller, model);
        List<int[]> tokens = new ArrayList<>();
        for (PromptSource input : inputs) {
            if (input instanceof PromptSource.ClassifiedChat) {
                classifier.target().requireChatTemplate();
            }
            tokens.add(encode(classifier.target(), input, inputs.size() == 1 ? null : tokens.size()));
        }
        return new ClassifierInputs(classifier, tokens);
    }

    /** @param index of the input, which faults name; null for the only one */
    private static int[] encode(Target target, PromptSource input, @Nullable Integer index) {
        try {
            return target.model().prompts().encode(input).ids();
        } catch (ProblemException e) {
            Problem problem = e.problem();
            if (index == null || problem.kind() != Problem.Kind.USER) {
                throw e;
            }
            String field = input.field() + "[" + index + "]";
            throw Problem.user(problem.code(), field + ": " + problem.message(), field).asException(e);
        }
    }

    /**
     * How likely each label is.
     *
     * @return for each input the probabilities by label, by target
     * @throws ProblemException RESOURCE when no worker can answer now
     */
    public List<Map<String, Map<String, Double>>> scores(ClassifierInputs inputs) {
        Target target = inputs.classifier().target();
        AdapterReference adapter = Objects.requireNonNull(target.adapter(), "a classifier has an adapter");
        return workers.classify(target.model().directory(), adapter, inputs).stream()
                .map(rows -> byTarget(inputs.classifier().task(), rows)).toList();
    }

    private static Map<String, Map<String, Double>> byTarget(Task.Classification task, double[] rows) {
        Map<String, Map<String, Double>> targets = new LinkedHashMap<>();
        int row = 0;
        for (Task.Target target : task.targets()) {
            Map<String, Double> labels = new LinkedHashMap<>();
            for (String label : target.labels()) {
                labels.put(label, rows[row++]);
            }
            targets.put(target.name(), labels);
        }
        return targets;
    }
}
