package dev.luthier.engine.train;

import java.util.List;
import java.util.function.BooleanSupplier;

/** Training objective: gradients of a step and metrics of an evaluation. One thread. */
interface Objective extends AutoCloseable {

    /**
     * Computes what depends on the weights before the first step and is not on disk yet. Called before a checkpoint is
     * loaded, and again after an interruption.
     *
     * @param stop asked between packs
     * @return false if it was asked to stop before the end
     */
    boolean prepare(BooleanSupplier stop);

    /** Adds the gradients of the packs of one step. */
    Figures addGradients(List<MicroBatch> step);

    /** Metrics of a pack, without gradients. */
    Figures evaluate(MicroBatch batch);

    @Override
    void close();
}
