package dev.luthier.engine.decoder;

import org.bytedeco.pytorch.Tensor;

/** Hidden states of a pack that are known before: those that enter the lowest layer that learns. */
@FunctionalInterface
public interface LowerHidden {

    /**
     * Writes them.
     *
     * @param hidden [T, D] in the computation's type, rows as in the pack, filling included
     */
    void copyTo(Tensor hidden);
}
