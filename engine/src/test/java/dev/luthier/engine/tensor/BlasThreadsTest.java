package dev.luthier.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class BlasThreadsTest {
    private static final int ROWS = 200;
    private static final int INNER = 130;
    private static final int COLUMNS = 170;

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere libtorch comes with other libraries")
    void poolsOfThreadsAreJoined() {
        Libtorch.start();

        assertThat(Libtorch.hasOneThreadPool()).isTrue();
    }

    /** More threads than cores, so that a job that waits for a job without a thread would show. */
    @Test
    void productsAreRightWithAnyNumberOfThreads() {
        Libtorch.start();
        int before = Libtorch.threads();
        SplittableRandom random = new SplittableRandom(7);
        float[] left = floats(random, ROWS * INNER);
        float[] right = floats(random, INNER * COLUMNS);
        double[] expected = product(left, right);
        try {
            for (int threads : new int[]{1, 2, 3, 8, 33, 1}) {
                Libtorch.share(threads);
                assertThat(largestError(left, right, expected)).as("%d threads", threads).isLessThan(1e-4);
            }
        } finally {
            Libtorch.setThreads(before);
        }
    }

    @Test
    void settingTakesNoMoreThreadsThanCores() {
        Libtorch.start();
        int before = Libtorch.threads();
        try {
            Libtorch.setThreads(4096);
            assertThat(Libtorch.threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
        } finally {
            Libtorch.setThreads(before);
        }
    }

    private static double largestError(float[] left, float[] right, double[] expected) {
        double largest = 0;
        try (TensorScope _ = TensorScope.open()) {
            Tensor result = torch.mm(HostMemory.floats(left, ROWS, INNER), HostMemory.floats(right, INNER, COLUMNS));
            float[] actual = HostMemory.toFloats(result);
            for (int i = 0; i < expected.length; i++) {
                largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
            }
        }
        return largest;
    }

    private static float[] floats(SplittableRandom random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    private static double[] product(float[] left, float[] right) {
        double[] result = new double[ROWS * COLUMNS];
        for (int row = 0; row < ROWS; row++) {
            for (int column = 0; column < COLUMNS; column++) {
                for (int i = 0; i < INNER; i++) {
                    result[row * COLUMNS + column] += (double) left[row * INNER + i] * right[i * COLUMNS + column];
                }
            }
        }
        return result;
    }
}
