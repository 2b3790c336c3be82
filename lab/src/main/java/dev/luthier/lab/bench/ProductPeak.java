package dev.luthier.lab.bench;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorScope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The rate of matrix products on this machine over the shapes of a model: floating-point operations of a training step's
 * products, divided by the sum of their best times one by one.
 */
final class ProductPeak {
    private static final int REPETITIONS = 8;
    private static final int HEAD_ROWS = 512;

    private ProductPeak() {}

    private record Product(long rows, long inputs, long outputs, double times) {
        double operations() {
            return 2.0 * rows * inputs * outputs * times;
        }
    }

    /** FLOP/s for rows of so many tokens. */
    static double measure(ModelConfig config, DType type, long tokens) {
        long hidden = config.hiddenSize();
        long heads = (long) config.heads() * config.headDim();
        long qkv = heads + 2L * config.kvHeads() * config.headDim();
        double layers = config.layers();
        double chunks = (double) tokens / HEAD_ROWS;
        List<Product> products = List.of(new Product(tokens, hidden, qkv, layers),
                new Product(tokens, heads, hidden, layers),
                new Product(tokens, hidden, 2L * config.intermediateSize(), layers),
                new Product(tokens, config.intermediateSize(), hidden, layers),
                new Product(HEAD_ROWS, hidden, config.vocabSize(), chunks));
        double operations = 0;
        double seconds = 0;
        for (Product product : products) {
            operations += 2 * product.operations();
            seconds += product.times * bestSeconds(product, type);
        }
        return operations / seconds;
    }

    /** Forward and the gradient of the input. */
    private static double bestSeconds(Product product, DType type) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor input = Libtorch
                    .toDevice(torch.randn(new long[]{product.rows, product.inputs}).to(type.scalarType()));
            Tensor weight = Libtorch
                    .toDevice(torch.randn(new long[]{product.outputs, product.inputs}).to(type.scalarType()));
            Tensor transposed = weight.t();
            Tensor output = torch.mm(input, transposed);
            return best(() -> torch.mm_out(output, input, transposed))
                    + best(() -> torch.mm_out(input, output, weight));
        }
    }

    private static double best(Runnable product) {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < REPETITIONS; i++) {
            long start = System.nanoTime();
            product.run();
            Libtorch.synchronize();
            best = Math.min(best, (System.nanoTime() - start) / 1e9);
        }
        return best;
    }
}
