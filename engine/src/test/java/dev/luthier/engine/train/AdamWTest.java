package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorScope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AdamWTest {
    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    /** Values of torch.optim.AdamW (torch 2.13), lr 0.1, betas (0.9, 0.99), eps 1e-6, weight_decay 0.2. */
    @Test
    void twoStepsEqualTorchOptimAdamW() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor weights = HostMemory.floats(new float[]{1f, -2f, 3f}, 3);
            try (AdamW optimizer = new AdamW(weights, new AdamW.Settings(0.9, 0.99, 1e-6, 0.2),
                    List.of(new AdamW.Span(0, 3)))) {
                optimizer.step(HostMemory.floats(new float[]{0.5f, -0.25f, 0f}, 3), 1, 0.1);
                optimizer.step(HostMemory.floats(new float[]{-0.1f, -0.25f, 2f}, 3), 2, 0.1);
            }
            assertThat(HostMemory.toFloats(weights)).containsExactly(EXPECTED, within(1e-6f));
        }
    }

    private static final float[] EXPECTED = {0.811191f, -1.722801f, 2.806954f};

    @Test
    void onlyDecayedSpansShrink() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor weights = HostMemory.floats(new float[]{1f, 1f}, 2);
            try (AdamW optimizer = new AdamW(weights, new AdamW.Settings(0.9, 0.99, 1e-6, 0.5),
                    List.of(new AdamW.Span(1, 1)))) {
                optimizer.step(HostMemory.floats(new float[]{0f, 0f}, 2), 1, 0.1);
            }
            assertThat(HostMemory.toFloats(weights)).containsExactly(1f, 0.95f);
        }
    }

    @Test
    void clippingScalesToTheLargestNormAndReturnsTheOneBefore() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor gradients = HostMemory.floats(new float[]{3f, 4f}, 2);
            assertThat(AdamW.clip(gradients, 0)).isEqualTo(5);
            assertThat(AdamW.clip(gradients, 10)).isEqualTo(5);
            assertThat(HostMemory.toFloats(gradients)).containsExactly(3f, 4f);
            assertThat(AdamW.clip(gradients, 1)).isEqualTo(5);
            assertThat(HostMemory.toFloats(gradients)).containsExactly(new float[]{0.6f, 0.8f}, within(1e-5f));
        }
    }
}
