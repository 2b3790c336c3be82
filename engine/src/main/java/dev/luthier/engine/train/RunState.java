package dev.luthier.engine.train;

import dev.luthier.core.json.StoredJson;
import dev.luthier.core.run.RunDocuments;
import dev.luthier.core.run.RunSpec;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a run stands, in its checkpoints. The samples of the next step follow from {@code step} and the spec.
 *
 * @param spec of the run; a checkpoint of another one is not gone on from
 * @param step updates made
 * @param tokens tokens of all steps so far
 * @param trainSeconds time spent in steps
 * @param total figures of all steps so far
 * @param window figures of the steps since the last metric point
 * @param best of the evaluations, where the run ends with the best one's adapter
 * @param machine CPU and library that made the steps
 */
record RunState(RunSpec spec, int step, long tokens, double trainSeconds, Figures total, Figures window,
        BestEvaluation best, String machine) {
    static final StoredJson<RunState> STORED = StoredJson.of(RunState.class, 2, (state, version) -> {
        RunDocuments.SPEC.upgrade(state.get("spec"), "its spec");
        StoredJson.absent(state, "best", BestEvaluation.NONE);
        if (version == 1) { // sums and weights of the one loss that there was
            figures(state, "total", "lossSum", "lossWeight");
            figures(state, "window", "windowLossSum", "windowLossWeight");
        }
    });

    private static void figures(ObjectNode state, String name, String sum, String weight) {
        Mean loss = new Mean(state.path(sum).asDouble(0), state.path(weight).asDouble(0));
        state.remove(List.of(sum, weight));
        StoredJson.absent(state, name, Figures.ofCrossEntropy(loss, Map.of()));
    }

    static RunState start(RunSpec spec, String machine) {
        return new RunState(spec, 0, 0, 0, Figures.NONE, Figures.NONE, BestEvaluation.NONE, machine);
    }

    RunState afterStep(Figures figures, long stepTokens, double seconds) {
        return new RunState(spec, step + 1, tokens + stepTokens, trainSeconds + seconds, total.plus(figures),
                window.plus(figures), best, machine);
    }

    RunState afterMetric(BestEvaluation bestNow) {
        return new RunState(spec, step, tokens, trainSeconds, total, Figures.NONE, bestNow, machine);
    }

    RunState on(String otherMachine) {
        return new RunState(spec, step, tokens, trainSeconds, total, window, best, otherMachine);
    }
}
