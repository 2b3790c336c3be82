package dev.luthier.engine.train;

import dev.luthier.core.adapter.ClassifierConfig;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

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

    /**
     * Fits to the validation samples what is fitted once the weights are final.
     *
     * @param data whose validation samples they are
     */
    default void conclude(TrainingData data, ProgressLog log) {
        // Most tasks have nothing of the kind.
    }

    /** What a saved adapter's head tells; null for a task without one. */
    default @Nullable ClassifierConfig classifier() {
        return null;
    }

    @Override
    void close();
}
