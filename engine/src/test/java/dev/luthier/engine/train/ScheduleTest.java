package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
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

    @Test
    void metricPointsAreTenPercentAndAtLeastTenStepsApart() {
        assertThat(points(200)).containsExactly(20, 40, 60, 80, 100, 120, 140, 160, 180, 200);
        assertThat(points(35)).containsExactly(10, 20, 35);
        assertThat(points(7)).containsExactly(7);
    }

    private static List<Integer> points(int steps) {
        MetricPoints points = new MetricPoints(steps);
        return IntStream.rangeClosed(1, steps).filter(points::isAt).boxed().toList();
    }
}
