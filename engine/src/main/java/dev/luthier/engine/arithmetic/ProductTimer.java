package dev.luthier.engine.arithmetic;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import dev.luthier.engine.tensor.ThreadTime;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The products of one decoder layer, forward and for the gradient of the input, in one type. Matrices of large models are
 * cut: the rate depends on the shape, not on how often it is repeated. With one thread of libtorch its CPU time counts,
 * with several the time that passes. On the thread of all tensor work.
 */
final class ProductTimer implements AutoCloseable {
    /** Longest side of a matrix. */
    private static final long SIDE = 2048;
    /** How long one number of rows is measured at least and at most. */
    private static final double LEAST_SECONDS = 0.01;
    private static final double MOST_SECONDS = 0.08;
    private static final int REPETITIONS = 3;

    private final TensorArena arena = new TensorArena();
    private final List<Product> products = new ArrayList<>();
    private final long maxRows;

    /** @param weight [O, I] */
    private record Product(Tensor input, Tensor weight, Tensor transposed, Tensor output) {
        double operations(long rows) {
            return 2.0 * 2 * rows * weight.size(0) * weight.size(1);
        }

        void run(long rows) {
            Tensor x = input.narrow(0, 0, rows);
            Tensor y = output.narrow(0, 0, rows);
            torch.mm_out(y, x, transposed);
            torch.mm_out(x, y, weight);
        }
    }

    ProductTimer(ModelConfig config, DType type, long maxRows) {
        this.maxRows = maxRows;
        long hidden = config.hiddenSize();
        long query = (long) config.heads() * config.headDim();
        long qkv = query + 2L * config.kvHeads() * config.headDim();
        add(type, hidden, qkv);
        add(type, query, hidden);
        add(type, hidden, 2L * config.intermediateSize());
        add(type, config.intermediateSize(), hidden);
    }

    private void add(DType type, long inputs, long outputs) {
        long columns = Math.min(SIDE, inputs);
        long rows = Math.min(SIDE, outputs);
        Tensor weight = filled(type, rows, columns);
        try (TensorScope _ = TensorScope.open()) {
            products.add(new Product(filled(type, maxRows, columns), weight, arena.keep(weight.t()),
                    filled(type, maxRows, rows)));
        }
    }

    /** Not zeros, whose products some CPUs compute faster. */
    private Tensor filled(DType type, long rows, long columns) {
        Tensor tensor = arena.empty(type, rows, columns);
        tensor.fill_(new Scalar(1.0 / SIDE));
        return tensor;
    }

    /**
     * Operations a second at the largest number of rows that is measured in time.
     *
     * @param minRows rows of the first measurement, at least 1
     */
    double rate(long minRows) {
        double rate = 0;
        for (long rows = minRows; rows <= maxRows; rows *= 4) {
            double seconds = bestSeconds(rows);
            rate = Math.max(rate, operations(rows) / seconds);
            if (seconds > MOST_SECONDS) {
                break;
            }
        }
        return rate;
    }

    private double operations(long rows) {
        return products.stream().mapToDouble(product -> product.operations(rows)).sum();
    }

    /** The least of several: other programs, and the first run, which compiles kernels, only ever add time. */
    private double bestSeconds(long rows) {
        double best = Double.MAX_VALUE;
        double all = 0;
        for (int i = 0; (i < REPETITIONS || all < LEAST_SECONDS) && all < MOST_SECONDS; i++) {
            double seconds = seconds(rows);
            all += seconds;
            best = Math.min(best, seconds);
        }
        return best;
    }

    private double seconds(long rows) {
        if (Libtorch.threads() == 1) {
            return ThreadTime.seconds(() -> run(rows));
        }
        long start = System.nanoTime();
        run(rows);
        return (System.nanoTime() - start) / 1e9;
    }

    private void run(long rows) {
        try (TensorScope _ = TensorScope.open()) {
            products.forEach(product -> product.run(rows));
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
