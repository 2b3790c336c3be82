package dev.luthier.bench.train.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LogNormalLengthsTest {
    private final LogNormalLengths lengths = LogNormalLengths.of(180, 900);

    @Test
    void meanAndPercentileAreThoseAskedFor() {
        assertThat(lengths.quantile(0.99)).isCloseTo(900, within(1e-6));
        assertThat(Arrays.stream(lengths.quantiles(20_000, 1, 1_000_000)).average().orElseThrow())
                .isCloseTo(180, within(0.5));
    }

    @Test
    void quantilesOfTheNormalDistributionAreThoseOfTables() {
        assertThat(LogNormalLengths.normalQuantile(0.5)).isCloseTo(0, within(1e-9));
        assertThat(LogNormalLengths.normalQuantile(0.975)).isCloseTo(1.959963984540054, within(1e-9));
        assertThat(LogNormalLengths.normalQuantile(0.001)).isCloseTo(-3.090232306167813, within(1e-9));
    }

    @Test
    void lengthsStayWithinTheirBounds() {
        int[] bounded = lengths.quantiles(500, 16, 1024);
        assertThat(bounded).isSorted().contains(1024).doesNotContain(15, 1025);
        assertThat(bounded[0]).isGreaterThanOrEqualTo(16);
        assertThat(bounded[499]).isEqualTo(1024);
    }

    @Test
    void aPercentileThatNoSuchDistributionHasIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> LogNormalLengths.of(180, 170));
        assertThatIllegalArgumentException().isThrownBy(() -> LogNormalLengths.of(1, 1000));
    }
}
