package dev.luthier.engine.decoder;

import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Final norm, head and cross-entropy, computed only at rows that predict a target and a chunk of rows at a time, so that
 * the matrix of all logits never exists. Loss and gradient are made together: the chunk's logits become probabilities in
 * place, and these minus one at the targets are the gradient of the logits.
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
     * The loss of a pack and, if asked for, its gradient.
     *
     * @param hidden [T, D], output of the last layer
     * @param hiddenGradient [T, D], written; null for the loss alone
     * @param normalizer what loss and gradient are divided by: the weight sum of the whole step
     * @param tokenLosses [targets of the pack], written with the loss of each in nats; null if nobody needs them
     */
    LossSum run(Tensor hidden, Pack pack, @Nullable Tensor hiddenGradient, double normalizer,
            double @Nullable [] tokenLosses) {
        int targets = pack.targetRows().length;
        if (targets == 0) {
            if (hiddenGradient != null) {
                hiddenGradient.zero_();
            }
            return LossSum.ZERO;
        }
        int rows = (targets + ROW_MULTIPLE - 1) / ROW_MULTIPLE * ROW_MULTIPLE;
        long[] places = new long[rows];
        for (int i = 0; i < targets; i++) {
            places[i] = pack.targetRows()[i];
        }
        Tensor selected = hidden.index_select(0, HostMemory.longs(places)); // [T, D] -> [N, D]
        Tensor normed = scratch.rows("headNormed", rows, hidden.size(1));
        Tensor scale = RmsNorm.forward(selected, weights.finalNorm(), weights.config().rmsNormEps(), normed, scratch);
        Tensor normedGradient = hiddenGradient == null ? null : scratch.rows("headGradient", rows, hidden.size(1));
        LossSum sum = LossSum.ZERO;
        for (int start = 0; start < rows; start += chunkRows) {
            int count = Math.min(chunkRows, rows - start);
            sum = sum.plus(chunk(normed.narrow(0, start, count), pack, start, Math.min(count, targets - start),
                    normedGradient == null ? null : normedGradient.narrow(0, start, count), normalizer, tokenLosses));
        }
        if (hiddenGradient != null && normedGradient != null) {
            Tensor selectedGradient = scratch.rows("headSelected", rows, hidden.size(1)).zero_();
            RmsNorm.backward(normedGradient, selected, weights.finalNorm(), scale,
                    scratch, selectedGradient,
                    gradients == null ? null : gradients.finalNorm());
            hiddenGradient.zero_();
            Tensor real = HostMemory.longs(pack.targetRows());
            hiddenGradient.index_copy_(0, real, selectedGradient.narrow(0, 0, targets));
        }
        return sum;
    }

    /**
     * One chunk.
     *
     * @param normed [C, D]
     * @param start index of the chunk's first target
     * @param targets rows of the chunk that have a target; the rest is filling
     * @param gradient [C, D], written; null for the loss alone
     */
    private LossSum chunk(Tensor normed, Pack pack, int start, int targets, @Nullable Tensor gradient,
            double normalizer, double @Nullable [] tokenLosses) {
        int rows = (int) normed.size(0);
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
        LossSum sum = sum(targetProbabilities, others, best, pack, start, targets, tokenLosses);
        if (gradient != null) {
            probabilities.put_(places, others.neg());
            backward(probabilities, normed, gradient, rowScales(pack, start, targets, rows, normalizer));
        }
        return sum;
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
    private static LossSum sum(Tensor targetProbabilities, Tensor others, Tensor best, Pack pack, int start,
            int targets, double @Nullable [] tokenLosses) {
        float[] target = HostMemory.toFloats(targetProbabilities);
        float[] rest = HostMemory.toFloats(others);
        float[] highest = HostMemory.toFloats(best);
        double loss = 0;
        double weight = 0;
        long correct = 0;
        for (int i = 0; i < targets; i++) {
            double tokenLoss = target[i] > 0.5 && rest[i] < 0.5
                    ? -Math.log1p(-rest[i])
                    : -Math.log(Math.max(target[i], Float.MIN_NORMAL));
            if (Float.isNaN(target[i])) {
                tokenLoss = Double.NaN;
            }
            if (tokenLosses != null) {
                tokenLosses[start + i] = tokenLoss;
            }
            float tokenWeight = pack.targetWeights()[start + i];
            loss += tokenWeight * tokenLoss;
            weight += tokenWeight;
            correct += target[i] > highest[i] ? 1 : 0;
        }
        return new LossSum(loss, weight, targets, correct);
    }

    /** fp32 [C, 1]: loss weight / normalizer, 0 for filling. */
    private static Tensor rowScales(Pack pack, int start, int targets, int rows, double normalizer) {
        float[] scales = new float[rows];
        for (int i = 0; i < targets; i++) {
            scales[i] = (float) (pack.targetWeights()[start + i] / normalizer);
        }
        return HostMemory.floats(scales, rows, 1);
    }

    /** Scaling the narrow side of a product by rows is cheaper than scaling the logits. */
    private void backward(Tensor logitsGradient, Tensor normed, Tensor gradient, Tensor scales) {
        torch.mm_out(gradient, logitsGradient, weights.head()); // [C, V] -> [C, D]
        gradient.mul_(scales);
        if (gradients != null) {
            Tensor scaled = scratch.rows("headScaled", normed.size(0), normed.size(1));
            torch.mul_out(scaled, normed, scales);
            Tensor product = scratch.get("headWeight", weights.head().size(0), weights.head().size(1));
            torch.mm_out(product, logitsGradient.t(), scaled);
            gradients.head().add_(product);
        }
    }
}
