package dev.luthier.engine.lora;

import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.decoder.Projection;
import java.util.ArrayList;
import java.util.List;

/**
 * Where each adapter matrix lies in one flat buffer. The A matrices of a projection's parts lie one below the other, so
 * that one view over them is the stacked matrix.
 */
public final class LoraLayout {
    private final LoraShape shape;
    private final List<List<Group>> layers = new ArrayList<>();
    private long size;

    /**
     * The adapters of one projection; empty if none of its parts is adapted.
     *
     * @param aOffset first element of the stacked A, [parts x rank, inputs]
     * @param inputs of the projection
     * @param outputs of the projection
     */
    public record Group(long aOffset, int inputs, int outputs, List<Member> members) {
        public Group {
            members = List.copyOf(members);
        }
    }

    /**
     * One adapted layer.
     *
     * @param bOffset first element of B, [rows, rank]
     */
    public record Member(Projection.Part part, long bOffset) {}

    public LoraLayout(DecoderWeights weights, LoraShape shape) {
        this.shape = shape;
        weights.layers().forEach(layer -> layers.add(layer.projections().stream().map(this::group).toList()));
    }

    private Group group(Projection projection) {
        List<Projection.Part> adapted = projection.parts().stream()
                .filter(part -> shape.targets().contains(part.shortName())).toList();
        long aOffset = size;
        size += (long) adapted.size() * shape.rank() * projection.inputs();
        List<Member> members = new ArrayList<>();
        for (Projection.Part part : adapted) {
            members.add(new Member(part, size));
            size += (long) part.rows() * shape.rank();
        }
        return new Group(aOffset, projection.inputs(), projection.outputs(), members);
    }

    public LoraShape shape() {
        return shape;
    }

    /** Per layer, per projection in forward order. */
    public List<List<Group>> layers() {
        return layers;
    }

    /** Elements of the buffer: the number of adapter parameters. */
    public long size() {
        return size;
    }
}
