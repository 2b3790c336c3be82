package dev.luthier.engine.decoder;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import java.util.List;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The decoder in inference: hidden states and logits of tokens at given positions, with attention left to the caller,
 * who keeps the keys and values. All tensors that methods return belong to the innermost scope.
 *
 * <p>Legend: T tokens (of one or several sequences), D hidden, H heads, K kv heads, E = headDim, V vocabulary. One thread.
 */
public final class InferenceDecoder implements AutoCloseable {
    private final DecoderWeights weights;
    private final ModelConfig config;
    private final TensorArena arena = new TensorArena();
    private final RotaryTable rotation;
    private final Scratch scratch;
    private final @Nullable WidenedLayer widened;

    /** Attention of one layer for the tokens at hand: stores their keys and values, and reads those it stored before. */
    @FunctionalInterface
    public interface Attention {

        /**
         * Computes softmax(q k' / sqrt(E)) v for each token. What it makes on the way is freed after the layer.
         *
         * @param layer from 0
         * @param query rotated, [T, H, E]
         * @param key rotated, [T, K, E]
         * @param value [T, K, E]; a view of a buffer, to be copied to be kept
         * @return [T, H x E] or [T, H, E]
         */
        Tensor attend(int layer, Tensor query, Tensor key, Tensor value);
    }

    /**
     * An adapter for some of the tokens.
     *
     * @param terms per layer, per projection in forward order; null where there is none
     * @param start first row
     * @param rows consecutive rows
     */
    public record AdapterRows(List<List<@Nullable LowRank>> terms, int start, int rows) {}

    /**
     * Makes a decoder over weights that it does not own, with the kernels that a short measurement finds fastest for them.
     *
     * @param maxPositions positions are below this
     */
    public InferenceDecoder(DecoderWeights weights, int maxPositions) {
        this(weights, maxPositions, WidenedLayer.worthwhileFrom(weights));
    }

    /** @param widenFrom rows of a product from which on it is computed in fp32; empty for never */
    InferenceDecoder(DecoderWeights weights, int maxPositions, OptionalInt widenFrom) {
        this.widened = widenFrom.isPresent() ? new WidenedLayer(weights, widenFrom.getAsInt()) : null;
        this.weights = weights;
        this.config = weights.config();
        this.scratch = new Scratch(weights.type());
        this.rotation = RotaryTable.upTo(maxPositions, config, weights.type(), 1, arena);
    }

    public DecoderWeights weights() {
        return weights;
    }

    /**
     * Runs all layers.
     *
     * @param tokens [T]
     * @param positions [T], of each token in its sequence
     * @param adapters rows without one get the base model
     * @return [T, D], before the final norm
     */
    public Tensor forward(int[] tokens, int[] positions, Attention attention, List<AdapterRows> adapters) {
        Tensor hidden = weights.embedding().index_select(0, HostMemory.longs(tokens)); // [T] -> [T, D]
        RotaryTable table = rotation.at(HostMemory.longs(positions));
        for (int layer = 0; layer < config.layers(); layer++) {
            try (TensorScope _ = TensorScope.open()) { // a long prompt's intermediate values live for one layer only
                hidden.copy_(layer(layer, hidden, table, attention, adapters));
            }
        }
        return hidden;
    }

    /** Logits [T, V] of rows of hidden states [T, D] that {@link #forward} returned. */
    public Tensor logits(Tensor hidden) {
        return torch.mm(norm(hidden, weights.finalNorm()), weights.headTransposed());
    }

    private Tensor layer(int index, Tensor hidden, RotaryTable table, Attention attention,
            List<AdapterRows> adapters) {
        weights.open(index);
        LayerWeights layer = weights.layers().get(index);
        long tokens = hidden.size(0);
        Tensor projected = project(index, 0, norm(hidden, layer.attentionNorm()), adapters);
        long queryWidth = (long) config.heads() * config.headDim();
        long keyWidth = (long) config.kvHeads() * config.headDim();
        Tensor query = projected.narrow(1, 0, queryWidth).view(tokens, config.heads(), config.headDim());
        Tensor key = projected.narrow(1, queryWidth, keyWidth).view(tokens, config.kvHeads(), config.headDim());
        Tensor value = projected.narrow(1, queryWidth + keyWidth, keyWidth)
                .view(tokens, config.kvHeads(), config.headDim());
        query = rotate(query, layer.queryNorm(), table);
        key = rotate(key, layer.keyNorm(), table);
        Tensor attended = attention.attend(index, query, key, value).reshape(tokens, queryWidth);
        Tensor middle = project(index, 1, attended, adapters).add_(hidden);
        Tensor gateAndUp = project(index, 2, norm(middle, layer.mlpNorm()), adapters);
        Tensor activation = torch.silu(gateAndUp.narrow(1, 0, config.intermediateSize()))
                .mul_(gateAndUp.narrow(1, config.intermediateSize(), config.intermediateSize()));
        return project(index, 3, activation, adapters).add_(middle);
    }

    private Tensor rotate(Tensor heads, @Nullable Tensor norm, RotaryTable table) {
        Tensor source = norm == null ? heads : norm(heads, norm);
        Tensor rotated = torch.empty_like(source);
        Rotation.forward(source, rotated, table);
        return rotated;
    }

    private Tensor norm(Tensor x, Tensor weight) {
        Tensor out = torch.empty_like(x);
        RmsNorm.forward(x, weight, config.rmsNormEps(), out, scratch);
        return out;
    }

    private Tensor project(int layer, int projection, Tensor x, List<AdapterRows> adapters) {
        Projection base = weights.layers().get(layer).projections().get(projection);
        Tensor y = product(layer, projection, x, base);
        for (AdapterRows adapter : adapters) {
            LowRank term = adapter.terms().get(layer).get(projection);
            if (term != null) {
                Tensor low = torch.mm(x.narrow(0, adapter.start(), adapter.rows()), term.aTransposed());
                Tensor rows = y.narrow(0, adapter.start(), adapter.rows());
                rows.addmm_(low, term.bTransposed(), new Scalar(1.0), term.scale());
                if (term.magnitude() != null) {
                    rows.mul_(term.magnitude().gain());
                }
            }
        }
        Tensor bias = base.bias();
        return bias == null ? y : y.add_(bias);
    }

    private Tensor product(int layer, int projection, Tensor x, Projection base) {
        if (widened != null && widened.takes(x.size(0))) {
            return widened.multiply(layer, projection, x);
        }
        if (x.size(0) == 1 && weights.type() == DType.FP32) {
            return torch.mv(base.weight(), x.view(-1)).view(1, -1); // twice as fast as a product of one row
        }
        return torch.mm(x, base.transposed());
    }

    @Override
    public void close() {
        if (widened != null) {
            widened.close();
        }
        scratch.close();
        arena.close();
    }
}
