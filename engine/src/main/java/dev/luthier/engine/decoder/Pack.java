package dev.luthier.engine.decoder;

import dev.luthier.core.data.EncodedSample;
import java.util.ArrayList;
import java.util.List;

/**
 * A micro-batch: samples side by side in one row of tokens, none seeing another. The row is filled up to a multiple of
 * {@link #ROW_MULTIPLE} with tokens that belong to nobody, so that matrix shapes repeat.
 *
 * <p>Legend: T tokens with filling, N target tokens.
 */
public final class Pack {
    /** Matrix kernels are compiled per shape and cached; fewer shapes, fewer compilations. */
    static final int ROW_MULTIPLE = 64;

    private final int[] tokens;
    private final int[] sampleStarts;
    private final int[] positions;
    private final int realTokens;
    private final int[] targetRows;
    private final int[] targetTokens;
    private final float[] targetWeights;
    private final int[] targetEnds;
    private final int[] lastRows;

    private Pack(int[] tokens, int[] sampleStarts, int[] positions, int realTokens, int[] targetRows,
            int[] targetTokens, float[] targetWeights, int[] targetEnds, int[] lastRows) {
        this.tokens = tokens;
        this.sampleStarts = sampleStarts;
        this.positions = positions;
        this.realTokens = realTokens;
        this.targetRows = targetRows;
        this.targetTokens = targetTokens;
        this.targetWeights = targetWeights;
        this.targetEnds = targetEnds;
        this.lastRows = lastRows;
    }

    /** Rows of a pack of so many tokens. */
    static int rowsFor(int tokens) {
        return (tokens + ROW_MULTIPLE - 1) / ROW_MULTIPLE * ROW_MULTIPLE;
    }

    /** Packs samples in their order. */
    public static Pack of(List<EncodedSample> samples) {
        int real = samples.stream().mapToInt(sample -> sample.length()).sum();
        int rows = rowsFor(real);
        int[] tokens = new int[rows];
        int[] starts = new int[rows];
        int[] positions = new int[rows];
        List<Integer> targets = new ArrayList<>();
        float[] weights = new float[rows];
        int[] targetEnds = new int[samples.size()];
        int[] lastRows = new int[samples.size()];
        int start = 0;
        for (int sequence = 0; sequence < targetEnds.length; sequence++) {
            EncodedSample sample = samples.get(sequence);
            int length = sample.length();
            System.arraycopy(sample.tokens(), 0, tokens, start, length);
            System.arraycopy(sample.weights(), 0, weights, start, length);
            for (int i = 0; i < length; i++) {
                starts[start + i] = start;
                positions[start + i] = i;
                if (sample.weights()[i] != 0) {
                    targets.add(start + i);
                }
            }
            targetEnds[sequence] = targets.size();
            start += length;
            lastRows[sequence] = start - 1;
        }
        for (int row = real; row < rows; row++) {
            starts[row] = row;
        }
        int[] targetRows = new int[targets.size()];
        int[] targetTokens = new int[targetRows.length];
        float[] targetWeights = new float[targetRows.length];
        for (int i = 0; i < targetRows.length; i++) {
            int predicted = targets.get(i);
            targetRows[i] = predicted - 1;
            targetTokens[i] = tokens[predicted];
            targetWeights[i] = weights[predicted];
        }
        return new Pack(tokens, starts, positions, real, targetRows, targetTokens, targetWeights, targetEnds,
                lastRows);
    }

    /** T. */
    public int rows() {
        return tokens.length;
    }

    /** Tokens of the samples, without filling. */
    public int realTokens() {
        return realTokens;
    }

    /** [T]; do not change. */
    int[] tokens() {
        return tokens;
    }

    /** [T]: the row at which the sample of a row begins. */
    int[] sampleStarts() {
        return sampleStarts;
    }

    /** [T]: place in the sample. */
    int[] positions() {
        return positions;
    }

    /** Longest sample. */
    int maxLength() {
        int max = 0;
        for (int position : positions) {
            max = Math.max(max, position + 1);
        }
        return max;
    }

    /** [N]: the rows whose hidden state predicts a target. */
    int[] targetRows() {
        return targetRows;
    }

    /** [N]: the tokens to predict there. */
    int[] targetTokens() {
        return targetTokens;
    }

    /** [N]: their loss weights. */
    float[] targetWeights() {
        return targetWeights;
    }

    /** N. */
    public int targets() {
        return targetRows.length;
    }

    /** Of the targets, the index of the first that belongs to a sample; for the number of samples, N. */
    public int firstTarget(int sample) {
        return sample == 0 ? 0 : targetEnds[sample - 1];
    }

    /** Of each sample, the row of its last token; do not change. */
    int[] lastRows() {
        return lastRows;
    }

    /** Sum of the loss weights. */
    public double weightSum() {
        double sum = 0;
        for (float weight : targetWeights) {
            sum += weight;
        }
        return sum;
    }
}
