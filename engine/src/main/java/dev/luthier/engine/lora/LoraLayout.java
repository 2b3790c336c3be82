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
     * One adapted linear layer.
     *
     * @param bOffset first element of B, [rows, rank]
     * @param magnitudeOffset first element of DoRA's magnitudes, [rows]; -1 without DoRA
     */
    public record Member(Projection.Part part, long bOffset, long magnitudeOffset) {}

    public LoraLayout(DecoderWeights weights, LoraShape shape) {
        this.shape = shape;
        for (int layer = 0; layer < weights.layers().size(); layer++) {
            boolean adapted = shape.adapts(layer);
            layers.add(weights.layers().get(layer).projections().stream()
                    .map(projection -> group(projection, adapted)).toList());
        }
    }

    private Group group(Projection projection, boolean layerAdapted) {
        List<Projection.Part> adapted = projection.parts().stream()
                .filter(part -> layerAdapted && shape.targets().contains(part.shortName())).toList();
        long aOffset = size;
        size += (long) adapted.size() * shape.rank() * projection.inputs();
        List<Member> members = new ArrayList<>();
        for (Projection.Part part : adapted) {
            long bOffset = size;
            size += (long) part.rows() * shape.rank();
            members.add(new Member(part, bOffset, shape.dora() ? size : -1));
            size += shape.dora() ? part.rows() : 0;
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
