package dev.luthier.bench.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class PausesTest {
    private final Pauses pauses = new Pauses();

    @Test
    void withoutPausesAllTimeCounts() {
        assertThat(pauses.running(1000, 1700)).isEqualTo(700);
    }

    @Test
    void pauseBetweenTwoStepsIsTakenOut() {
        pauses.add(1005, 9005);
        assertThat(pauses.running(1000, 9700)).isEqualTo(700);
    }

    @Test
    void onlyThePartOfAPauseWithinTheStepsIsTakenOut() {
        pauses.add(500, 1100);
        pauses.add(1600, 2500);
        assertThat(pauses.running(1000, 1700)).isEqualTo(500);
    }

    @Test
    void pausesElsewhereDoNotCount() {
        pauses.add(0, 1000);
        pauses.add(1700, 5000);
        assertThat(pauses.running(1000, 1700)).isEqualTo(700);
    }

    @Test
    void severalPausesOfARoundAddUp() {
        pauses.add(1100, 1200);
        pauses.add(1300, 1500);
        assertThat(pauses.running(1000, 2000)).isEqualTo(700);
    }

    @Test
    void pauseThatEndsBeforeItBeginsIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> pauses.add(2, 1));
    }
}
