package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.run.Task.LossFunction;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TargetLossTest {
    private static final double STEP = 1e-5;

    @ParameterizedTest
    @EnumSource
    void gradientIsTheDerivativeOfTheLoss(LossFunction function) {
        SplittableRandom random = new SplittableRandom(5);
        for (int round = 0; round < 200; round++) {
            double[] scores = random.doubles(random.nextInt(2, 7), -6, 6).toArray();
            List<Integer> labels = IntStream.range(0, scores.length).filter(_ -> random.nextBoolean()).boxed().toList();
            if (labels.isEmpty() && function == LossFunction.SINGLE_CLASS) {
                labels = List.of(random.nextInt(scores.length));
            }
            double[] gradient = TargetLoss.of(function, scores, labels).gradient();
            for (int i = 0; i < scores.length; i++) {
                double more = TargetLoss.of(function, moved(scores, i, STEP), labels).value();
                double less = TargetLoss.of(function, moved(scores, i, -STEP), labels).value();
                assertThat(gradient[i]).isCloseTo((more - less) / (2 * STEP), within(1e-9));
            }
        }
    }

    private static double[] moved(double[] scores, int place, double by) {
        double[] moved = scores.clone();
        moved[place] += by;
        return moved;
    }

    @Test
    void oneOfFourEqualScoresHasTheLogarithmOfFour() {
        TargetLoss loss = TargetLoss.of(LossFunction.SINGLE_CLASS, new double[]{2, 2, 2, 2}, List.of(3));
        assertThat(loss.value()).isCloseTo(Math.log(4), within(1e-15));
        assertThat(loss.gradient()).containsExactly(new double[]{0.25, 0.25, 0.25, -0.75}, within(1e-15));
    }

    @Test
    void severalLabelsOfASingleClassHaveEqualShares() {
        double[] scores = {1, -2, 0.5};
        double both = TargetLoss.of(LossFunction.SINGLE_CLASS, scores, List.of(0, 2)).value();
        double first = TargetLoss.of(LossFunction.SINGLE_CLASS, scores, List.of(0)).value();
        double last = TargetLoss.of(LossFunction.SINGLE_CLASS, scores, List.of(2)).value();
        assertThat(both).isCloseTo((first + last) / 2, within(1e-15));
    }

    @Test
    void mostProbableLabelMustBeOneThatHolds() {
        assertThat(TargetLoss.of(LossFunction.SINGLE_CLASS, new double[]{1, 3, 2}, List.of(1)).correct()).isTrue();
        assertThat(TargetLoss.of(LossFunction.SINGLE_CLASS, new double[]{1, 3, 2}, List.of(0, 1)).correct()).isTrue();
        assertThat(TargetLoss.of(LossFunction.SINGLE_CLASS, new double[]{1, 3, 2}, List.of(2)).correct()).isFalse();
    }

    @Test
    void allLabelsOfAMultiClassMustBeToldRight() {
        assertThat(TargetLoss.of(LossFunction.MULTI_CLASS, new double[]{1, -3, 2}, List.of(0, 2)).correct()).isTrue();
        assertThat(TargetLoss.of(LossFunction.MULTI_CLASS, new double[]{1, -3, 2}, List.of(0)).correct()).isFalse();
        assertThat(TargetLoss.of(LossFunction.MULTI_CLASS, new double[]{-1, -3, -2}, List.of()).correct()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void lossOfScoresFarApartIsStillANumber(LossFunction function) {
        TargetLoss wrong = TargetLoss.of(function, new double[]{4000, -4000}, List.of(1));
        assertThat(wrong.value()).isEqualTo(function == LossFunction.SINGLE_CLASS ? 8000 : 4000);
        TargetLoss right = TargetLoss.of(function, new double[]{4000, -4000}, List.of(0));
        assertThat(right.value()).isZero();
        assertThat(right.gradient()).containsExactly(new double[]{0, 0}, within(0.0));
    }
}
