package dev.luthier.engine.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionPlanTest {
    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "64, 0", "7 300 2, 0", "176 176 176, 0", "33 1 95 129 16 200, 0", "300 40, 32", "500, 100"})
    void everyQuerySeesTheKeysOfItsSampleUpToItsOwn(String lengths, int window) {
        try (TensorScope _ = TensorScope.open()) {
            Pack pack = pack(lengths);
            int row = 0;
            long scores = 0;
            for (AttentionPlan.Block block : AttentionPlan.of(pack, window, DType.FP32).blocks()) {
                assertThat(block.start()).isEqualTo(row);
                assertThat(block.rows()).isBetween(1, 128);
                assertThat(block.earlierScores()).isEqualTo(scores);
                assertThat(block.keyStart() + block.keys()).isEqualTo(block.start() + block.rows());
                boolean[][] hidden = hidden(block);
                for (int query = 0; query < block.rows(); query++) {
                    int first = pack.sampleStarts()[row];
                    if (window > 0) {
                        first = Math.max(first, row - window + 1);
                    }
                    for (int key = 0; key < block.keys(); key++) {
                        int keyRow = block.keyStart() + key;
                        assertThat(hidden[query][key]).as("query %d, key %d", row, keyRow)
                                .isEqualTo(keyRow < first || keyRow > row);
                    }
                    row++;
                }
                scores = block.scoresSoFar();
            }
            assertThat(row).isEqualTo(pack.rows());
        }
    }

    @Test
    void longSamplesAreCutAlongTheDiagonal() {
        assertThat(blocks("512")).containsExactly("128 of 128", "128 of 256", "128 of 384", "128 of 512");
    }

    @Test
    void shortSamplesShareABlock() {
        assertThat(blocks("40 40 40")).containsExactly("128 of 128");
    }

    @Test
    void blocksAreCutWhereTheyCostTheLeast() {
        // 6,400 + 16,896 + 9,216 + 23,296 scores in four blocks; a fifth for the last sample alone would save 8,192 of them and cost 12,000.
        assertThat(blocks("176 176 32")).containsExactly("80 of 80", "96 of 176", "96 of 96", "112 of 208");
    }

    private static List<String> blocks(String lengths) {
        try (TensorScope _ = TensorScope.open()) {
            return AttentionPlan.of(pack(lengths), 0, DType.FP32).blocks().stream()
                    .map(block -> block.rows() + " of " + block.keys()).toList();
        }
    }

    private static boolean[][] hidden(AttentionPlan.Block block) {
        boolean[][] hidden = new boolean[block.rows()][block.keys()];
        for (AttentionPlan.Mask mask : block.masks()) {
            float[] scores = HostMemory.toFloats(mask.scores());
            int keys = scores.length / block.rows();
            for (int i = 0; i < scores.length; i++) {
                hidden[i / keys][mask.start() + i % keys] = scores[i] == Float.NEGATIVE_INFINITY;
            }
        }
        return hidden;
    }

    private static Pack pack(String lengths) {
        List<EncodedSample> samples = new ArrayList<>();
        for (int length : Arrays.stream(lengths.split(" ")).mapToInt(Integer::parseInt).toArray()) {
            samples.add(new EncodedSample(new int[length], new float[length]));
        }
        return Pack.of(samples);
    }
}
