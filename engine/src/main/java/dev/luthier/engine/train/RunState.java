package dev.luthier.engine.train;

import dev.luthier.core.json.StoredJson;
import dev.luthier.core.run.RunDocuments;
import dev.luthier.core.run.RunSpec;

/**
 * Where a run stands, in its checkpoints. The samples of the next step follow from {@code step} and the spec.
 *
 * @param spec of the run; a checkpoint of another one is not gone on from
 * @param step updates made
 * @param tokens tokens of all steps so far
 * @param trainSeconds time spent in steps
 * @param lossSum weighted loss of all steps so far
 * @param lossWeight loss weight of all steps so far
 * @param windowLossSum weighted loss of the steps since the last metric point
 * @param windowLossWeight loss weight of the steps since the last metric point
 * @param best of the evaluations, where the run ends with the best one's adapter
 * @param machine CPU and library that made the steps
 */
record RunState(RunSpec spec, int step, long tokens, double trainSeconds, double lossSum, double lossWeight,
        double windowLossSum, double windowLossWeight, BestEvaluation best, String machine) {
    static final StoredJson<RunState> STORED = StoredJson.of(RunState.class, 1, (state, version) -> {
        RunDocuments.SPEC.upgrade(state.get("spec"), "its spec");
        StoredJson.absent(state, "best", BestEvaluation.NONE);
    });

    static RunState start(RunSpec spec, String machine) {
        return new RunState(spec, 0, 0, 0, 0, 0, 0, 0, BestEvaluation.NONE, machine);
    }

    RunState afterStep(double loss, double weight, long stepTokens, double seconds) {
        return new RunState(spec, step + 1, tokens + stepTokens, trainSeconds + seconds, lossSum + loss,
                lossWeight + weight, windowLossSum + loss, windowLossWeight + weight, best, machine);
    }

    RunState afterMetric(BestEvaluation bestNow) {
        return new RunState(spec, step, tokens, trainSeconds, lossSum, lossWeight, 0, 0, bestNow, machine);
    }

    RunState on(String otherMachine) {
        return new RunState(spec, step, tokens, trainSeconds, lossSum, lossWeight, windowLossSum, windowLossWeight,
                best, otherMachine);
    }
}
