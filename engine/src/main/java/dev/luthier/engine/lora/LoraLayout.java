package dev.luthier.engine.lora;

import dev.luthier.core.adapter.LoraShape;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.decoder.LayerWeights;
import dev.luthier.engine.decoder.Projection;
import java.util.ArrayList;
import java.util.List;

/**
 * Where each adapter matrix lies in one flat buffer, the head of a classifier last. The A matrices of a projection's parts
 * lie one below the other, so that one view over them is the stacked matrix.
 */
public final class LoraLayout {
    private final LoraShape shape;
    private final List<List<Group>> layers = new ArrayList<>();
    private final int labels;
    private final long headSize;
    private long matrices;

    /**
     * The adapters of one projection; empty if none of its parts is adapted.
     *
     * @param aOffset first element of the stacked A, [sum of the members' ranks, inputs]
     * @param inputs of the projection
     * @param outputs of the projection
     */
    public record Group(long aOffset, int inputs, int outputs, List<Member> members) {
        public Group {
            members = List.copyOf(members);
        }

        /** Rows of the stacked A. */
        public int rank() {
            return members.stream().mapToInt(Member::rank).sum();
        }
    }

    /**
     * One adapted linear layer.
     *
     * @param rank of its A and B
     * @param scaling what the product of B and A is multiplied by
     * @param firstRow of its A in the stacked one
     * @param bOffset first element of B, [rows, rank]
     * @param magnitudeOffset first element of DoRA's magnitudes, [rows]; -1 without DoRA
     */
    public record Member(Projection.Part part, int rank, double scaling, int firstRow, long bOffset,
            long magnitudeOffset) {}

    /** Of an adapter without a head. */
    public LoraLayout(DecoderWeights weights, LoraShape shape) {
        this(weights, shape, 0);
    }

    /** @param labels of a classifier; 0 for an adapter without a head */
    public LoraLayout(DecoderWeights weights, LoraShape shape, int labels) {
        this.shape = shape;
        this.labels = labels;
        headSize = (long) labels * weights.config().hiddenSize();
        for (LayerWeights layer : weights.layers()) {
            layers.add(layer.projections().stream().map(this::group).toList());
        }
    }

    private Group group(Projection projection) {
        long aOffset = matrices;
        for (Projection.Part part : projection.parts()) {
            LoraShape.Size adapted = shape.size(part.name());
            matrices += adapted == null ? 0 : (long) adapted.rank() * projection.inputs();
        }
        List<Member> members = new ArrayList<>();
        int firstRow = 0;
        for (Projection.Part part : projection.parts()) {
            LoraShape.Size adapted = shape.size(part.name());
            if (adapted != null) {
                long bOffset = matrices;
                matrices += (long) part.rows() * adapted.rank();
                members.add(new Member(part, adapted.rank(), shape.scaling(adapted), firstRow, bOffset,
                        shape.dora() ? matrices : -1));
                matrices += shape.dora() ? part.rows() : 0;
                firstRow += adapted.rank();
            }
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

    /** Rows of the head; 0 if there is none. */
    public int labels() {
        return labels;
    }

    /** Elements before the head: those of all adapter matrices. */
    public long headStart() {
        return matrices;
    }

    /** Elements of the buffer: the number of parameters. */
    public long size() {
        return matrices + headSize;
    }
}
