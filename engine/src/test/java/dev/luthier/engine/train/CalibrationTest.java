package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.adapter.ClassifierConfig;
import dev.luthier.core.run.Task.LossFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CalibrationTest {

    private static ClassifierConfig.Target target(LossFunction function) {
        return new ClassifierConfig.Target("kind", List.of("a", "b", "c"), function, 1);
    }

    /** Labels are drawn by the probabilities that the scores have at a temperature. */
    private static List<LabelScores> drawn(LossFunction function, double temperature) {
        SplittableRandom random = new SplittableRandom(9);
        List<LabelScores> samples = new ArrayList<>();
        for (int i = 0; i < 4000; i++) {
            double[] scores = random.doubles(3, -5, 5).toArray();
            double[] probabilities = target(function).with(temperature).probabilities(scores);
            double draw = random.nextDouble();
            samples.add(new LabelScores(scores, switch (function) {
                case SINGLE_CLASS -> List.of(draw < probabilities[0] ? 0 : draw < 1 - probabilities[2] ? 1 : 2);
                case MULTI_CLASS -> IntStream.range(0, 3).filter(label -> random.nextDouble() < probabilities[label])
                        .boxed().toList();
            }));
        }
        return samples;
    }

    @ParameterizedTest
    @EnumSource
    void temperatureThatLabelsWereDrawnWithIsFound(LossFunction function) {
        List<LabelScores> samples = drawn(function, 2.5);
        Calibration calibration = Calibration.fit(target(function), samples);
        assertThat(calibration.target().temperature()).isCloseTo(2.5, within(0.15));
        assertThat(calibration.after().loss()).isLessThan(calibration.before().loss());
        assertThat(calibration.before().error()).isGreaterThan(0.05);
        assertThat(calibration.after().error()).isLessThan(0.02);
        assertThat(Calibration.fit(target(function), samples)).isEqualTo(calibration);
    }

    @ParameterizedTest
    @EnumSource
    void noOtherTemperatureHasALessLoss(LossFunction function) {
        List<LabelScores> samples = drawn(function, 0.7);
        Calibration calibration = Calibration.fit(target(function), samples);
        for (double factor : new double[]{0.99, 1.01}) {
            ClassifierConfig.Target other = calibration.target().with(factor * calibration.target().temperature());
            assertThat(Calibration.Fit.of(other, samples).loss()).isGreaterThan(calibration.after().loss());
        }
    }

    @Test
    void samplesThatAreAllToldRightDoNotMakeAClassifierCertain() {
        LabelScores right = new LabelScores(new double[]{2, 0, -1}, List.of(0));
        assertThat(Calibration.fit(target(LossFunction.SINGLE_CLASS), List.of(right)).target().temperature())
                .isCloseTo(0.1, within(1e-6));
    }

    @Test
    void expectedErrorIsTheDistanceOfProbabilityAndFrequency() {
        ReliabilityBins bins = new ReliabilityBins();
        for (int i = 0; i < 10; i++) {
            bins.add(0.9, i < 6);
            bins.add(0.1, i < 1);
        }
        bins.add(1, true);
        assertThat(bins.expectedError()).isCloseTo(3.0 / 21, within(1e-12));
    }
}
