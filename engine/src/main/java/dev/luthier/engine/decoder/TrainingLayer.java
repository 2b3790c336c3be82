package dev.luthier.engine.decoder;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.run.MemoryTier;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A decoder layer in training: forward keeps what backward needs.
 *
 * <p>Legend: T tokens, D hidden, H heads, K kv heads, G = H / K, E = headDim, F intermediate.
 */
final class TrainingLayer {
    private final ModelConfig config;
    private final int index;
    private final DecoderWeights model;
    private final LayerWeights weights;
    private final @Nullable LayerWeights gradients;
    private final TrainedProjection qkv;
    private final TrainedProjection output;
    private final TrainedProjection gateUp;
    private final TrainedProjection down;
    private final Attention attention;
    private final boolean keepsNorms;
    private final Scratch saved;
    private final Scratch scratch;
    private final Map<String, Tensor> keptTensors = new HashMap<>();

    /**
     * @param index of the layer, from 0
     * @param model not owned
     * @param trainable what learns in the whole model
     * @param tier what forward keeps of this layer
     * @param flash null for {@link BlockAttention}
     * @param saved buffers that live from forward to backward
     * @param scratch buffers that any layer may overwrite
     */
    TrainingLayer(int index, DecoderWeights model, Trainable trainable, MemoryTier tier,
            @Nullable FlashOperator flash, Scratch saved, Scratch scratch) {
        this.index = index;
        this.model = model;
        this.config = model.config();
        this.weights = model.layers().get(index);
        this.gradients = switch (trainable) {
            case Trainable.Everything(DecoderWeights all) -> all.layers().get(index);
            case Trainable.Adapters adapters -> null;
        };
        this.saved = saved;
        this.scratch = scratch;
        this.keepsNorms = tier == MemoryTier.KEEP;
        HeadShape heads = HeadShape.of(config);
        int window = config.attentionWindow(index);
        this.attention = flash == null
                ? new BlockAttention(heads, window, tier == MemoryTier.KEEP, saved, scratch)
                : new FlashAttention(heads, window, flash, saved, scratch);
        TrainedProjection[] projections = new TrainedProjection[4];
        String[] names = {"qkv", "output", "gateUp", "down"};
        for (int i = 0; i < 4; i++) {
            Trainable.Adapted adapted = switch (trainable) {
                case Trainable.Everything all -> Trainable.Adapted.none();
                case Trainable.Adapters adapters -> adapters.layers().get(index).get(i);
            };
            projections[i] = new TrainedProjection(names[i], weights.projections().get(i), adapted,
                    gradients == null ? null : gradients.projections().get(i), scratch);
        }
        qkv = projections[0];
        output = projections[1];
        gateUp = projections[2];
        down = projections[3];
    }

    /**
     * Runs the layer.
     *
     * @param hidden [T, D]; kept until backward
     * @param out [T, D], written; may be {@code hidden} itself if there is no backward
     */
    void forward(Tensor hidden, Tensor out, PackTensors pack) {
        long tokens = pack.rows();
        model.open(index);
        Tensor middle = toMiddle(hidden, pack);
        Tensor normed = normed("mlpNormed", tokens);
        keep("mlpScale", RmsNorm.forward(middle, weights.mlpNorm(), config.rmsNormEps(), normed, scratch));
        Tensor gateAndUp = saved.rows("gateUp", tokens, 2L * config.intermediateSize());
        gateUp.forward(normed, gateAndUp, saved);
        Tensor activation = scratch.rows("activation", tokens, config.intermediateSize());
        torch.silu_out(activation, gate(gateAndUp));
        activation.mul_(up(gateAndUp));
        down.forwardOnto(activation, middle, out, saved);
    }

