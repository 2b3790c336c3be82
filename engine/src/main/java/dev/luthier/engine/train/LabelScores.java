package dev.luthier.engine.train;

import dev.luthier.core.run.Task;
import java.util.Arrays;
import java.util.List;

/**
 * What a classifier's head says of one sample about one target, and what holds.
 *
 * @param scores one per label of the target
 * @param labels indices of those that hold
 */
@SuppressWarnings("ArrayRecordComponent") // read at once, never compared
record LabelScores(double[] scores, List<Integer> labels) {
    /** The same with all scores multiplied. */
    LabelScores times(double factor) {
        return new LabelScores(Arrays.stream(scores).map(score -> factor * score).toArray(), labels);
    }

    TargetLoss loss(Task.LossFunction function) {
        return TargetLoss.of(function, scores, labels);
    }
}
