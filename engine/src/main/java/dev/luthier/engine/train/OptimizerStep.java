package dev.luthier.engine.train;

import dev.luthier.core.problem.Problem;
import dev.luthier.engine.tensor.TensorScope;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * One update of a {@link ParameterSet}: gradients are cleared, added up by the caller, clipped, and moved along by AdamW.
 * Training, pre-training and the probe have no other. One thread.
 */
public final class OptimizerStep implements AutoCloseable {
    private final ParameterSet parameters;
    private final double maxGradientNorm;
    private final AdamW optimizer;

    /**
     * @param parameters not owned
     * @param maxGradientNorm gradients are clipped to this global L2 norm; 0 for no limit
     */
    public OptimizerStep(ParameterSet parameters, AdamW.Settings settings, double maxGradientNorm) {
        this.parameters = parameters;
        this.maxGradientNorm = maxGradientNorm;
        optimizer = new AdamW(parameters.weights(), settings, parameters.decayed());
    }

    /**
     * What an update came to.
     *
     * @param gradientNorm before clipping
     */
    public record Update(Figures figures, double gradientNorm) {}

    /**
     * Makes an update.
     *
     * @param step from 1
     * @param addGradients adds the gradients of the step's micro-batches and returns what they came to
     * @throws dev.luthier.core.problem.ProblemException USER, when loss or gradients are no finite numbers any more
     */
    public Update run(int step, double learningRate, Supplier<Figures> addGradients) {
        try (TensorScope _ = TensorScope.open()) {
            parameters.gradients().zero_();
            Figures figures = addGradients.get();
            double norm = AdamW.clip(parameters.gradients(), maxGradientNorm);
            if (!Double.isFinite(figures.loss()) || !Double.isFinite(norm)) {
                throw Problem.user("training_diverged", "step " + step + ": the loss is " + figures.loss()
                        + " and the gradient norm " + norm + ". Use a lower learning rate.", "optimizer.learningRate")
                        .asException();
            }
            optimizer.step(parameters.gradients(), step, learningRate);
            parameters.refresh().run();
            return new Update(figures, norm);
        }
    }

    /** What a checkpoint holds, by name: the weights and both moments. Loaded ones count after a {@link #refresh}. */
    public Map<String, Tensor> tensors() {
        return Map.of("weights", parameters.weights(), "moment1", optimizer.firstMoment(), "moment2",
                optimizer.secondMoment());
    }

    /** Copies the weights into what the decoder reads. */
    public void refresh() {
        parameters.refresh().run();
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
