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
 * ones, only the part up to the diagonal is computed.
 *
 * @param blocks in row order, together all rows
 */
record AttentionPlan(List<Block> blocks) {
    private static final int BLOCK_ROWS = 128;
    private static final int KEY_MULTIPLE = 64;

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
        List<Block> blocks = new ArrayList<>();
        int[] starts = pack.sampleStarts();
        long scores = 0;
        for (int start = 0; start < pack.rows(); start += BLOCK_ROWS) {
            int end = Math.min(start + BLOCK_ROWS, pack.rows());
            int[] firstKeys = IntStream.range(start, end).map(row -> firstKey(starts, row, window)).toArray();
            int keyStart = Arrays.stream(firstKeys).min().orElseThrow() / KEY_MULTIPLE * KEY_MULTIPLE;
            int seenByAll = Arrays.stream(firstKeys).max().orElseThrow(); // from here to the first row
            List<Mask> masks = new ArrayList<>();
            if (seenByAll < start) {
                addMask(masks, firstKeys, start, keyStart, keyStart, seenByAll, type);
                addMask(masks, firstKeys, start, keyStart, start, end, type);
            } else {
                addMask(masks, firstKeys, start, keyStart, keyStart, end, type);
            }
            Block block = new Block(start, end - start, keyStart, end - keyStart, scores, masks);
            scores = block.scoresSoFar();
            blocks.add(block);
        }
        return new AttentionPlan(blocks);
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

    private static int firstKey(int[] starts, int row, int window) {
        return window == 0 ? starts[row] : Math.max(starts[row], row - window + 1);
    }
}
