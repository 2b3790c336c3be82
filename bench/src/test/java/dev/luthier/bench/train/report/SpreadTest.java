package dev.luthier.bench.train.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void medianOfAnOddNumberIsTheMiddleOne() {
        assertThat(Spread.of(5, 1, 3)).isEqualTo(new Spread(3, 1, 5));
    }

    @Test
    void medianOfAnEvenNumberLiesBetweenTheTwoMiddleOnes() {
        assertThat(Spread.of(4, 1, 2, 9)).isEqualTo(new Spread(3, 1, 9));
    }

    @Test
    void textHasMedianThenLeastAndGreatest() {
        assertThat(Spread.of(1.5, 1, 2200.75).text(1)).isEqualTo("1.5 (1.0 to 2,200.8)");
    }

    @Test
    void nothingHasNoSpread() {
        assertThatIllegalArgumentException().isThrownBy(Spread::of);
    }
}
