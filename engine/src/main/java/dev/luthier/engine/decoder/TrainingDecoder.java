package dev.luthier.engine.decoder;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The decoder in training: loss of a pack, and by an explicit backward pass the gradients of what learns. No autograd is
 * involved. Buffers grow to the largest pack and are used again.
 *
 * <p>Legend: T tokens, D hidden, E = headDim. One thread.
 */
public final class TrainingDecoder implements AutoCloseable {
    private final DecoderWeights weights;
    private final Trainable trainable;
    private final int lowestLayer;
    private final List<TrainingLayer> layers = new ArrayList<>();
    private final List<Scratch> saved = new ArrayList<>();
    private final List<Scratch> inputs = new ArrayList<>();
    private final Scratch scratch;
    private final CrossEntropyHead head;
    private final boolean recompute;
    private final @Nullable FlashOperator flash;
    private TensorArena tables = new TensorArena();
    private int tablePositions;
    private RotaryTable queryTable;
    private RotaryTable keyTable;

    /**
     * Reads weights on every call; gradients are added to the trainable's, never cleared.
     *
     * @param weights not owned
     */
    public TrainingDecoder(DecoderWeights weights, Trainable trainable, MemoryTier tier) {
        this(weights, trainable, tier, LibtorchFlash.find(HeadShape.of(weights.config()), weights.type()));
    }

    /**
     * As the other one, with a given attention.
     *
     * @param flash null for {@link BlockAttention}
     */
    TrainingDecoder(DecoderWeights weights, Trainable trainable, MemoryTier tier, @Nullable FlashOperator flash) {
        this.flash = flash;
        this.weights = weights;
        this.trainable = trainable;
        this.recompute = tier == MemoryTier.RECOMPUTE_LAYERS;
        this.scratch = new Scratch(weights.type());
        this.lowestLayer = switch (trainable) {
            case Trainable.Everything all -> 0;
            case Trainable.Adapters adapters -> adapters.lowestLayer();
        };
        ModelConfig config = weights.config();
        for (int layer = 0; layer < config.layers(); layer++) {
            // Nothing is kept of layers that backward does not reach.
            if (saved.isEmpty() || (!recompute && layer > lowestLayer)) {
                saved.add(new Scratch(weights.type()));
            }
            if (inputs.isEmpty() || layer > lowestLayer) {
                inputs.add(new Scratch(weights.type()));
            }
            layers.add(new TrainingLayer(layer, weights, trainable, tier, flash, saved.getLast(), scratch));
        }
        head = new CrossEntropyHead(weights, allGradients(), scratch);
        queryTable = RotaryTable.upTo(0, config, weights.type(), 1, tables);
        keyTable = queryTable;
    }

    private @Nullable DecoderWeights allGradients() {
        return switch (trainable) {
            case Trainable.Everything(DecoderWeights gradients) -> gradients;
            case Trainable.Adapters adapters -> null;
        };
    }

    /** Gives the buffers room for packs of so many tokens from the start, before the first pack; larger ones still work. */
    public void reserve(int tokens) {
        long rows = Pack.rowsFor(tokens);
        saved.forEach(buffers -> buffers.reserve(rows));
        inputs.forEach(buffers -> buffers.reserve(rows));
        scratch.reserve(rows);
    }

    /** The lowest layer that learns, from 0; the layers below it never change what they make of a sample. */
    public int lowestLayer() {
        return lowestLayer;
    }

    /** What enters the lowest layer that learns, [T, D]; holds until the next call of this decoder, in the innermost scope. */
    public Tensor lowerHidden(Pack pack) {
        PackTensors tensors = tensors(pack);
        return lower(tensors);
    }

    /** The mean loss of a pack's targets, without gradients. */
    public LossSum evaluate(Pack pack) {
        return evaluate(pack, null);
    }

    /** As {@link #evaluate(Pack)}, from known hidden states on if there are any. */
    public LossSum evaluate(Pack pack, @Nullable LowerHidden known) {
        return LossSum.of(pack, losses(pack, known));
    }

    /** What the model says of each target of a pack, from known hidden states on if there are any. */
    public TargetLosses losses(Pack pack, @Nullable LowerHidden known) {
        return forward(pack, known, tokenHead(pack, new TokenFactors.ByWeight(1)));
    }

    /** The loss of each target token of a pack in nats, unweighted: sample by sample, in the order of the tokens. */
    public double[] tokenLosses(Pack pack) {
        return losses(pack, null).losses();
    }

    /**
     * The loss of a pack; adds its gradients.
     *
     * @param normalizer sum of the loss weights of all packs of the optimizer step
     */
    public LossSum forwardBackward(Pack pack, double normalizer) {
        return forwardBackward(pack, normalizer, null);
    }

