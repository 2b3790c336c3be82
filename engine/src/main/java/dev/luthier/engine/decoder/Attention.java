package dev.luthier.engine.decoder;

import org.bytedeco.pytorch.Tensor;

/**
 * Causal attention of one layer in training. Its inputs and what else backward needs stay in its own buffers, in a layout
 * of its own, until the next forward.
 *
 * <p>Legend: T tokens, K kv heads, G query heads per kv head, E = headDim. Tensors that methods return are views of
 * buffers, in the innermost scope.
 */
interface Attention {

    /**
     * Gradients of the inputs, until the next use of the scratch buffers.
     *
     * @param query [T, K, G, E]
     * @param key [T, K, E]
     * @param value [T, K, E]
     */
    record Gradients(Tensor query, Tensor key, Tensor value) {}

    /** Where the rotated queries, scaled by 1 / sqrt(E), go before forward: [T, K, G, E] of any strides. */
    Tensor query(long tokens);

    /** Where the rotated keys go before forward: [T, K, E] of any strides. */
    Tensor key(long tokens);

    /** Where the values go before forward: [T, K, E] of any strides. */
    Tensor value(long tokens);

    /**
     * Attends with the queries, keys and values that lie in the buffers.
     *
     * @param attended [T, K x G x E], written
     */
    void forward(PackTensors pack, Tensor attended);

    /**
     * Goes back through the last forward.
     *
     * @param attended [T, K x G x E], as forward wrote it
     * @param attendedGradient [T, K x G x E]
     */
    Gradients backward(PackTensors pack, Tensor attended, Tensor attendedGradient);
}
