package dev.luthier.engine.decoder;

import dev.luthier.engine.tensor.TensorScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention by a fused operator, which never holds scores in memory and needs no masks. For backward it keeps, beside its
 * inputs, one number per query: the logarithm of its softmax's denominator.
 *
 * <p>Legend: T tokens, K kv heads, G query heads per kv head, H = K x G, E = headDim. In its buffers tokens come first.
 */
final class FlashAttention implements Attention {
    private final HeadShape heads;
    private final int window;
    private final FlashOperator operator;
    private final Scratch saved;
    private final Scratch scratch;

    /**
     * @param window tokens that a query sees, its own included; 0 is all of its sample before it
     * @param saved buffers that live from forward to backward
     * @param scratch buffers that any layer may overwrite
     */
    FlashAttention(HeadShape heads, int window, FlashOperator operator, Scratch saved, Scratch scratch) {
        this.heads = heads;
        this.window = window;
        this.operator = operator;
        this.saved = saved;
        this.scratch = scratch;
    }

    @Override
    public Tensor query(long tokens) {
        return queryBuffer(saved, "query", tokens);
    }

    @Override
    public Tensor key(long tokens) {
        return keyBuffer(saved, "key", tokens);
    }

    @Override
    public Tensor value(long tokens) {
        return keyBuffer(saved, "value", tokens);
    }

    @Override
    public void forward(PackTensors pack, Tensor attended) {
        long tokens = pack.rows();
        try (TensorScope _ = TensorScope.open()) { // the operator's own results go with the layer, not with the step
            FlashOperator.Output output = operator.forward(flat(query(tokens)), key(tokens), value(tokens),
                    pack.bounds(), window);
            flat(attended).copy_(output.attended());
            logSumExp(tokens).copy_(output.logSumExp());
        }
    }

    @Override
    public Gradients backward(PackTensors pack, Tensor attended, Tensor attendedGradient) {
        long tokens = pack.rows();
        Gradients gradients = new Gradients(queryBuffer(scratch, "queryGradient", tokens),
                keyBuffer(scratch, "keyGradient", tokens), keyBuffer(scratch, "valueGradient", tokens));
        try (TensorScope _ = TensorScope.open()) {
            Tensor[] results = operator.backward(flat(attendedGradient), flat(query(tokens)), key(tokens),
                    value(tokens), new FlashOperator.Output(flat(attended), logSumExp(tokens)), pack.bounds(), window);
            flat(gradients.query()).copy_(results[0]);
            gradients.key().copy_(results[1]);
            gradients.value().copy_(results[2]);
        }
        return gradients;
    }

    /** fp32 [H, T]. */
    private Tensor logSumExp(long tokens) {
        return saved.wide("logSumExp", heads.heads(), tokens);
    }

    private Tensor queryBuffer(Scratch buffers, String name, long tokens) {
        return buffers.rows(name + "Heads", tokens, heads.kvHeads(), heads.group(), heads.headDim());
    }

    private Tensor keyBuffer(Scratch buffers, String name, long tokens) {
        return buffers.rows(name + "Heads", tokens, heads.kvHeads(), heads.headDim());
    }

    /** [T, K, G, E] or [T, K x G x E] to the view [T, H, E]. */
    private Tensor flat(Tensor tensor) {
        return tensor.view(tensor.size(0), heads.heads(), heads.headDim());
    }
}
