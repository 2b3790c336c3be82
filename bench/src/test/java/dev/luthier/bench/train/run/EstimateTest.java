package dev.luthier.bench.train.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.bench.train.input.BenchData;
import dev.luthier.bench.train.input.DataKind;
import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.plan.ProbeReport;
import dev.luthier.core.plan.StepCosts;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import java.util.List;
import org.junit.jupiter.api.Test;

class EstimateTest {
    @Test
    void secondsAreThoseOfTokensTargetsPairsAndUpdates() {
        BenchData data = new BenchData(DataKind.D2, List.of(sample(10), sample(30)));
        Estimate estimate = Estimate.of(new ProbeReport("bf16", Quantization.NONE,
                MemoryTier.RECOMPUTE_LAYERS, 5,
                new StepCosts(1, 100, 0.5, 7, 0, 0), 9, 6), data, 2);
        // 40 tokens, 2 targets, 100 + 900 pairs, 2 updates.
        assertThat(estimate).isEqualTo(
                new Estimate("bf16", Quantization.NONE, MemoryTier.RECOMPUTE_LAYERS, (40 + 200 + 500 + 14) / 2.0, 5));
    }

    private static EncodedSample sample(int length) {
        float[] weights = new float[length];
        weights[length - 1] = 1;
        return new EncodedSample(new int[length], weights);
    }
}
