package dev.luthier.bench.train.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.bench.train.input.BenchShape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingFlopsTest {
    /** 4 P + 4 a V H + 6 P_l + 7 L s d_a, worked out by hand from the shapes. */
    @ParameterizedTest
    @CsvSource({"SMOLLM2_135M, 1, 615e6", "SMOLLM2_135M, 0.3, 535e6", "SMOLLM2_360M, 1, 1583e6",
            "QWEN2_5_0_5B, 1, 2079e6", "QWEN2_5_0_5B, 0.3, 1698e6"})
    void operationsOfATokenAtRank8AndLength512(BenchShape shape, double targetShare, double expected) {
        assertThat(TrainingFlops.perToken(shape, 8, targetShare, 512, false)).isCloseTo(expected, within(1e6));
    }
}
