package dev.luthier.engine.decoder;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The rotary position embedding: element pairs (i, i + E/2) of every head turn by an angle that grows with the position.
 * Legend: T tokens, E = headDim, ... any dimensions of heads.
 */
final class Rotation {

    private Rotation() {}

    /**
     * Writes the rotated heads.
     *
     * @param heads [T, ..., E]
     * @param rotated of the same shape, any strides, no overlap with {@code heads}
     * @param table rows for the T positions
     */
    static void forward(Tensor heads, Tensor rotated, RotaryTable table) {
        turn(heads, rotated, table, -1);
    }

    /** The transposed map: from the gradient of the rotated heads to that of the heads. */
    static void backward(Tensor rotatedGradient, Tensor headsGradient, RotaryTable table) {
        turn(rotatedGradient, headsGradient, table, 1);
    }

    private static void turn(Tensor from, Tensor to, RotaryTable table, double sign) {
        long last = from.dim() - 1;
        long half = from.size(last) / 2;
        Tensor from1 = from.narrow(last, 0, half);
        Tensor from2 = from.narrow(last, half, half);
        Tensor to1 = to.narrow(last, 0, half);
        Tensor to2 = to.narrow(last, half, half);
        Tensor cosine = spread(table.cosine(), last);
        Tensor sine = spread(table.sine(), last);
        torch.mul_out(to1, from1, cosine);
        to1.addcmul_(from2, sine, new Scalar(sign));
        torch.mul_out(to2, from2, cosine);
        to2.addcmul_(from1, sine, new Scalar(-sign));
    }

    /** [T, E / 2] with dimensions of size 1 between, for broadcasting over heads. */
    private static Tensor spread(Tensor table, long last) {
        long[] shape = new long[(int) last + 1];
        Arrays.fill(shape, 1);
        shape[0] = table.size(0);
        shape[(int) last] = table.size(1);
        return table.view(shape);
    }
}
