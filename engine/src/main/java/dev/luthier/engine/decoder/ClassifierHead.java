package dev.luthier.engine.decoder;

import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.TensorScope;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The head of a classifier: scores of labels from the last token of each text, {@code z = w norm(h)}, in fp32 whatever
 * the type of the model. One thread.
 *
 * <p>Legend: T tokens, N texts, D hidden, C labels of all targets.
 */
public final class ClassifierHead implements AutoCloseable {
    private final DecoderWeights model;
    private final Tensor weight;
    private final @Nullable Tensor weightGradient;
    private final Scratch scratch = new Scratch(DType.FP32);

    /**
     * @param model whose final norm comes before the head; not owned
     * @param weight fp32 [C, D]; not owned
     * @param weightGradient fp32 [C, D], where gradients are added; null if it does not learn. Not owned
     */
    public ClassifierHead(DecoderWeights model, Tensor weight, @Nullable Tensor weightGradient) {
        this.model = model;
        this.weight = weight;
        this.weightGradient = weightGradient;
    }

    /** A loss of the scores of a pack. */
    @FunctionalInterface
    public interface ScoreLoss {
        /**
         * Its gradient, [N][C].
         *
         * @param scores [N][C]
         */
        float[][] gradient(float[][] scores);
    }

    /** The last rows of a hidden state after the final norm; what its gradient needs. */
    private record Normed(Tensor rows, Tensor hidden, Tensor norm, Tensor scale, Tensor values) {}

    /**
     * The scores of texts.
     *
     * @param hidden [T, D], output of the last layer
     * @param lastRows [N], the rows of the last tokens
     * @return [N][C]
     */
    public float[][] scores(Tensor hidden, int[] lastRows) {
        try (TensorScope _ = TensorScope.open()) {
            return scores(normed(hidden, lastRows));
        }
    }

    /** The scores of a pack's samples, [N][C]; without gradients. */
    public Head<float[][]> scores(Pack pack) {
        return (hidden, _) -> scores(hidden, pack.lastRows());
    }

    /** The scores of a pack's samples, [N][C]; adds the gradients of a loss. */
    public Head<float[][]> learn(Pack pack, ScoreLoss loss) {
        Tensor addTo = Objects.requireNonNull(weightGradient, "a head that learns");
        return (hidden, gradient) -> learn(hidden, pack.lastRows(), loss, addTo, Objects.requireNonNull(gradient));
    }

    private float[][] learn(Tensor hidden, int[] lastRows, ScoreLoss loss, Tensor addTo, Tensor hiddenGradient) {
        try (TensorScope _ = TensorScope.open()) {
            Normed normed = normed(hidden, lastRows);
            float[][] scores = scores(normed);
            Tensor gradient = tensor(loss.gradient(scores)); // [N, C]
            addTo.addmm_(gradient.t(), normed.values);
            Tensor rows = torch.zeros_like(normed.hidden); // [N, D]
            RmsNorm.backward(torch.mm(gradient, weight), normed.hidden, normed.norm, normed.scale, scratch, rows, null);
            hiddenGradient.zero_();
            hiddenGradient.index_copy_(0, normed.rows, rows.to(hiddenGradient.scalar_type()));
            return scores;
        }
    }

    private Normed normed(Tensor hidden, int[] lastRows) {
        Tensor rows = HostMemory.longs(lastRows);
        Tensor last = hidden.index_select(0, rows).to(ScalarType.Float); // [T, D] -> [N, D]
        Tensor norm = model.finalNorm().to(ScalarType.Float);
        Tensor values = torch.empty_like(last);
        Tensor scale = RmsNorm.forward(last, norm, model.config().rmsNormEps(), values, scratch);
        return new Normed(rows, last, norm, scale, values);
    }

    private float[][] scores(Normed normed) {
        int labels = (int) weight.size(0);
        float[] flat = HostMemory.toFloats(torch.mm(normed.values, weight.t())); // [N, D] -> [N, C]
        float[][] scores = new float[flat.length / labels][labels];
        for (int i = 0; i < scores.length; i++) {
            System.arraycopy(flat, i * labels, scores[i], 0, labels);
        }
        return scores;
    }

    private static Tensor tensor(float[][] rows) {
        int columns = rows[0].length;
        float[] flat = new float[rows.length * columns];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, flat, i * columns, columns);
        }
        return HostMemory.floats(flat, rows.length, columns);
    }

    @Override
    public void close() {
        scratch.close();
    }
}
