package dev.luthier.engine.lora;

import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.TensorArena;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * L2 lengths of the rows of {@code W + s B A}, which DoRA divides by. The sum is never made: with the squared lengths of W
 * known, {@code |w + s b A|^2 = |w|^2 + 2 s b (A w') + s^2 b (A A') b'}. Legend: O outputs, I inputs, R rank.
 */
final class RowLengths {
    /* A row of zeros has no direction: its length is taken as this, so that its gain is 0 and not 0 / 0. */
    private static final double LEAST = 1e-12;

    private final Tensor squares;

    /**
     * @param weight [O, I], frozen
     * @param arena keeps what is remembered of it
     */
    RowLengths(Tensor weight, TensorArena arena) {
        squares = arena.empty(DType.FP32, weight.size(0));
        squares.copy_(of(weight)).square_();
    }

    /** Lengths of the rows of a matrix, fp32 [O]. */
    static Tensor of(Tensor matrix) {
        return torch.linalg_vector_norm(matrix, new Scalar(2.0), new long[]{1}, false,
                new ScalarTypeOptional(ScalarType.Float));
    }

    /** Lengths of the rows of a matrix to divide by, fp32 [O]. */
    static Tensor divisors(Tensor matrix) {
        return of(matrix).clamp_min_(new Scalar(LEAST));
    }

    /**
     * Lengths with an adapter, to divide by.
     *
     * @param weight the same as ever
     * @param a fp32 [R, I]
     * @param b fp32 [O, R]
     * @return fp32 [O], in the innermost scope
     */
    Tensor with(Tensor weight, Tensor a, Tensor b, double scale) {
        Tensor products = torch.mm(weight, a.to(weight.scalar_type()).t()).to(ScalarType.Float); // [O, R]
        products.mul_(new Scalar(2 * scale));
        products.addmm_(b, torch.mm(a, a.t()), new Scalar(1.0), new Scalar(scale * scale));
        Tensor lengths = products.mul_(b).sum(new long[]{1}, false, new ScalarTypeOptional());
        return lengths.add_(squares).clamp_min_(new Scalar(LEAST * LEAST)).sqrt_();
    }
}
