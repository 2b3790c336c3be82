package dev.luthier.engine.decoder;

import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import java.util.Arrays;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Final norm, head and cross-entropy, computed only at rows that predict a target and a chunk of rows at a time, so that
 * the matrix of all logits never exists. Loss and gradient are made together: the chunk's logits become probabilities in
 * place, and these minus one at the targets are the gradient of the logits. What each row's gradient counts is applied to
 * the product with the head, which is narrower; so it may depend on the losses of the whole pack.
 *
 * <p>Legend: T tokens, N target rows with filling, C rows of a chunk, D hidden, V vocabulary.
 */
final class CrossEntropyHead {
    private static final long CHUNK_ELEMENTS = 1L << 24;
    private static final int ROW_MULTIPLE = 32;
    private static final int MAX_CHUNK_ROWS = 1024;

    private final DecoderWeights weights;
    private final @Nullable DecoderWeights gradients;
    private final Scratch scratch;
    private final int chunkRows;

    /** @param gradients fp32, or null when the weights are frozen */
    CrossEntropyHead(DecoderWeights weights, @Nullable DecoderWeights gradients, Scratch scratch) {
        this.weights = weights;
        this.gradients = gradients;
        this.scratch = scratch;
        long fitting = CHUNK_ELEMENTS / weights.config().vocabSize() / ROW_MULTIPLE * ROW_MULTIPLE;
        this.chunkRows = Math.clamp(fitting, ROW_MULTIPLE, MAX_CHUNK_ROWS);
    }

    /**
     * The losses of a pack's targets and, if asked for, the gradient.
     *
     * @param hidden [T, D], output of the last layer
     * @param hiddenGradient [T, D], written; null for the losses alone
     * @param factors of the targets' gradients; those of a model whose head learns too are by weight
     */
    TargetLosses run(Tensor hidden, Pack pack, @Nullable Tensor hiddenGradient, TokenFactors factors) {
        int targets = pack.targets();
        TargetLosses losses = new TargetLosses(targets);
        if (targets == 0) {
            if (hiddenGradient != null) {
                hiddenGradient.zero_();
            }
            return losses;
        }
        int rows = (targets + ROW_MULTIPLE - 1) / ROW_MULTIPLE * ROW_MULTIPLE;
        long[] places = new long[rows];
        for (int i = 0; i < targets; i++) {
            places[i] = pack.targetRows()[i];
        }
        Tensor selected = hidden.index_select(0, HostMemory.longs(places)); // [T, D] -> [N, D]
        Tensor normed = scratch.rows("headNormed", rows, hidden.size(1));
        Tensor scale = RmsNorm.forward(selected, weights.finalNorm(), weights.config().rmsNormEps(), normed, scratch);
        if (hiddenGradient == null) {
            chunks(normed, pack, null, null, losses);
            return losses;
        }
        Tensor known = factors instanceof TokenFactors.ByWeight(var normalizer)
                ? column(byWeight(pack, normalizer), rows)
                : null;
        Tensor gradient = scratch.rows("headGradient", rows, hidden.size(1)); // [N, D]
        chunks(normed, pack, gradient, known, losses);
        gradient.mul_(switch (factors) {
            case TokenFactors.ByWeight _ -> Objects.requireNonNull(known);
            case TokenFactors.ByLoss byLoss -> column(byLoss.of(losses), rows);
        });
        Tensor selectedGradient = scratch.rows("headSelected", rows, hidden.size(1)).zero_();
        RmsNorm.backward(gradient, selected, weights.finalNorm(), scale, scratch, selectedGradient,
                gradients == null ? null : gradients.finalNorm());
        hiddenGradient.zero_();
        hiddenGradient.index_copy_(0, HostMemory.longs(pack.targetRows()), selectedGradient.narrow(0, 0, targets));
        return losses;
    }

    /** @param factors [N, 1] as far as they are known, which the gradient of the head's own weights needs; else null */
    private void chunks(Tensor normed, Pack pack, @Nullable Tensor gradient, @Nullable Tensor factors,
            TargetLosses losses) {
        int rows = (int) normed.size(0);
        for (int start = 0; start < rows; start += chunkRows) {
            int count = Math.min(chunkRows, rows - start);
            chunk(normed.narrow(0, start, count), pack, start,
                    gradient == null ? null : gradient.narrow(0, start, count),
                    factors == null ? null : factors.narrow(0, start, count), losses);
        }
    }

