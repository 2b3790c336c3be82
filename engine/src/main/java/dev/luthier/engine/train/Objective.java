package dev.luthier.engine.train;

import dev.luthier.core.adapter.ClassifierConfig;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

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
