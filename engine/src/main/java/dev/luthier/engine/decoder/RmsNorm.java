package dev.luthier.engine.decoder;

import dev.luthier.engine.tensor.HostMemory;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Root-mean-square normalisation over the last dimension: {@code y = w x r} with {@code r = 1 / sqrt(mean(x^2) + eps)}
 * (arXiv 1910.07467). As in Hugging Face transformers, r is fp32 and x r is rounded before w is applied. Legend: ...
 * any dimensions, N the last one.
 */
final class RmsNorm {
    private static final long[] LAST = {-1};

    private RmsNorm() {}

    /**
     * Writes the normalised rows.
     *
     * @param x [..., N]
     * @param weight [N]
     * @param out of the shape of x; may not be x
     * @return r in fp32, [..., 1], in the innermost scope
     */
    static Tensor forward(Tensor x, Tensor weight, double epsilon, Tensor out, Scratch scratch) {
        Tensor wide = wide("norm.wide", x, scratch);
        Tensor scale = torch.linalg_vector_norm(wide, new Scalar(2.0), LAST, true, new ScalarTypeOptional());
        scale.mul_(scale);
        scale.div_(new Scalar((double) x.size(x.dim() - 1)));
        scale.add_(new Scalar(epsilon));
        scale.rsqrt_();
        out.copy_(wide.mul_(scale));
        out.mul_(weight);
        return scale;
    }

    /** Writes the normalised rows again, with r as {@link #forward} returned it. */
    static void scale(Tensor x, Tensor weight, Tensor scale, Tensor out, Scratch scratch) {
        out.copy_(wide("norm.wide", x, scratch).mul_(scale));
        out.mul_(weight);
    }

    /**
     * Adds the gradient of x: {@code r g - x r^3 (g . x) / N} with {@code g = w dy}.
     *
     * @param gradient dy, of the shape of x; destroyed
     * @param scale r as returned by forward
     * @param target where the gradient of x is added
     * @param weightGradient fp32 [N], where the gradient of w is added; null for a frozen w
     */
    static void backward(Tensor gradient, Tensor x, Tensor weight, Tensor scale, Scratch scratch, Tensor target,
            @Nullable Tensor weightGradient) {
        long size = x.size(x.dim() - 1);
        if (weightGradient != null) {
            Tensor product = wide("norm.wide", x, scratch).mul_(scale).mul_(wide("norm.product", gradient, scratch));
            weightGradient.add_(product.view(-1, size).sum(new long[]{0}, false, new ScalarTypeOptional()));
        }
        Tensor wide = wide("norm.wide", gradient.mul_(weight), scratch);
        Tensor inner = wide("norm.product", x, scratch).mul_(wide).sum(LAST, true, new ScalarTypeOptional()); // [..., 1]
        inner.mul_(scale).mul_(scale).mul_(scale).mul_(new Scalar(-1.0 / size));
        gradient.copy_(wide.mul_(scale));
        target.add_(gradient);
        target.addcmul_(x, inner.to(x.scalar_type()));
    }

    /** A copy in fp32: libtorch would make one for each operation of mixed types, and give its memory back. */
    private static Tensor wide(String name, Tensor x, Scratch scratch) {
        long[] shape = HostMemory.shape(x);
        return scratch.wideRows(name, shape[0], Arrays.copyOfRange(shape, 1, shape.length)).copy_(x);
    }
}
