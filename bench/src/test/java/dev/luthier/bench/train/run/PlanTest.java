package dev.luthier.bench.train.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.bench.train.input.BenchShape;
import dev.luthier.bench.train.input.DataKind;
import dev.luthier.core.run.MemoryTier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanTest {
    @ParameterizedTest
    @CsvSource({"D1, 8, 2048, 2", "D2, 8, 2048, 4", "D2, 8, 4096, 8", "D2, 8, 100000, 8", "D3, 2, 2048, 1",
            "D3, 2, 100, 1"})
    void passesOfATunedPeerHoldTokensUpToTheLimit(DataKind data, int samplesPerStep, int tokens,
            int expected) {
        assertThat(plan(data, samplesPerStep, tokens).peerMicroBatch()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"D1, 8, 104", "D3, 2, 26"})
    void dataIsOneEpoch(DataKind data, int samplesPerStep, int samples) {
        assertThat(plan(data, samplesPerStep, 2048).steps()).isEqualTo(13);
        assertThat(plan(data, samplesPerStep, 2048).samples()).isEqualTo(samples);
    }

    private static Plan plan(DataKind data, int samplesPerStep, int peerTokens) {
        return new Plan(BenchShape.SMOKE, data, "auto", 5, 2, samplesPerStep, 2, MemoryTier.KEEP, 2048, peerTokens, 10);
    }
}