    /** Norm, attention and residual: [T, D] to [T, D]. */
    private Tensor toMiddle(Tensor hidden, PackTensors pack) {
        long tokens = pack.rows();
        Tensor normed = normed("attentionNormed", tokens);
        keep("attentionScale", RmsNorm.forward(hidden, weights.attentionNorm(), config.rmsNormEps(), normed, scratch));
        Tensor projected = (config.queryKeyNorm() ? saved : scratch).rows("qkv", tokens, qkvWidth());
        qkv.forward(normed, projected, saved);
        Tensor query = queries(projected);
        Tensor key = keys(projected);
        Tensor queryNorm = weights.queryNorm();
        Tensor keyNorm = weights.keyNorm();
        if (queryNorm != null && keyNorm != null) {
            Tensor normedQuery = scratch.rows("normedQuery", tokens, config.kvHeads(), group(), config.headDim());
            keep("queryScale", RmsNorm.forward(query, queryNorm, config.rmsNormEps(), normedQuery, scratch));
            query = normedQuery;
            Tensor normedKey = scratch.rows("normedKey", tokens, config.kvHeads(), config.headDim());
            keep("keyScale", RmsNorm.forward(key, keyNorm, config.rmsNormEps(), normedKey, scratch));
            key = normedKey;
        }
        Rotation.forward(query, attention.query(tokens), pack.queryRotation());
        Rotation.forward(key, attention.key(tokens), pack.keyRotation());
        attention.value(tokens).copy_(values(projected));
        Tensor attended = saved.rows("attended", tokens, (long) config.heads() * config.headDim());
        attention.forward(pack, attended);
        Tensor middle = saved.rows("middle", tokens, config.hiddenSize());
        output.forwardOnto(attended, hidden, middle, saved);
        return middle;
    }

    /**
     * Turns the gradient of the layer's output into that of its input and adds the gradients of what learns.
     *
     * @param hidden [T, D] as given to forward
     * @param gradient [T, D], changed in place
     * @param toInput whether anything below needs the gradient; if not, {@code gradient} holds nothing useful afterwards
     */
    void backward(Tensor hidden, Tensor gradient, PackTensors pack, boolean toInput) {
        long tokens = pack.rows();
        model.open(index);
        Tensor gateAndUp = saved.rows("gateUp", tokens, 2L * config.intermediateSize());
        Tensor silu = scratch.rows("silu", tokens, config.intermediateSize());
        torch.silu_out(silu, gate(gateAndUp));
        Tensor activation = scratch.rows("activation", tokens, config.intermediateSize());
        torch.mul_out(activation, silu, up(gateAndUp));
        Tensor activationGradient = scratch.rows("activationGradient", tokens, config.intermediateSize());
        down.backward(activation, gradient, activationGradient, saved);

        Tensor gateUpGradient = scratch.rows("gateUpGradient", tokens, 2L * config.intermediateSize());
        torch.mul_out(up(gateUpGradient), activationGradient, silu);
        activationGradient.mul_(up(gateAndUp));
        torch.silu_backward_out(gate(gateUpGradient), activationGradient, gate(gateAndUp));
        Tensor normedGradient = scratch.rows("normedGradient", tokens, config.hiddenSize());
        Tensor middle = saved.rows("middle", tokens, config.hiddenSize());
        gateUp.backward(normedAgain("mlpNormed", middle, weights.mlpNorm(), kept("mlpScale")), gateUpGradient,
                normedGradient, saved);
        RmsNorm.backward(normedGradient, middle, weights.mlpNorm(), kept("mlpScale"),
                scratch, gradient,
                gradients == null ? null : gradients.mlpNorm());
        backwardAttention(hidden, gradient, pack, toInput);
    }

    private void backwardAttention(Tensor hidden, Tensor gradient, PackTensors pack, boolean toInput) {
        long tokens = pack.rows();
        long width = (long) config.heads() * config.headDim();
        Tensor attendedGradient = scratch.rows("attendedGradient", tokens, width);
        Tensor attended = saved.rows("attended", tokens, width);
        output.backward(attended, gradient, attendedGradient, saved);
        if (!toInput && !qkv.learns()) {
            return;
        }
        Attention.Gradients heads = attention.backward(pack, attended, attendedGradient);
        Tensor projectedGradient = scratch.rows("qkvGradient", tokens, qkvWidth());
        backwardHeads(projectedGradient, heads, pack);
        values(projectedGradient).copy_(heads.value());
        Tensor normedGradient = toInput ? scratch.rows("normedGradient", tokens, config.hiddenSize()) : null;
        qkv.backward(normedAgain("attentionNormed", hidden, weights.attentionNorm(), kept("attentionScale")),
                projectedGradient, normedGradient, saved);
        if (normedGradient != null) {
            RmsNorm.backward(normedGradient, hidden, weights.attentionNorm(), kept("attentionScale"),
                    scratch, gradient,
                    gradients == null ? null : gradients.attentionNorm());
        }
    }

