package dev.luthier.engine.decoder;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A low-rank term of a projection: {@code y += scale (x A') B'}. The adapters of a projection's parts are stacked: A one
 * below the other, B as blocks on the diagonal with zeros elsewhere; a part with another scaling has the ratio in its
 * block. Legend: I inputs, O outputs, S sum of the parts'
 * ranks.
 *
 * @param a [S, I]
 * @param aTransposed view [I, S]
 * @param b [O, S]
 * @param bTransposed view [S, O]
 * @param scale what their product is multiplied by
 * @param magnitude DoRA's; null for plain LoRA
 */
public record LowRank(Tensor a, Tensor aTransposed, Tensor b, Tensor bTransposed, Scalar scale,
        @Nullable Magnitude magnitude) {

    /**
     * The lengths that DoRA gives the rows of {@code V = W + scale B A}: {@code y = gain (x V') + bias}. Backward takes the
     * rows' own lengths as constants (arXiv 2402.09353, section 4.3).
     *
     * @param gain [O], wanted length / own length; 1 for rows that are not adapted
     * @param inverseLength fp32 [O], 1 / own length
     */
    public record Magnitude(Tensor gain, Tensor inverseLength) {}

    /** S. */
    public long rank() {
        return a.size(0);
    }

    /**
     * Where the fp32 gradients of a term are added.
     *
     * @param a [S, I]
     * @param blocks of B
     */
    public record Gradients(Tensor a, List<Block> blocks) {
        public Gradients {
            blocks = List.copyOf(blocks);
        }
    }

    /**
     * The gradient of one part's B.
     *
     * @param gradient [rows, rank]
     * @param row first row in the stacked B
     * @param column first column in the stacked B
     * @param scale what the product of this part's B and A is multiplied by
     * @param magnitude gradient of the magnitudes of these rows, [rows]; null without DoRA
     */
    public record Block(Tensor gradient, int row, int column, Scalar scale, @Nullable Tensor magnitude) {}
}
