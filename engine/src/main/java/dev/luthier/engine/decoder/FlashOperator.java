package dev.luthier.engine.decoder;

import org.bytedeco.pytorch.Tensor;

/**
 * Flash attention over samples that lie one after the other: softmax(q k') v per sample, causal, with q already scaled,
 * and its gradient.
 *
 * <p>Legend: T tokens of all samples, H query heads, K kv heads, E = headDim. Query heads k x H / K and on read kv head k.
 * The window counts the tokens that a query sees, its own included; 0 is all of its sample before it. All tensors have the
 * type of the query and are contiguous where nothing else is said; results are new, in the innermost scope.
 */
interface FlashOperator {

    /**
     * The result of forward.
     *
     * @param attended [T, H, E]
     * @param logSumExp fp32 [H, T], the logarithm of each softmax's denominator
     */
    record Output(Tensor attended, Tensor logSumExp) {}

    /**
     * Attends.
     *
     * @param query [T, H, E]
     * @param key [T, K, E]
     * @param value [T, K, E]
     */
    Output forward(Tensor query, Tensor key, Tensor value, SampleBounds bounds, int window);

    /**
     * The gradients of query [T, H, E], key [T, K, E] and value [T, K, E], in this order.
     *
     * @param gradient of the attended, [T, H, E]
     * @param output what forward returned for the same query, key, value, bounds and window
     */
    Tensor[] backward(Tensor gradient, Tensor query, Tensor key, Tensor value, Output output, SampleBounds bounds,
            int window);
}
