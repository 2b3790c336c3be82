package dev.luthier.bench.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.bench.train.input.BenchShape;
import dev.luthier.bench.train.input.DataKind;
import dev.luthier.bench.train.run.Peer;
import dev.luthier.bench.train.run.Plan;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class GoalsTest {
    @Test
    void goalIsMetAtItsVeryValue() {
        assertThat(Goals.atLeast(OptionalDouble.of(3), 3)).isEqualTo("at least 3: met");
        assertThat(Goals.atLeast(OptionalDouble.of(1.9), 1.89)).isEqualTo("at least 1.9: missed");
        assertThat(Goals.atMost(OptionalDouble.of(0.5), 0.5)).isEqualTo("at most 0.5: met");
        assertThat(Goals.atMost(OptionalDouble.of(0.5), 0.51)).isEqualTo("at most 0.5: missed");
        assertThat(Goals.atLeast(OptionalDouble.empty(), 1)).isEmpty();
    }

    @Test
    void estimateMayBeOffToBothSides() {
        assertThat(Goals.within(0.1, 2, 2.1)).isEqualTo("+5 %, within 10 %: met");
        assertThat(Goals.within(0.1, 2, 1.7)).isEqualTo("-15 %, within 10 %: missed");
        assertThat(Goals.within(0.15, 2.52, 3.06)).isEqualTo("+21 %, within 15 %: missed");
    }

    @Test
    void triesOfTheHarnessHaveNoGoals() {
        for (DataKind data : DataKind.values()) {
            Plan plan = new Plan(BenchShape.SMOKE, data, "auto", 1, 1, 1, 1, null, 64, 64, 10);
            assertThat(Goals.utilisation(plan, "bf16")).isEmpty();
            for (Peer peer : Peer.values()) {
                assertThat(Goals.speed(plan, "bf16", peer)).isEmpty();
                assertThat(Goals.memory(plan, "bf16", peer)).isEmpty();
            }
        }
    }

    @Test
    void goalsDependOnTheNumberType() {
        Plan plan = new Plan(BenchShape.SMOLLM2_135M, DataKind.D2, "auto", 1, 1, 1, 1, null, 64, 64, 10);
        assertThat(Goals.speed(plan, "bf16", Peer.TUNED)).hasValue(1.9);
        assertThat(Goals.speed(plan, "fp32", Peer.TUNED)).hasValue(1.4);
        assertThat(Goals.utilisation(plan, "fp32")).hasValue(0.78);
        assertThat(Goals.memory(plan, "fp32", Peer.TUNED)).hasValue(0.45);
    }
}
