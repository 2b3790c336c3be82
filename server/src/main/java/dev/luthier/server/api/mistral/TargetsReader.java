package dev.luthier.server.api.mistral;

import dev.luthier.core.data.DataReport;
import dev.luthier.core.run.Task.LossFunction;
import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import dev.luthier.server.job.Method;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what a classifier is to tell; every fault is noted at its field. */
final class TargetsReader {
    private static final Map<String, LossFunction> LOSS_FUNCTIONS = Map.of("single_class", LossFunction.SINGLE_CLASS,
            "multi_class", LossFunction.MULTI_CLASS);

    private TargetsReader() {}

    /** The targets; none when they are left to the data. */
    static List<Method.Target> read(FieldValue value) {
        List<Method.Target> targets = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (FieldValue element : value.list()) {
            element.requireGiven();
            Fields fields = element.object();
            String name = fields.text("name").notEmpty().required();
            if (!name.isEmpty() && !names.add(name)) {
                fields.value("name").fault("repeated_target", "The target " + FieldValue.shown(name)
                        + " is given twice. Name each target once.");
            }
            targets.add(new Method.Target(name, labels(fields.value("labels")),
                    fields.number("weight").atLeast(0).orElse(1),
                    fields.choice("loss_function", LOSS_FUNCTIONS).orNull()));
        }
        if (targets.size() > DataReport.MAX_TARGETS) {
            value.fault("too_many", value.name() + " must have at most " + DataReport.MAX_TARGETS + " targets, not "
                    + targets.size() + ".");
        }
        if (!targets.isEmpty() && targets.stream().noneMatch(target -> target.weight() > 0)) {
            value.fault("out_of_range", value.name() + " must give at least one target a weight of more than 0.");
        }
        return targets;
    }

    private static List<String> labels(FieldValue value) {
        value.requireGiven();
        List<String> labels = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (FieldValue element : value.list()) {
            String label = element.text().notEmpty().required();
            labels.add(label);
            if (!label.isEmpty() && !seen.add(label)) {
                element.fault("repeated_label", "The label " + FieldValue.shown(label)
                        + " is given twice. Name each label once.");
            }
        }
        if (value.node().isArray() && (labels.size() < 2 || labels.size() > DataReport.MAX_LABELS)) {
            value.fault("out_of_range", value.name() + " must name 2 to " + DataReport.MAX_LABELS + " labels, not "
                    + labels.size() + ".");
        }
        return labels;
    }
}
