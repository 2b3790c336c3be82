package dev.luthier.bench.train.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.luthier.bench.train.run.Plan;
import dev.luthier.core.plan.MemoryPlanner;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunSpec;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MeasuredMemoryTest {
    /** Gigabytes that trainers really took ({@code docs/benchmarks.md}), in packs of 2,048 tokens. */
    @ParameterizedTest
    @CsvSource({"SMOLLM2_135M, 1024, 2.18", "SMOLLM2_135M, 512, 2.04", "SMOLLM2_135M, 2048, 2.14",
            "SMOLLM2_360M, 512, 3.58", "QWEN2_5_0_5B, 512, 3.75"})
    void planIsWithinTenPercentOfWhatWasMeasured(BenchShape shape, int longestSample, double measured) {
        MemoryPlanner.Choice choice = new MemoryPlanner(shape.config(), MemoryPlanner.Longest.of(longestSample),
                Long.MAX_VALUE, true, true)
                .choose(
                        RunSpec.Lora.plain(Plan.RANK, Plan.ALPHA, RunSpec.Lora.LINEAR_LAYERS),
                        new RunSpec.Numerics("bf16", Quantization.NONE, ComputeDevice.CPU, 2, MemoryTier.KEEP, 0), null,
                        List.of(2048));
        assertThat(choice.peakBytes() / 1e9).isCloseTo(measured, withinPercentage(10));
    }
}
