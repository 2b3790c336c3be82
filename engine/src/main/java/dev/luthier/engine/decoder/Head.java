package dev.luthier.engine.decoder;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What makes a loss of the output of the last layer: the end of a forward pass and the start of a backward one. Legend: T
 * tokens, D hidden.
 *
 * @param <R> what a pack came to
 */
@FunctionalInterface
public interface Head<R> {
    /**
     * The loss of a pack.
     *
     * @param hidden [T, D]
     * @param gradient [T, D], written with the loss's gradient; null for the loss alone
     */
    R run(Tensor hidden, @Nullable Tensor gradient);
}
