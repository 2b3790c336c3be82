package dev.luthier.server.api.mistral;

import dev.luthier.core.run.Task;
import java.util.List;

/** A target of a classifier, complete. */
record ClassifierTargetJson(String name, List<String> labels, double weight, Task.LossFunction lossFunction) {

    static List<ClassifierTargetJson> of(Task.Classification classifier) {
        return classifier.targets().stream().map(target -> new ClassifierTargetJson(target.name(), target.labels(),
                target.weight(), target.lossFunction())).toList();
    }
}
