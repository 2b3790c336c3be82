package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricPointsTest {

    @Test
    void pointsAreTenPercentAndAtLeastTenStepsApart() {
        assertThat(steps(new MetricPoints(200, 1000))).containsExactly(20, 40, 60, 80, 100, 120, 140, 160, 180, 200);
        assertThat(steps(new MetricPoints(35, 35))).containsExactly(10, 20, 35);
        assertThat(steps(new MetricPoints(7, 8))).containsExactly(7);
    }

    @Test
    void epochsEndAtPoints() {
        assertThat(steps(new MetricPoints(35, 12))).containsExactly(10, 12, 20, 24, 35);
        assertThat(steps(new MetricPoints(6, 2))).containsExactly(2, 4, 6);
        MetricPoints points = new MetricPoints(35, 12);
        assertThat(IntStream.rangeClosed(1, 35).filter(points::endsEpoch)).containsExactly(12, 24);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,5", "7,1", "35,12", "35,35", "40,20", "200,7", "200,10", "201,1000", "999,3"})
    void countIsThatOfThePoints(int steps, double stepsPerEpoch) {
        MetricPoints points = new MetricPoints(steps, stepsPerEpoch);
        assertThat(points.count()).isEqualTo(steps(points).size());
    }

    @Test
    void longestRunsAreCountedAtOnce() {
        assertThat(new MetricPoints(Integer.MAX_VALUE, 1e9).count()).isEqualTo(12);
    }

    private static List<Integer> steps(MetricPoints points) {
        return IntStream.rangeClosed(1, points.steps()).filter(points::isAt).boxed().toList();
    }
}
