package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    @Test
    void rateRisesLinearlyThenFallsAlongACosine() {
        LearningRate rate = LearningRate.cosine(1, 100, 0.1);
        assertThat(rate.at(1)).isCloseTo(0.1, within(1e-12));
        assertThat(rate.at(10)).isEqualTo(1);
        assertThat(rate.at(11)).isEqualTo(1);
        assertThat(rate.at(56)).isCloseTo(0.5, within(1e-12));
        assertThat(rate.at(100)).isPositive().isLessThan(0.001);
    }

    @Test
    void plateauKeepsThePeak() {
        LearningRate rate = new LearningRate(2, 100, 10, 20);
        assertThat(IntStream.rangeClosed(10, 81).mapToDouble(rate::at)).containsOnly(2.0);
        assertThat(rate.at(82)).isLessThan(2);
        assertThatThrownBy(() -> new LearningRate(2, 100, 90, 20)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void wholeRunMayBeWarmUp() {
        assertThat(LearningRate.cosine(1, 3, 1).at(3)).isEqualTo(1);
    }
}