    /** As {@link #forwardBackward(Pack, double)}, from known hidden states on if there are any. */
    public LossSum forwardBackward(Pack pack, double normalizer, @Nullable LowerHidden known) {
        return LossSum.of(pack,
                forwardBackward(pack, known, tokenHead(pack, new TokenFactors.ByWeight(normalizer))));
    }

    /** The model's own head: cross-entropy of a pack's targets, whose gradients count as the factors say. */
    public Head<TargetLosses> tokenHead(Pack pack, TokenFactors factors) {
        return (hidden, gradient) -> head.run(hidden, pack, gradient, factors);
    }

    /** A pack's result, without gradients. */
    public <R> R forward(Pack pack, @Nullable LowerHidden known, Head<R> end) {
        try (TensorScope _ = TensorScope.open()) {
            return end.run(forward(tensors(pack), known), null);
        }
    }

    /** A pack's result; adds the gradients of what learns. */
    public <R> R forwardBackward(Pack pack, @Nullable LowerHidden known, Head<R> end) {
        try (TensorScope _ = TensorScope.open()) {
            PackTensors tensors = tensors(pack);
            Tensor hidden = forward(tensors, known);
            Tensor gradient = scratch.rows("hiddenGradient", tensors.rows(), hidden.size(1));
            R result = end.run(hidden, gradient);
            backward(gradient, tensors);
            return result;
        }
    }

    private Tensor lower(PackTensors tensors) {
        Tensor hidden = input(0, tensors);
        torch.index_select_out(hidden, weights.embedding(), 0, tensors.tokens()); // [T] -> [T, D]
        for (int layer = 0; layer < lowestLayer; layer++) {
            layers.get(layer).forward(hidden, hidden, tensors);
        }
        return hidden;
    }

    private Tensor forward(PackTensors tensors, @Nullable LowerHidden known) {
        Tensor hidden = input(lowestLayer, tensors);
        if (known == null) {
            lower(tensors);
        } else {
            known.copyTo(hidden);
        }
        for (int layer = lowestLayer; layer < layers.size(); layer++) {
            Tensor next = layer + 1 < layers.size()
                    ? input(layer + 1, tensors)
                    : scratch.rows("lastHidden", tensors.rows(), weights.config().hiddenSize());
            layers.get(layer).forward(hidden, next, tensors);
            hidden = next;
        }
        return hidden;
    }

    private void backward(Tensor gradient, PackTensors tensors) {
        for (int layer = layers.size() - 1; layer >= lowestLayer; layer--) {
            Tensor hidden = input(layer, tensors);
            if (recompute && layer < layers.size() - 1) {
                layers.get(layer).forward(hidden, scratch.rows("recomputed", tensors.rows(), hidden.size(1)), tensors);
            }
            DecoderWeights all = allGradients();
            layers.get(layer).backward(hidden, gradient, tensors, layer > lowestLayer || all != null);
        }
        DecoderWeights all = allGradients();
        if (all != null) {
            all.embedding().index_add_(0, tensors.tokens(), gradient.to(ScalarType.Float));
        }
    }

    private Tensor input(int layer, PackTensors tensors) {
        return inputs.get(Math.max(0, layer - lowestLayer)).rows("input", tensors.rows(),
                weights.config().hiddenSize());
    }

    private PackTensors tensors(Pack pack) {
        growTables(pack.maxLength());
        Map<Integer, AttentionPlan> plans = new HashMap<>();
        if (flash == null) {
            for (int window : weights.config().attentionWindows()) {
                plans.computeIfAbsent(window, size -> AttentionPlan.of(pack, size, weights.type()));
            }
        }
        Tensor positions = HostMemory.longs(pack.positions());
        return new PackTensors(pack.rows(), HostMemory.longs(pack.tokens()), queryTable.at(positions),
                keyTable.at(positions), plans, SampleBounds.of(pack));
    }

    private void growTables(int positions) {
        if (positions > tablePositions) {
            tables.close();
            tables = new TensorArena();
            tablePositions = Math.max(positions, Math.min(2 * tablePositions, weights.config().maxPositions()));
            ModelConfig config = weights.config();
            queryTable = RotaryTable.upTo(tablePositions, config, weights.type(), 1 / Math.sqrt(config.headDim()),
                    tables);
            keyTable = RotaryTable.upTo(tablePositions, config, weights.type(), 1, tables);
        }
    }

    @Override
    public void close() {
        saved.forEach(Scratch::close);
        inputs.forEach(Scratch::close);
        scratch.close();
        tables.close();
    }
}
