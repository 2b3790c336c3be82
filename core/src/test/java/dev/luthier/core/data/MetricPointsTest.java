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
        assertThat(steps(new MetricPoints(200, 1000, 0))).containsExactly(20, 40, 60, 80, 100, 120, 140, 160, 180, 200);
        assertThat(steps(new MetricPoints(35, 35, 0))).containsExactly(10, 20, 35);
        assertThat(steps(new MetricPoints(7, 8, 0))).containsExactly(7);
    }

    @Test
    void epochsEndAtPoints() {
        assertThat(steps(new MetricPoints(35, 12, 0))).containsExactly(10, 12, 20, 24, 35);
        assertThat(steps(new MetricPoints(6, 2, 0))).containsExactly(2, 4, 6);
        MetricPoints points = new MetricPoints(35, 12, 0);
        assertThat(IntStream.rangeClosed(1, 35).filter(points::endsEpoch)).containsExactly(12, 24);
    }

    @Test
    void asManyAsAreAskedForLieEvenly() {
        assertThat(steps(new MetricPoints(100, 1000, 4))).containsExactly(25, 50, 75, 100);
        assertThat(steps(new MetricPoints(10, 1000, 3))).containsExactly(4, 7, 10);
        assertThat(steps(new MetricPoints(3, 1000, 50))).containsExactly(1, 2, 3);
        assertThat(steps(new MetricPoints(10, 6, 2))).as("and the end of an epoch").containsExactly(5, 6, 10);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,5", "7,1", "35,12", "35,35", "40,20", "200,7", "200,10", "201,1000", "999,3"})
    void countIsThatOfThePoints(int steps, double stepsPerEpoch) {
        for (int evaluations : new int[]{0, 1, 2, 3, 7, 64, 1000}) {
            MetricPoints points = new MetricPoints(steps, stepsPerEpoch, evaluations);
            assertThat(points.count()).as("%d evaluations", evaluations).isEqualTo(steps(points).size());
        }
    }

    @Test
    void longestRunsAreCountedAtOnce() {
        assertThat(new MetricPoints(Integer.MAX_VALUE, 1e9, 0).count()).isEqualTo(12);
    }

    private static List<Integer> steps(MetricPoints points) {
        return IntStream.rangeClosed(1, points.steps()).filter(points::isAt).boxed().toList();
    }
}
