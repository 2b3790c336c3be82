package dev.luthier.engine.decoder;

import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import dev.luthier.engine.tensor.ThreadTime;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Products of bf16 weights with many rows, on CPUs that have no fast bf16 instructions: the matrices of one layer at a time
 * are widened to fp32 and multiplied there. The result is that of a bf16 product: sums in fp32, rounded once. With few
 * rows the time goes into reading the weights, and bf16 has half as much to read: those stay as they are.
 *
 * <p>Legend: T rows, I inputs, O outputs. One thread.
 */
final class WidenedLayer implements AutoCloseable {
    private static final int NONE = -1;
    private static final int FEW_ROWS = 16;
    private static final int MANY_ROWS = 256;
    private static final int REPETITIONS = 3;
    /** How much of the time the widened product may take to be preferred. */
    private static final double CLEARLY = 0.8;

    private final DecoderWeights weights;
    private final TensorArena arena = new TensorArena();
    private final List<Tensor> places = new ArrayList<>(); // [O, I] of each projection, in forward order
    private final int fromRows;
    private int open = NONE;

    /**
     * Makes room for the widened matrices of a layer.
     *
     * @param weights bf16, not owned
     */
    WidenedLayer(DecoderWeights weights, int fromRows) {
        this.weights = weights;
        this.fromRows = fromRows;
        for (Projection projection : weights.layers().getFirst().projections()) {
            places.add(arena.empty(DType.FP32, projection.outputs(), projection.inputs()));
        }
    }

    /**
     * The number of rows from which on widening is faster on this machine, by measuring; empty if it never is, or if the
     * weights are not in bf16 on the CPU.
     */
    static OptionalInt worthwhileFrom(DecoderWeights weights) {
        if (weights.type() != DType.BF16 || Libtorch.usesCuda()) {
            return OptionalInt.empty();
        }
        try (WidenedLayer trial = new WidenedLayer(weights, 1)) {
            return ThreadTime.alone(() -> smallest(trial::isFaster));
        }
    }

    /** The slower a product may be, the later it is tried. */
    private static OptionalInt smallest(IntPredicate faster) {
        if (faster.test(FEW_ROWS)) {
            int rows = FEW_ROWS;
            while (rows > 2 && faster.test(rows / 2)) {
                rows /= 2;
            }
            return OptionalInt.of(rows);
        }
        for (int rows = 4 * FEW_ROWS; rows <= MANY_ROWS; rows *= 2) {
            if (faster.test(rows)) {
                return OptionalInt.of(rows);
            }
        }
        return OptionalInt.empty();
    }

    private boolean isFaster(int rows) {
        double plain = Double.MAX_VALUE;
        double widened = Double.MAX_VALUE;
        for (int i = 0; i < REPETITIONS; i++) {
            plain = Math.min(plain, seconds(rows, false));
            widened = Math.min(widened, seconds(rows, true));
        }
        return widened < CLEARLY * plain;
    }

    private double seconds(int rows, boolean widen) {
        return ThreadTime.seconds(() -> run(rows, widen));
    }

    private void run(int rows, boolean widen) {
        open = NONE;
        List<Projection> projections = weights.layers().getFirst().projections();
        for (int i = 0; i < projections.size(); i++) {
            try (TensorScope _ = TensorScope.open()) {
                Tensor x = torch.empty(new long[]{rows, projections.get(i).inputs()}, DType.BF16.options(), null)
                        .fill_(new Scalar(1.0 / MANY_ROWS));
                if (widen) {
                    multiply(0, i, x);
                } else {
                    torch.mm(x, projections.get(i).transposed());
                }
            }
        }
    }

    /** Whether a product of so many rows is to be widened. */
    boolean takes(long rows) {
        return rows >= fromRows;
    }

    /**
     * x W' in bf16, [T, O].
     *
     * @param projection in forward order, from 0
     * @param x bf16 [T, I]
     */
    Tensor multiply(int layer, int projection, Tensor x) {
        if (open != layer) {
            List<Projection> projections = weights.layers().get(layer).projections();
            for (int i = 0; i < places.size(); i++) {
                places.get(i).copy_(projections.get(i).weight());
            }
            open = layer;
        }
        return torch.mm(x.to(ScalarType.Float), places.get(projection).t()).to(ScalarType.BFloat16);
    }

    @Override
    public void close() {
        arena.close();
    }
}
