package dev.luthier.engine.lora;

import dev.luthier.engine.decoder.LowRank;
import dev.luthier.engine.decoder.Trainable;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * An adapter as the decoder computes with it: copies in the computation's type, A stacked, B as blocks on the diagonal.
 * Copies follow the fp32 weights only by {@link #refresh}.
 */
public final class LoraCopies implements AutoCloseable {
    private final LoraWeights weights;
    private final TensorArena arena = new TensorArena();
    private final List<List<@Nullable LowRank>> layers = new ArrayList<>();

    /** @param weights not owned */
    public LoraCopies(LoraWeights weights, DType type) {
        this.weights = weights;
        try (TensorScope _ = TensorScope.open()) {
            Scalar scale = arena.keep(new Scalar(weights.layout().shape().scaling()));
            for (List<LoraLayout.Group> layer : weights.layout().layers()) {
                List<@Nullable LowRank> terms = new ArrayList<>();
                for (LoraLayout.Group group : layer) {
                    terms.add(group.members().isEmpty() ? null : term(group, type, scale));
                }
                layers.add(terms);
            }
        }
        refresh();
    }

    private LowRank term(LoraLayout.Group group, DType type, Scalar scale) {
        long stacked = (long) group.members().size() * weights.layout().shape().rank();
        Tensor a = arena.empty(type, stacked, group.inputs());
        Tensor b = arena.zeros(type, group.outputs(), stacked);
        return new LowRank(a, arena.keep(a.t()), b, arena.keep(b.t()), scale);
    }

    /** Copies the fp32 weights again. */
    public void refresh() {
        try (TensorScope _ = TensorScope.open()) {
            forEachTerm((term, group, place) -> {
                term.a().copy_(group.a());
                for (LowRank.Block block : blocks(group, place)) {
                    Tensor source = block.gradient();
                    term.b().narrow(0, block.row(), source.size(0)).narrow(1, block.column(), source.size(1))
                            .copy_(source);
                }
            });
        }
    }

    /** Where each B of a group lies in the stacked one. */
    private List<LowRank.Block> blocks(LoraWeights.Group group, LoraLayout.Group place) {
        List<LowRank.Block> blocks = new ArrayList<>();
        for (int i = 0; i < place.members().size(); i++) {
            blocks.add(new LowRank.Block(group.b().get(i), place.members().get(i).part().start(),
                    i * weights.layout().shape().rank()));
        }
        return blocks;
    }

    private interface TermVisitor {
        void visit(LowRank term, LoraWeights.Group group, LoraLayout.Group place);
    }

    private void forEachTerm(TermVisitor visitor) {
        for (int layer = 0; layer < layers.size(); layer++) {
            for (int projection = 0; projection < layers.get(layer).size(); projection++) {
                LowRank term = layers.get(layer).get(projection);
                if (term != null) {
                    visitor.visit(term, weights.layers().get(layer).get(projection),
                            weights.layout().layers().get(layer).get(projection));
                }
            }
        }
    }

    /** Per layer, per projection in forward order; null where there is no adapter. */
    public List<List<@Nullable LowRank>> layers() {
        return layers;
    }

    /**
     * The adapter as something to train.
     *
     * @param gradients of the layout of the weights
     */
    public Trainable.Adapters trainable(LoraWeights gradients) {
        List<List<Trainable.Adapted>> adapted = new ArrayList<>();
        for (int layer = 0; layer < layers.size(); layer++) {
            List<Trainable.Adapted> projections = new ArrayList<>();
            for (int projection = 0; projection < layers.get(layer).size(); projection++) {
                LowRank term = layers.get(layer).get(projection);
                LoraWeights.Group group = gradients.layers().get(layer).get(projection);
                projections.add(term == null
                        ? Trainable.Adapted.none()
                        : new Trainable.Adapted(term,
                                new LowRank.Gradients(group.a(), blocks(group,
                                        weights.layout().layers().get(layer).get(projection)))));
            }
            adapted.add(projections);
        }
        return new Trainable.Adapters(adapted);
    }

    @Override
    public void close() {
        arena.close();
    }
}