    /** Through rotation and, where there is one, the query and key norms. */
    private void backwardHeads(Tensor projectedGradient, Attention.Gradients heads, PackTensors pack) {
        long tokens = pack.rows();
        Tensor queryNorm = weights.queryNorm();
        Tensor keyNorm = weights.keyNorm();
        if (queryNorm == null || keyNorm == null) {
            Rotation.backward(heads.query(), queries(projectedGradient), pack.queryRotation());
            Rotation.backward(heads.key(), keys(projectedGradient), pack.keyRotation());
            return;
        }
        Tensor projected = saved.rows("qkv", tokens, qkvWidth());
        projectedGradient.zero_();
        Tensor query = scratch.rows("normedQuery", tokens, config.kvHeads(), group(), config.headDim());
        Rotation.backward(heads.query(), query, pack.queryRotation());
        RmsNorm.backward(query, queries(projected), queryNorm, kept("queryScale"),
                scratch,
                queries(projectedGradient), gradients == null ? null : gradients.queryNorm());
        Tensor key = scratch.rows("normedKey", tokens, config.kvHeads(), config.headDim());
        Rotation.backward(heads.key(), key, pack.keyRotation());
        RmsNorm.backward(key, keys(projected), keyNorm, kept("keyScale"),
                scratch, keys(projectedGradient),
                gradients == null ? null : gradients.keyNorm());
    }

    private Tensor normed(String name, long tokens) {
        return (keepsNorms ? saved : scratch).rows(name, tokens, config.hiddenSize());
    }

    /** The normalised rows that forward gave a projection. */
    private Tensor normedAgain(String name, Tensor x, Tensor weight, Tensor scale) {
        Tensor normed = normed(name, x.size(0));
        if (!keepsNorms) {
            RmsNorm.scale(x, weight, scale, normed, scratch);
        }
        return normed;
    }

    private void keep(String name, Tensor tensor) {
        keptTensors.put(name, tensor);
    }

    private Tensor kept(String name) {
        Tensor tensor = keptTensors.get(name);
        if (tensor == null) {
            throw new IllegalStateException("backward before forward");
        }
        return tensor;
    }

    private long group() {
        return config.heads() / config.kvHeads();
    }

    private long qkvWidth() {
        return (config.heads() + 2L * config.kvHeads()) * config.headDim();
    }

    /** [T, qkv width] to the view [T, K, G, E]. */
    private Tensor queries(Tensor projected) {
        long width = (long) config.heads() * config.headDim();
        return projected.narrow(1, 0, width).view(projected.size(0), config.kvHeads(), group(), config.headDim());
    }

    /** [T, qkv width] to the view [T, K, E]. */
    private Tensor keys(Tensor projected) {
        long start = (long) config.heads() * config.headDim();
        return projected.narrow(1, start, kvWidth()).view(projected.size(0), config.kvHeads(), config.headDim());
    }

    /** [T, qkv width] to the view [T, K, E]. */
    private Tensor values(Tensor projected) {
        long start = (long) config.heads() * config.headDim() + kvWidth();
        return projected.narrow(1, start, kvWidth()).view(projected.size(0), config.kvHeads(), config.headDim());
    }

    private long kvWidth() {
        return (long) config.kvHeads() * config.headDim();
    }

    private Tensor gate(Tensor gateAndUp) {
        return gateAndUp.narrow(1, 0, config.intermediateSize());
    }

    private Tensor up(Tensor gateAndUp) {
        return gateAndUp.narrow(1, config.intermediateSize(), config.intermediateSize());
    }
}
