package dev.luthier.server.job;

import dev.luthier.core.plan.SampleWork;

/**
 * What a job's duration grows with.
 *
 * @param steps samples that are trained on
 * @param evaluation samples that are evaluated: those of validation, as often as they are measured; and where the answers
 *     of the model before the first step are needed, all of them once
 * @param prepared samples that the layers below the adapted ones see once, before the first step
 */
public record TrainingWork(Visits steps, Visits evaluation, SampleWork prepared) {

    /**
     * Samples that pass through the model.
     *
     * @param all of them
     * @param prepared those of them that begin above the layers that saw them before
     */
    public record Visits(SampleWork all, SampleWork prepared) {
        static final Visits NONE = new Visits(SampleWork.NONE, SampleWork.NONE);
    }

    /** Steps, and nothing else. */
    static TrainingWork ofSteps(SampleWork all) {
        return new TrainingWork(new Visits(all, SampleWork.NONE), Visits.NONE, SampleWork.NONE);
    }
}
