package dev.luthier.server.job;

import dev.luthier.core.data.DataReport;
import dev.luthier.core.data.DataReport.LabelCounts;
import dev.luthier.core.problem.Excerpt;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.Task;
import dev.luthier.core.run.Task.LossFunction;
import dev.luthier.server.job.DataCheck.Note;
import dev.luthier.server.job.JobEvent.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a classifier tells: the targets that its request names, or else those of its training data. */
final class ClassifierTargets {
    private static final int LISTED = 10;
    private static final LabelCounts NOTHING = new LabelCounts(Map.of(), 0, false);

    private final Method.Classification wanted;
    /** Of all training files, in the order in which they name targets and labels. */
    private final Map<String, LabelCounts> found = new LinkedHashMap<>();
    private final long samples;
    private final List<String> faults = new ArrayList<>();

    /** @param training reports on the training files, in their order */
    ClassifierTargets(Method.Classification wanted, List<DataReport> training) {
        this.wanted = wanted;
        this.samples = training.stream().mapToLong(DataReport::validSamples).sum();
        for (DataReport file : training) {
            file.labels().forEach((target, counts) -> found.merge(target, counts, ClassifierTargets::sum));
        }
    }

    private static LabelCounts sum(LabelCounts first, LabelCounts second) {
        Map<String, Long> labels = new LinkedHashMap<>(first.labels());
        second.labels().forEach((label, count) -> labels.merge(label, count, Long::sum));
        return new LabelCounts(labels, first.samples() + second.samples(), first.lists() || second.lists());
    }

    /**
     * Those whose labels training files may have; none for a request that leaves them to the data. Where the loss function
     * is left to the data, an empty list of labels will make it multi_class.
     */
    static List<Task.Target> named(Method method) {
        return method instanceof Method.Classification(var targets) && targets != null
                ? targets.stream().map(target -> target(target, LossFunction.MULTI_CLASS)).toList()
                : List.of();
    }

    /** @throws dev.luthier.core.problem.ProblemException USER {@code invalid_data}, with all that keeps it from being learnt */
    Task.Classification resolve() {
        List<Method.Target> targets = wanted.targets();
        if (targets == null) {
            checkCounts();
        } else {
            targets.forEach(this::checkSeen);
        }
        if (!faults.isEmpty()) {
            throw Problem.user("invalid_data", "The data is not valid: " + String.join(" ", faults),
                    JobRequest.TRAINING).asException();
        }
        return new Task.Classification(targets == null
                ? found.entrySet().stream().map(entry -> new Task.Target(entry.getKey(),
                        List.copyOf(entry.getValue().labels().keySet()), 1, lossFunction(entry.getKey()))).toList()
                : targets.stream().map(target -> target(target, lossFunction(target.name()))).toList());
    }

    private static Task.Target target(Method.Target target, LossFunction otherwise) {
        return new Task.Target(target.name(), target.labels(), target.weight(),
                target.lossFunction() == null ? otherwise : target.lossFunction());
    }

    private LossFunction lossFunction(String target) {
        LabelCounts counts = found.get(target);
        return counts != null && counts.lists() ? LossFunction.MULTI_CLASS : LossFunction.SINGLE_CLASS;
    }

    private void checkCounts() {
        if (found.size() > DataReport.MAX_TARGETS) {
            faults.add("there are more than " + DataReport.MAX_TARGETS + " targets; at most " + DataReport.MAX_TARGETS
                    + " are possible.");
        }
        found.forEach((target, counts) -> {
            List<String> labels = List.copyOf(counts.labels().keySet());
            if (labels.size() < 2) {
                faults.add("target " + Excerpt.of(target) + " has " + (labels.isEmpty()
                        ? "no label"
                        : "only the label " + Excerpt.of(labels.getFirst())) + "; a classifier needs two.");
            } else if (labels.size() > DataReport.MAX_LABELS) {
                faults.add("target " + Excerpt.of(target) + " has more than " + DataReport.MAX_LABELS
                        + " labels; at most " + DataReport.MAX_LABELS + " are possible.");
            }
        });
    }

    private void checkSeen(Method.Target target) {
        LabelCounts counts = found.get(target.name());
        List<String> unseen = target.labels().stream()
                .filter(label -> counts == null || !counts.labels().containsKey(label)).toList();
        if (!unseen.isEmpty()) {
            boolean one = unseen.size() == 1;
            faults.add("target " + Excerpt.of(target.name()) + ": no training sample has the "
                    + (one ? "label " : "labels ") + list(unseen) + ". Add samples, or take "
                    + (one ? "it" : "them") + " out of classifier_targets.");
        }
    }

    /** What the user should know of them. */
    List<Note> notes(Task.Classification resolved) {
        List<Note> notes = new ArrayList<>();
        for (Task.Target target : resolved.targets()) {
            notes.add(new Note(Level.INFO, "Target " + Excerpt.of(target.name()) + " is "
                    + (target.lossFunction() == LossFunction.SINGLE_CLASS ? "single_class" : "multi_class") + " with "
                    + target.labels().size() + " labels: " + list(target.labels()) + ".",
                    Map.of("target", target.name(), "labels", target.labels().size())));
            long silent = samples - found.getOrDefault(target.name(), NOTHING).samples();
            if (silent > 0) {
                notes.add(new Note(Level.INFO, silent + " of " + samples + " training samples leave out the target "
                        + Excerpt.of(target.name()) + "; its loss does not count them.",
                        Map.of("target", target.name(), "samples_without_target", silent)));
            }
        }
        return notes;
    }

    private static String list(List<String> labels) {
        return labels.stream().limit(LISTED).map(Excerpt::of).collect(Collectors.joining(", "))
                + (labels.size() > LISTED ? " and " + (labels.size() - LISTED) + " more" : "");
    }
}
