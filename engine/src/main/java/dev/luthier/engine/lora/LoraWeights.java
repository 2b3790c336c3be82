package dev.luthier.engine.lora;

import dev.luthier.core.adapter.AdapterDirectory;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The matrices of an adapter in fp32, as views into one flat buffer. Gradients have the same form. Legend: R rank, I
 * inputs, O outputs, C labels, D hidden.
 *
 * <p>Closed by whoever made it.
 */
public final class LoraWeights implements AutoCloseable {
    private static final String PEFT_PREFIX = "base_model.model.";

    private final LoraLayout layout;
    private final TensorArena arena = new TensorArena();
    private final Tensor flat;
    private final List<List<Group>> layers = new ArrayList<>();
    private final SequencedMap<String, Tensor> byName = new LinkedHashMap<>();
    private final @Nullable Tensor head;

    /**
     * The matrices of one projection.
     *
     * @param a stacked, [sum of the members' R, I]
     */
    public record Group(Tensor a, List<Member> members) {
        public Group {
            members = List.copyOf(members);
        }
    }

    /**
     * The matrices of one linear layer.
     *
     * @param a [R, I]
     * @param b [O, R]
     * @param magnitude [O]; null without DoRA
     */
    public record Member(Tensor a, Tensor b, @Nullable Tensor magnitude) {}

    /** All zeros. */
    public LoraWeights(LoraLayout layout) {
        this.layout = layout;
        this.flat = arena.zeros(DType.FP32, layout.size());
        try (TensorScope _ = TensorScope.open()) {
            for (List<LoraLayout.Group> layer : layout.layers()) {
                layers.add(layer.stream().map(this::group).toList());
            }
            head = layout.labels() == 0 ? null : head(layout);
        }
    }

    private Tensor head(LoraLayout layout) {
        Tensor view = view(layout.headStart(), layout.labels(), (layout.size() - layout.headStart()) / layout.labels());
        byName.put(AdapterDirectory.HEAD, view);
        return view;
    }

    private Group group(LoraLayout.Group place) {
        Tensor a = view(place.aOffset(), place.rank(), place.inputs());
        List<Member> members = new ArrayList<>();
        for (LoraLayout.Member member : place.members()) {
            String name = PEFT_PREFIX + member.part().name();
            Tensor memberA = arena.keep(a.narrow(0, member.firstRow(), member.rank()));
            Tensor memberB = view(member.bOffset(), member.part().rows(), member.rank());
            byName.put(name + ".lora_A.weight", memberA);
            byName.put(name + ".lora_B.weight", memberB);
            Tensor magnitude = null;
            if (member.magnitudeOffset() >= 0) {
                magnitude = arena.keep(flat.narrow(0, member.magnitudeOffset(), member.part().rows()));
                byName.put(name + ".lora_magnitude_vector", magnitude);
            }
            members.add(new Member(memberA, memberB, magnitude));
        }
        return new Group(a, members);
    }

    private Tensor view(long offset, long rows, long columns) {
        return arena.keep(flat.narrow(0, offset, rows * columns).view(rows, columns));
    }

    public LoraLayout layout() {
        return layout;
    }

    /**
     * Where a linear layer's matrices belong.
     *
     * @param layer decoder layer, from 0
     * @param projection in forward order, from 0
     * @param slot among the adapted parts of the projection
     */
    public record Place(int layer, int projection, LoraLayout.Member slot) {

        /**
         * The linear layer of the base model, a view [O, I] in the innermost scope; of a quantised base it holds until
         * another layer is opened.
         */
        public Tensor weight(DecoderWeights base) {
            base.open(layer);
            return base.layers().get(layer).projections().get(projection).weight().narrow(0,
                    slot.part().start(), slot.part().rows());
        }
    }

    /** Receives an adapted linear layer. */
    @FunctionalInterface
    public interface MemberVisitor {
        void visit(Place place, Member member);
    }

    /** Visits all adapted linear layers in forward order, each within a scope of its own. */
    public void forEachMember(MemberVisitor visitor) {
        for (int layer = 0; layer < layers.size(); layer++) {
            for (int projection = 0; projection < layers.get(layer).size(); projection++) {
                List<Member> members = layers.get(layer).get(projection).members();
                for (int i = 0; i < members.size(); i++) {
                    LoraLayout.Member slot = layout.layers().get(layer).get(projection).members().get(i);
                    try (TensorScope _ = TensorScope.open()) {
                        visitor.visit(new Place(layer, projection, slot), members.get(i));
                    }
                }
            }
        }
    }

    /** Takes over everything but the head from an adapter of the same shape. */
    public void copyMatrices(LoraWeights other) {
        try (TensorScope _ = TensorScope.open()) {
            flat.narrow(0, 0, layout.headStart()).copy_(other.flat.narrow(0, 0, layout.headStart()));
        }
    }

    /** The whole buffer, one dimension. */
    public Tensor flat() {
        return flat;
    }

    /** Per layer, per projection in forward order. */
    public List<List<Group>> layers() {
        return layers;
    }

    /** The head of a classifier, [C, D]; null if it is none. */
    public @Nullable Tensor head() {
        return head;
    }

    /** All tensors under the names that PEFT gives them: A is [R, I], B is [O, R], magnitudes are [O], the head is [C, D]. */
    public SequencedMap<String, Tensor> byName() {
        return byName;
    }

    @Override
    public void close() {
        arena.close();
    }
}
