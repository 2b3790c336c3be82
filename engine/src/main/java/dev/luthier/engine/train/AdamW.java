package dev.luthier.engine.train;

import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * AdamW (arXiv 1711.05101) on one flat fp32 buffer: decoupled weight decay, bias-corrected moments. The arithmetic is
 * that of {@code torch.optim.AdamW}, in the same order.
 */
public final class AdamW implements AutoCloseable {
    private final Tensor weights;
    private final Settings settings;
    private final List<Span> decayed;
    private final TensorArena arena = new TensorArena();
    private final Tensor firstMoment;
    private final Tensor secondMoment;
    private final Tensor denominator;

    /**
     * What stays the same over all steps.
     *
     * @param weightDecay share of a weight taken away per step, times the learning rate
     */
    public record Settings(double beta1, double beta2, double epsilon, double weightDecay) {}

    /** A run of elements that weight decay applies to. */
    public record Span(long start, long length) {}

    /**
     * Makes an optimizer with zero moments.
     *
     * @param weights fp32, one dimension; not owned
     */
    public AdamW(Tensor weights, Settings settings, List<Span> decayed) {
        this.weights = weights;
        this.settings = settings;
        this.decayed = List.copyOf(decayed);
        firstMoment = arena.zeros(DType.FP32, weights.numel());
        secondMoment = arena.zeros(DType.FP32, weights.numel());
        denominator = arena.empty(DType.FP32, weights.numel());
    }

    /**
     * One update of the weights.
     *
     * @param gradients like the weights
     * @param step from 1
     */
    public void step(Tensor gradients, int step, double learningRate) {
        try (TensorScope _ = TensorScope.open()) {
            Scalar keep = new Scalar(1 - learningRate * settings.weightDecay);
            if (settings.weightDecay != 0) {
                decayed.forEach(span -> weights.narrow(0, span.start, span.length).mul_(keep));
            }
            firstMoment.lerp_(gradients, new Scalar(1 - settings.beta1));
            secondMoment.mul_(new Scalar(settings.beta2));
            secondMoment.addcmul_(gradients, gradients, new Scalar(1 - settings.beta2));
            double firstCorrection = 1 - Math.pow(settings.beta1, step);
            double secondCorrection = 1 - Math.pow(settings.beta2, step);
            denominator.copy_(secondMoment).sqrt_();
            denominator.div_(new Scalar(Math.sqrt(secondCorrection))).add_(new Scalar(settings.epsilon));
            weights.addcdiv_(firstMoment, denominator, new Scalar(-learningRate / firstCorrection));
        }
    }

    /**
     * Scales gradients down to a largest global L2 norm.
     *
     * @param maxNorm 0 for no limit
     * @return the norm before
     */
    public static double clip(Tensor gradients, double maxNorm) {
        try (TensorScope _ = TensorScope.open()) {
            double norm = gradients.norm().item_float();
            if (maxNorm > 0 && norm > maxNorm) {
                gradients.mul_(new Scalar(maxNorm / (norm + 1e-6)));
            }
            return norm;
        }
    }

    /** Exponential mean of the gradients; part of a checkpoint. */
    public Tensor firstMoment() {
        return firstMoment;
    }

    /** Exponential mean of the squared gradients; part of a checkpoint. */
    public Tensor secondMoment() {
        return secondMoment;
    }

    @Override
    public void close() {
        arena.close();
    }
}
