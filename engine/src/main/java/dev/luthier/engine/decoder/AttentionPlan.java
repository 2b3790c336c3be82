package dev.luthier.engine.decoder;

import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Which keys the queries of a pack see, cut into blocks of consecutive query rows. Each block reads one run of keys, from
 * the first that any of its rows sees to its own last row; masks hide the rest. Short samples share a block; of long
 * ones, only the part up to the diagonal is computed. Cuts are where they cost the least.
 *
 * @param blocks in row order, together all rows
 */
record AttentionPlan(List<Block> blocks) {
    /**
     * Blocks begin and end at multiples of this, a divisor of {@link Pack#ROW_MULTIPLE}, and so do their keys: matrix
     * kernels are compiled per shape and kept.
     */
    private static final int CELL = 16;
    private static final int MOST_CELLS = 8;
    /** What a block costs beside its scores, in scores of a query head: measured on two cores. */
    private static final long BLOCK_COST = 12_000;

    /**
     * A block of queries.
     *
     * @param start first query row
     * @param rows query rows
     * @param keyStart first key row
     * @param keys key rows
     * @param earlierScores scores of a query head in all blocks before this one
     * @param masks of the runs of keys that some rows do not see
     */
    record Block(int start, int rows, int keyStart, int keys, long earlierScores, List<Mask> masks) {

        /** Scores of a query head in this block and all before it. */
        long scoresSoFar() {
            return earlierScores + (long) rows * keys;
        }
    }

    /**
     * Hides keys of a block.
     *
     * @param start first of its keys, counted from the block's first
     * @param scores [1, rows, 1, keys], to be added: 0 where a query sees a key and minus infinity elsewhere
     */
    record Mask(int start, Tensor scores) {}

    /**
     * Makes the plan of a pack; masks belong to the innermost scope.
     *
     * @param window tokens that a query sees, its own included; 0 is all of its sample before it
     */
    static AttentionPlan of(Pack pack, int window, DType type) {
        int[] starts = pack.sampleStarts();
        int[] firstKeys = IntStream.range(0, pack.rows()).map(row -> firstKey(starts, row, window)).toArray();
        List<Block> blocks = new ArrayList<>();
        long scores = 0;
        int start = 0;
        for (int end : ends(firstKeys)) {
            Block block = block(Arrays.copyOfRange(firstKeys, start, end), start, scores, type);
            scores = block.scoresSoFar();
            blocks.add(block);
            start = end;
        }
        return new AttentionPlan(blocks);
    }

    private static int firstKey(int[] starts, int row, int window) {
        return window == 0 ? starts[row] : Math.max(starts[row], row - window + 1);
    }

    /** Where blocks end so that all of them together cost the least, by dynamic programming over where the last begins. */
    private static List<Integer> ends(int[] firstKeys) {
        int cells = firstKeys.length / CELL;
        long[] least = new long[cells + 1];
        int[] begins = new int[cells + 1];
        for (int end = 1; end <= cells; end++) {
            least[end] = Long.MAX_VALUE;
            int first = Integer.MAX_VALUE;
            for (int begin = end - 1; begin >= Math.max(0, end - MOST_CELLS); begin--) {
                first = Math.min(first, keyStart(firstKeys, begin * CELL, (begin + 1) * CELL));
                long cost = least[begin] + (long) (end - begin) * CELL * (end * CELL - first) + BLOCK_COST;
                if (cost <= least[end]) {
                    least[end] = cost;
                    begins[end] = begin;
                }
            }
        }
        List<Integer> ends = new ArrayList<>();
        for (int end = cells; end > 0; end = begins[end]) {
            ends.add(end * CELL);
        }
        return ends.reversed();
    }

    private static int keyStart(int[] firstKeys, int from, int to) {
        return Arrays.stream(firstKeys, from, to).min().orElseThrow() / CELL * CELL;
    }

    /** @param firstKeys of the block's rows */
    private static Block block(int[] firstKeys, int start, long earlierScores, DType type) {
        int end = start + firstKeys.length;
        int keyStart = keyStart(firstKeys, 0, firstKeys.length);
        int seenByAll = Arrays.stream(firstKeys).max().orElseThrow(); // from here to the first row
        List<Mask> masks = new ArrayList<>();
        if (seenByAll < start) {
            addMask(masks, firstKeys, start, keyStart, keyStart, seenByAll, type);
            addMask(masks, firstKeys, start, keyStart, start, end, type);
        } else {
            addMask(masks, firstKeys, start, keyStart, keyStart, end, type);
        }
        return new Block(start, firstKeys.length, keyStart, end - keyStart, earlierScores, masks);
    }

    /** Hides keys of the run from key row {@code from} to before {@code to}, if there are any. */
    private static void addMask(List<Mask> masks, int[] firstKeys, int start, int keyStart, int from, int to,
            DType type) {
        int keys = to - from;
        if (keys == 0) {
            return;
        }
        float[] scores = new float[firstKeys.length * keys];
        Arrays.fill(scores, Float.NEGATIVE_INFINITY);
        for (int row = 0; row < firstKeys.length; row++) {
            int first = Math.max(firstKeys[row], from);
            int end = Math.min(start + row + 1, to);
            if (first < end) {
                Arrays.fill(scores, row * keys + first - from, row * keys + end - from, 0);
            }
        }
        masks.add(new Mask(from - keyStart,
                HostMemory.floats(scores, 1, firstKeys.length, 1, keys).to(type.scalarType())));
    }
}
