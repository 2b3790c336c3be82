package dev.luthier.engine.lora;

import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.decoder.LowRank;
import dev.luthier.engine.decoder.Trainable;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * An adapter as the decoder computes with it: copies in the computation's type, A stacked, B as blocks on the diagonal,
 * DoRA's gains. Copies follow the fp32 weights only by {@link #refresh}.
 */
public final class LoraCopies implements AutoCloseable {
    private final LoraWeights weights;
    private final DecoderWeights base;
    private final TensorArena arena = new TensorArena();
    private final List<List<@Nullable LowRank>> layers = new ArrayList<>();
    private final Map<LoraWeights.Place, RowLengths> rowLengths = new HashMap<>();

    /**
     * @param weights not owned
     * @param base of the adapter, not owned; copies get its type
     */
    public LoraCopies(LoraWeights weights, DecoderWeights base) {
        this.weights = weights;
        this.base = base;
        try (TensorScope _ = TensorScope.open()) {
            for (List<LoraLayout.Group> layer : weights.layout().layers()) {
                List<@Nullable LowRank> terms = new ArrayList<>();
                for (LoraLayout.Group group : layer) {
                    terms.add(group.members().isEmpty() ? null : term(group, base.type()));
                }
                layers.add(terms);
            }
        }
        if (weights.layout().shape().dora()) {
            weights.forEachMember((place, member) -> rowLengths.put(place, new RowLengths(place.weight(base), arena)));
        }
        refresh();
    }

    private LowRank term(LoraLayout.Group group, DType type) {
        long stacked = group.rank();
        Tensor a = arena.empty(type, stacked, group.inputs());
        Tensor b = arena.zeros(type, group.outputs(), stacked);
        LowRank.Magnitude magnitude = null;
        if (weights.layout().shape().dora()) {
            magnitude = new LowRank.Magnitude(arena.empty(type, group.outputs()),
                    arena.zeros(DType.FP32, group.outputs()));
            magnitude.gain().fill_(new Scalar(1.0)); // of parts that are not adapted
        }
        Scalar scale = arena.keep(new Scalar(scaling(group)));
        return new LowRank(a, arena.keep(a.t()), b, arena.keep(b.t()), scale, magnitude);
    }

    /** What the product of a group's stacked matrices is multiplied by; the copies of B make up for other scalings. */
    private static double scaling(LoraLayout.Group group) {
        return group.members().getFirst().scaling();
    }

    /** Copies the fp32 weights again. */
    public void refresh() {
        weights.forEachMember((place, member) -> {
            LowRank term = term(place);
            LoraLayout.Member slot = place.slot();
            term.a().narrow(0, slot.firstRow(), slot.rank()).copy_(member.a());
            double ratio = slot.scaling() / scaling(group(place));
            rows(term.b(), place).narrow(1, slot.firstRow(), slot.rank())
                    .copy_(ratio == 1 ? member.b() : member.b().mul(new Scalar(ratio)));
            if (term.magnitude() != null && member.magnitude() != null) {
                refreshMagnitude(term.magnitude(), place, member.a(), member.b(), member.magnitude());
            }
        });
    }

    private void refreshMagnitude(LowRank.Magnitude magnitude, LoraWeights.Place place, Tensor a, Tensor b,
            Tensor wanted) {
        RowLengths lengths = Objects.requireNonNull(rowLengths.get(place));
        Tensor inverse = rows(magnitude.inverseLength(), place);
        inverse.copy_(lengths.with(place.weight(base), a, b, place.slot().scaling())).reciprocal_();
        rows(magnitude.gain(), place).copy_(inverse.mul(wanted));
    }

    private LoraLayout.Group group(LoraWeights.Place place) {
        return weights.layout().layers().get(place.layer()).get(place.projection());
    }

    private LowRank term(LoraWeights.Place place) {
        return Objects.requireNonNull(layers.get(place.layer()).get(place.projection()));
    }

    private static Tensor rows(Tensor tensor, LoraWeights.Place place) {
        return tensor.narrow(0, place.slot().part().start(), place.slot().part().rows());
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
                projections.add(term == null
                        ? Trainable.Adapted.none()
                        : new Trainable.Adapted(term, gradients(gradients.layers().get(layer).get(projection),
                                weights.layout().layers().get(layer).get(projection))));
            }
            adapted.add(projections);
        }
        return new Trainable.Adapters(adapted);
    }

    /** Where each gradient of a group lies in the stacked matrices. */
    private LowRank.Gradients gradients(LoraWeights.Group group, LoraLayout.Group place) {
        List<LowRank.Block> blocks = new ArrayList<>();
        for (int i = 0; i < group.members().size(); i++) {
            LoraWeights.Member member = group.members().get(i);
            LoraLayout.Member slot = place.members().get(i);
            blocks.add(new LowRank.Block(member.b(), slot.part().start(), slot.firstRow(),
                    arena.keep(new Scalar(slot.scaling())), member.magnitude()));
        }
        return new LowRank.Gradients(group.a(), blocks);
    }

    @Override
    public void close() {
        arena.close();
    }
}
