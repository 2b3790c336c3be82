package dev.luthier.engine.decoder;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
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
    static Tensor forward(Tensor x, Tensor weight, double epsilon, Tensor out) {
        Tensor scale = inverseRoot(x, epsilon);
        scale(x, weight, scale, out);
        return scale;
    }

    /** Writes the normalised rows again, with r as {@link #forward} returned it. */
    static void scale(Tensor x, Tensor weight, Tensor scale, Tensor out) {
        torch.mul_out(out, x, scale);
        out.mul_(weight);
    }

    private static Tensor inverseRoot(Tensor x, double epsilon) {
        Tensor norm = torch.linalg_vector_norm(x, new Scalar(2.0), LAST, true,
                new ScalarTypeOptional(ScalarType.Float));
        norm.mul_(norm);
        norm.div_(new Scalar((double) x.size(x.dim() - 1)));
        norm.add_(new Scalar(epsilon));
        return norm.rsqrt_();
    }

    /**
     * Adds the gradient of x: {@code r g - x r^3 (g . x) / N} with {@code g = w dy}.
     *
     * @param gradient dy, of the shape of x; destroyed
     * @param scale r as returned by forward
     * @param scratch of the shape of x
     * @param target where the gradient of x is added
     * @param weightGradient fp32 [N], where the gradient of w is added; null for a frozen w
     */
    static void backward(Tensor gradient, Tensor x, Tensor weight, Tensor scale, Tensor scratch, Tensor target,
            @Nullable Tensor weightGradient) {
        long last = x.dim() - 1;
        long size = x.size(last);
        if (weightGradient != null) {
            torch.mul_out(scratch, x, scale);
            scratch.mul_(gradient);
            Tensor rows = scratch.reshape(-1, size);
            weightGradient.add_(rows.sum(new long[]{0}, false, new ScalarTypeOptional(ScalarType.Float)));
        }
        gradient.mul_(weight);
        torch.mul_out(scratch, gradient, x);
        Tensor inner = scratch.sum(LAST, true, new ScalarTypeOptional(ScalarType.Float));
        inner.mul_(scale).mul_(scale).mul_(scale).mul_(new Scalar(-1.0 / size));
        gradient.mul_(scale);
        target.add_(gradient);
        target.addcmul_(x, inner.to(x.scalar_type()));
    }
}
