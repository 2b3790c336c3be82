package dev.luthier.core.data;

import static dev.luthier.core.data.LineObject.quote;

import dev.luthier.core.problem.Nearest;
import dev.luthier.core.run.Task;
import java.util.List;
import java.util.Map;

/** Whether the labels of a line are those of a classifier. */
final class LabelRules {
    private static final int LISTED = 10;

    private LabelRules() {}

    /** Adds a fault for each target or label that is none of the classifier's. */
    static void check(Sample.Labelled sample, List<Task.Target> targets, DataFaults.OfLine faults) {
        List<String> names = targets.stream().map(Task.Target::name).toList();
        for (Map.Entry<String, List<String>> given : sample.labels().entrySet()) {
            Task.Target target = targets.stream().filter(one -> one.name().equals(given.getKey())).findFirst()
                    .orElse(null);
            String pointer = "/labels/" + given.getKey().replace("~", "~0").replace("/", "~1");
            if (target == null) {
                faults.add(pointer, quote(given.getKey()) + " is no target of the classifier."
                        + hint(given.getKey(), names, "Its targets: "));
                continue;
            }
            given.getValue().stream().filter(label -> !target.labels().contains(label)).forEach(label -> faults.add(
                    pointer, quote(label) + " is no label of " + target.name() + "."
                            + hint(label, target.labels(), "Its labels: ")));
            if (given.getValue().isEmpty() && target.lossFunction() == Task.LossFunction.SINGLE_CLASS) {
                faults.add(pointer, "must name a label: " + target.name() + " is single_class. Leave the target out, or"
                        + " make it multi_class.");
            }
        }
    }

    private static String hint(String given, List<String> known, String listing) {
        String nearest = Nearest.hint(given, known);
        return nearest.isEmpty()
                ? " " + listing + String.join(", ", known.stream().limit(LISTED).toList())
                        + (known.size() > LISTED ? ", …." : ".")
                : nearest;
    }
}
