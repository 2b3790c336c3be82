package dev.luthier.engine.lora;

import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/**
 * The matrices of an adapter in fp32, as views into one flat buffer. Gradients have the same form. Legend: R rank, I
 * inputs, O outputs.
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

    /**
     * The matrices of one projection.
     *
     * @param a stacked, [parts x R, I]
     * @param b per part, [O, R]
     */
    public record Group(Tensor a, List<Tensor> b) {
        public Group {
            b = List.copyOf(b);
        }
    }

    /** All zeros. */
    public LoraWeights(LoraLayout layout) {
        this.layout = layout;
        this.flat = arena.zeros(DType.FP32, layout.size());
        try (TensorScope _ = TensorScope.open()) {
            for (List<LoraLayout.Group> layer : layout.layers()) {
                layers.add(layer.stream().map(this::group).toList());
            }
        }
    }

    private Group group(LoraLayout.Group place) {
        long rank = layout.shape().rank();
        long parts = place.members().size();
        Tensor a = view(place.aOffset(), parts * rank, place.inputs());
        List<Tensor> b = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            LoraLayout.Member member = place.members().get(i);
            Tensor memberB = view(member.bOffset(), member.part().rows(), rank);
            b.add(memberB);
            byName.put(PEFT_PREFIX + member.part().name() + ".lora_A.weight", arena.keep(a.narrow(0, i * rank, rank)));
            byName.put(PEFT_PREFIX + member.part().name() + ".lora_B.weight", memberB);
        }
        return new Group(a, b);
    }

    private Tensor view(long offset, long rows, long columns) {
        return arena.keep(flat.narrow(0, offset, rows * columns).view(rows, columns));
    }

    public LoraLayout layout() {
        return layout;
    }

    /** The whole buffer, one dimension. */
    public Tensor flat() {
        return flat;
    }

    /** Per layer, per projection in forward order. */
    public List<List<Group>> layers() {
        return layers;
    }

    /** All matrices under the names that PEFT gives them: A is [R, I], B is [O, R]. */
    public SequencedMap<String, Tensor> byName() {
        return byName;
    }

    @Override
    public void close() {
        arena.close();
    }
}
