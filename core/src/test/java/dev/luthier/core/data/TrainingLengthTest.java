package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.problem.ProblemException;
import org.junit.jupiter.api.Test;

final class TrainingLengthTest {

    @Test
    void epochsGiveStepsRoundedUp() {
        assertThat(TrainingLength.of(140, 8, null, 1.0)).isEqualTo(new TrainingLength(18, 1));
        assertThat(TrainingLength.of(140, 7, null, 3.0)).isEqualTo(new TrainingLength(60, 3));
        assertThat(TrainingLength.of(100, 16, null, 3.0)).isEqualTo(new TrainingLength(21, 3));
        assertThat(TrainingLength.of(11.5, 4, null, 2.5)).isEqualTo(new TrainingLength(8, 2.5));
        assertThat(TrainingLength.of(140, 1, null, 0.1).steps()).isEqualTo(14);
        assertThat(TrainingLength.of(140, 1000, null, 0.001).steps()).isEqualTo(1);
    }

    @Test
    void stepsWinOverEpochs() {
        assertThat(TrainingLength.of(140, 14, 25, 9.0)).isEqualTo(new TrainingLength(25, 2.5));
    }

    @Test
    void neitherMeansOneEpoch() {
        assertThat(TrainingLength.of(140, 14, null, null)).isEqualTo(new TrainingLength(10, 1));
    }

    @Test
    void tooManyEpochsAreTheUsersProblem() {
        assertThatThrownBy(() -> TrainingLength.of(140, 1, null, 1e9)).isInstanceOf(ProblemException.class)
                .hasMessage("1.0E9 epochs come to more than 2147483647 steps. Give fewer.");
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> TrainingLength.of(140, 0, null, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TrainingLength.of(140, 1, 0, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TrainingLength.of(140, 1, null, Double.NaN))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TrainingLength.of(0, 1, null, null)).isInstanceOf(IllegalArgumentException.class);
    }
}