    /**
     * One chunk.
     *
     * @param normed [C, D]
     * @param start index of the chunk's first target; rows behind the last target are filling
     * @param gradient [C, D], written, without the factors; null for the losses alone
     */
    private void chunk(Tensor normed, Pack pack, int start, @Nullable Tensor gradient, @Nullable Tensor factors,
            TargetLosses losses) {
        int rows = (int) normed.size(0);
        int targets = Math.min(rows, pack.targets() - start);
        long vocabulary = weights.config().vocabSize();
        long[] targetPlaces = new long[rows];
        for (int i = 0; i < rows; i++) {
            targetPlaces[i] = i * vocabulary + (i < targets ? pack.targetTokens()[start + i] : 0);
        }
        Tensor logits = scratch.get("logits", chunkRows, vocabulary).narrow(0, 0, rows);
        torch.mm_out(logits, normed, weights.headTransposed()); // [C, D] -> [C, V]
        Tensor probabilities = torch.softmax_out(logits, logits, -1, new ScalarTypeOptional());
        Tensor places = HostMemory.longs(targetPlaces);
        Tensor targetProbabilities = probabilities.take(places); // [C]
        Tensor zeros = torch.zeros_like(targetProbabilities);
        probabilities.put_(places, zeros);
        Tensor others = rowSums(probabilities); // [C, V] -> [C], what the other tokens get
        Tensor best = probabilities.amax(new long[]{-1}, false);
        read(targetProbabilities, others, best, start, targets, losses);
        if (gradient != null) {
            probabilities.put_(places, others.neg());
            torch.mm_out(gradient, probabilities, weights.head()); // [C, V] -> [C, D]
            if (gradients != null) {
                addHeadGradient(gradients, probabilities, normed, Objects.requireNonNull(factors, "factors by weight"));
            }
        }
    }

    /**
     * [C, V] to [C]. A product with ones is the fast way in bf16, where sums are made in fp32; in fp32 it loses digits
     * that {@code sum}, which adds in pairs, keeps.
     */
    private Tensor rowSums(Tensor matrix) {
        if (weights.type() == DType.FP32) {
            return matrix.sum(new long[]{1}, false, new ScalarTypeOptional());
        }
        Tensor ones = scratch.get("ones", matrix.size(1), 1).fill_(new Scalar(1.0));
        return torch.mm(matrix, ones).view(matrix.size(0));
    }

    /**
     * -log p, from the probability of the others where p is near 1: rounded to bf16, 1 - p would be lost.
     */
    private static void read(Tensor targetProbabilities, Tensor others, Tensor best, int start, int targets,
            TargetLosses losses) {
        float[] target = HostMemory.toFloats(targetProbabilities);
        float[] rest = HostMemory.toFloats(others);
        float[] highest = HostMemory.toFloats(best);
        for (int i = 0; i < targets; i++) {
            double loss = target[i] > 0.5 && rest[i] < 0.5
                    ? -Math.log1p(-rest[i])
                    : -Math.log(Math.max(target[i], Float.MIN_NORMAL));
            losses.set(start + i, Float.isNaN(target[i]) ? Double.NaN : loss, target[i] > highest[i]);
        }
    }

    private static float[] byWeight(Pack pack, double normalizer) {
        float[] factors = new float[pack.targets()];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = (float) (pack.targetWeights()[i] / normalizer);
        }
        return factors;
    }

    /** fp32 [N, 1]; 0 for filling. */
    private static Tensor column(float[] factors, int rows) {
        return HostMemory.floats(Arrays.copyOf(factors, rows), rows, 1);
    }

    private void addHeadGradient(DecoderWeights to, Tensor logitsGradient, Tensor normed, Tensor factors) {
        Tensor scaled = scratch.rows("headScaled", normed.size(0), normed.size(1));
        torch.mul_out(scaled, normed, factors);
        Tensor product = scratch.get("headWeight", weights.head().size(0), weights.head().size(1));
        torch.mm_out(product, logitsGradient.t(), scaled);
        to.head().add_(product);
    }
}
