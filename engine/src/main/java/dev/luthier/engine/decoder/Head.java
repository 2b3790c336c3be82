package dev.luthier.engine.decoder;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Computes the loss from the last layer's output and starts the backward pass. Legend: T tokens, D hidden.
 *
 * @param <R> result for one pack
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
