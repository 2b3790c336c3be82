package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TrainingPlanTest {
    /* 100 + 60 / 2 + 40 / 4 samples; 1000 + 1200 / 2 + 400 / 4 tokens. */
    private static final EpochSize DATA = EpochSize.of(List.of(new EpochSize.File(100, 1000, 300, 2),
            new EpochSize.File(60, 1200, 600, 1), new EpochSize.File(40, 400, 200, 0.5)));

    @Test
    void epochAddsUpFilesByTheirShare() {
        assertThat(DATA).isEqualTo(new EpochSize(140, 1700, 650));
        assertThat(EpochSize.of(List.of(new EpochSize.File(0, 0, 0, 9), new EpochSize.File(4, 8, 4, 1))))
                .isEqualTo(new EpochSize(4, 8, 4));
        assertThatThrownBy(() -> EpochSize.of(List.of())).hasMessage("no file has a sample");
    }

    @Test
    void epochAgreesWithTheOrder() {
        SampleOrder order = new SampleOrder(List.of(new SampleOrder.Source(100, 2), new SampleOrder.Source(60, 1),
                new SampleOrder.Source(40, 0.5)), 1);
        assertThat(order.samplesPerEpoch()).isEqualTo(DATA.samples());
    }

    @Test
    void epochsGiveStepsRoundedUp() {
        assertThat(TrainingPlan.of(DATA, 8, null, 1.0)).isEqualTo(new TrainingPlan(18, 8, 1, 97, 1749));
        assertThat(TrainingPlan.of(DATA, 7, null, 3.0).steps()).isEqualTo(60);
        assertThat(TrainingPlan.of(DATA, 1, null, 0.1).steps()).isEqualTo(14);
        assertThat(TrainingPlan.of(DATA, 1000, null, 0.001).steps()).isEqualTo(1);
    }

    @Test
    void stepsWinOverEpochs() {
        assertThat(TrainingPlan.of(DATA, 14, 25, 9.0)).isEqualTo(new TrainingPlan(25, 14, 2.5, 170, 4250));
    }

    @Test
    void neitherMeansOneEpoch() {
        assertThat(TrainingPlan.of(DATA, 14, null, null)).isEqualTo(new TrainingPlan(10, 14, 1, 170, 1700));
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> TrainingPlan.of(DATA, 0, null, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TrainingPlan.of(DATA, 1, 0, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TrainingPlan.of(DATA, 1, null, Double.NaN))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TrainingPlan.of(DATA, 1, null, 1e9)).isInstanceOf(ArithmeticException.class);
    }
}
