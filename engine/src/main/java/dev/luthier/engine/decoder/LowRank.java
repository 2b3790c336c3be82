package dev.luthier.engine.decoder;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A low-rank term of a projection: {@code y += scale (x A') B'}. The adapters of a projection's parts are stacked: A one
 * below the other, B as blocks on the diagonal with zeros elsewhere. Legend: I inputs, O outputs, S sum of the parts'
 * ranks.
 *
 * @param a [S, I]
 * @param aTransposed view [I, S]
 * @param b [O, S]
 * @param bTransposed view [S, O]
 * @param scale alpha / rank
 */
public record LowRank(Tensor a, Tensor aTransposed, Tensor b, Tensor bTransposed, Scalar scale) {

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
     */
    public record Block(Tensor gradient, int row, int column) {}
}
