package dev.luthier.engine.decoder;

import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Which keys the queries of a pack see, cut into blocks of consecutive query rows. Each block reads one run of keys, from
 * the first that any of its rows sees to its own last row; a mask hides the rest. Short samples share a block; of long
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
     * @param mask [1, rows, 1, keys], 0 where a query sees a key and minus infinity elsewhere
     */
    record Block(int start, int rows, int keyStart, int keys, Tensor mask) {}

    /**
     * Makes the plan of a pack; masks belong to the innermost scope.
     *
     * @param window tokens that a query sees, its own included; 0 is all of its sample before it
     */
    static AttentionPlan of(Pack pack, int window, DType type) {
        List<Block> blocks = new ArrayList<>();
        int[] starts = pack.sampleStarts();
        for (int start = 0; start < pack.rows(); start += BLOCK_ROWS) {
            int end = Math.min(start + BLOCK_ROWS, pack.rows());
            int first = start;
            for (int row = start; row < end; row++) {
                first = Math.min(first, firstKey(starts, row, window));
            }
            int keyStart = first / KEY_MULTIPLE * KEY_MULTIPLE;
            int keys = end - keyStart;
            float[] mask = new float[(end - start) * keys];
            Arrays.fill(mask, Float.NEGATIVE_INFINITY);
            for (int row = start; row < end; row++) {
                int line = (row - start) * keys - keyStart;
                Arrays.fill(mask, line + firstKey(starts, row, window), line + row + 1, 0);
            }
            blocks.add(new Block(start, end - start, keyStart, keys,
                    HostMemory.floats(mask, 1, end - start, 1, keys).to(type.scalarType())));
        }
        return new AttentionPlan(blocks);
    }

    private static int firstKey(int[] starts, int row, int window) {
        return window == 0 ? starts[row] : Math.max(starts[row], row - window + 1);
    }
}
