package dev.luthier.engine.train;

import dev.luthier.core.run.RunSpec;

/**
 * The best of a run's evaluations so far, and whether the run has stopped to gain; part of a checkpoint.
 *
 * @param evaluations that were made
 * @param stale evaluations in a row without a gain, those of the warm-up not counted
 * @param step of the least validation loss, the first of several; 0 while there is none
 * @param loss there, in nats per target token
 */
record BestEvaluation(int evaluations, int stale, int step, double loss) {
    static final BestEvaluation NONE = new BestEvaluation(0, 0, 0, 0);

    /** After one more evaluation. A loss that is no number is never the best. */
    BestEvaluation after(int evaluated, double validLoss, RunSpec.Selection selection) {
        boolean first = step == 0;
        boolean best = Double.isFinite(validLoss) && (first || validLoss < loss);
        boolean gains = best && (first || validLoss < loss - selection.minDelta());
        int counted = evaluations < selection.warmupEvaluations() ? stale : stale + 1;
        return new BestEvaluation(evaluations + 1, gains ? 0 : counted, best ? evaluated : step,
                best ? validLoss : loss);
    }

    /** Whether the run ends here. */
    boolean stops(RunSpec.Selection selection) {
        return selection.patience() > 0 && stale >= selection.patience();
    }
}
