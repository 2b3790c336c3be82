package dev.luthier.engine.decoder;

import dev.luthier.engine.tensor.BoxedOperator;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Causal attention over a pack, composed from batched matrix products and softmax over blocks of queries: on CPUs this is
 * several times as fast in bf16 as libtorch's own attention. Queries arrive scaled by 1 / sqrt(E).
 *
 * <p>Legend: T tokens, K kv heads, G query heads per kv head, E = headDim, Q query rows of a block, J key rows of a
 * block. Heads come first, and the G query heads of one kv head lie side by side in a row, so that they form one matrix
 * of Q x G rows.
 */
final class BlockAttention {
    private static final BoxedOperator SOFTMAX_BACKWARD = BoxedOperator.find("aten::_softmax_backward_data", "out");

    private final long kvHeads;
    private final long group;
    private final long headDim;
    private final Scratch scratch;

    BlockAttention(long kvHeads, long group, long headDim, Scratch scratch) {
        this.kvHeads = kvHeads;
        this.group = group;
        this.headDim = headDim;
        this.scratch = scratch;
    }

    /**
     * Writes the attention output.
     *
     * @param query [K, T, G x E]
     * @param key [K, T, E]
     * @param value [K, T, E]
     * @param out [K, T, G x E], written
     */
    void forward(Tensor query, Tensor key, Tensor value, AttentionPlan plan, Tensor out) {
        for (AttentionPlan.Block block : plan.blocks()) {
            Tensor probabilities = probabilities(query, key, block);
            torch.bmm_out(queryRows(out, block), probabilities, keyRows(value, block));
        }
    }

    /** softmax(q k' + mask), [K, Q x G, J]. */
    private Tensor probabilities(Tensor query, Tensor key, AttentionPlan.Block block) {
        Tensor scores = scratch.get("scores", kvHeads, block.rows() * group, block.keys());
        torch.bmm_out(scores, queryRows(query, block), keyRows(key, block).transpose(1, 2));
        scores.view(kvHeads, block.rows(), group, block.keys()).add_(block.mask());
        return torch.softmax_out(scores, scores, -1, new ScalarTypeOptional());
    }

    /**
     * Writes the gradients of query, key and value; the probabilities are computed again.
     *
     * @param outGradient [K, T, G x E]
     * @param queryGradient [K, T, G x E], written
     * @param keyGradient [K, T, E], written
     * @param valueGradient [K, T, E], written
     */
    void backward(Tensor outGradient, Tensor query, Tensor key, Tensor value, AttentionPlan plan, Tensor queryGradient,
            Tensor keyGradient, Tensor valueGradient) {
        Scalar one = new Scalar(1.0);
        keyGradient.zero_();
        valueGradient.zero_();
        for (AttentionPlan.Block block : plan.blocks()) {
            Tensor probabilities = probabilities(query, key, block);
            Tensor outRows = queryRows(outGradient, block);
            keyRows(valueGradient, block).baddbmm_(probabilities.transpose(1, 2), outRows, one, one);
            Tensor gradient = scratch.get("scoreGradients", kvHeads, block.rows() * group, block.keys());
            torch.bmm_out(gradient, outRows, keyRows(value, block).transpose(1, 2));
            SOFTMAX_BACKWARD.call(new IValue(gradient), new IValue(probabilities), new IValue(-1L),
                    new IValue(gradient.scalar_type()), new IValue(gradient));
            torch.bmm_out(queryRows(queryGradient, block), gradient, keyRows(key, block));
            keyRows(keyGradient, block).baddbmm_(gradient.transpose(1, 2), queryRows(query, block), one, one);
        }
    }

    /** The block's rows of a [K, T, G x E] tensor as [K, Q x G, E]. */
    private Tensor queryRows(Tensor tensor, AttentionPlan.Block block) {
        return tensor.narrow(1, block.start(), block.rows()).view(kvHeads, block.rows() * group, headDim);
    }

    /** The block's keys of a [K, T, E] tensor, [K, J, E]. */
    private static Tensor keyRows(Tensor tensor, AttentionPlan.Block block) {
        return tensor.narrow(1, block.keyStart(), block.keys());
    }
}
