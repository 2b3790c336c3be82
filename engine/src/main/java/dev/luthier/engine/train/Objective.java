package dev.luthier.engine.train;

import java.util.List;
import java.util.function.BooleanSupplier;

/** A run's task as arithmetic: what a step's gradients and an evaluation are made of. One thread. */
interface Objective extends AutoCloseable {

    /**
     * Computes what the model says before the first step, as far as it is needed and not on disk yet. Called before any
     * checkpoint is loaded, again after a stop.
     *
     * @param stop asked between packs
     * @return false if it was asked to stop before the end
     */
    boolean prepare(BooleanSupplier stop);

    /** Adds the gradients of the packs of one step. */
    Figures addGradients(List<MicroBatch> step);

    /** What the model makes of a pack. */
    Figures evaluate(MicroBatch batch);

    @Override
    void close();
}
