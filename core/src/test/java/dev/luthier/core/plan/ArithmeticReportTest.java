package dev.luthier.core.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ArithmeticReportTest {
    private static ArithmeticReport report(double bf16, double fp32) {
        return new ArithmeticReport("a CPU", "2.10.0", 2, true, bf16, fp32);
    }

    @Test
    void fasterTypeIsPickedAndBf16WhereBothAreAlike() {
        assertThat(report(350, 180).baseType()).isEqualTo("bf16");
        assertThat(report(170, 180).baseType()).isEqualTo("bf16");
        assertThat(report(150, 180).baseType()).isEqualTo("fp32");
        assertThat(report(2, 75).baseType()).isEqualTo("fp32");
    }

    @Test
    void typeThatTakesMoreThanTwiceTheTimeIsToldApart() {
        assertThat(report(2, 75).isMuchSlower("bf16")).isTrue();
        assertThat(report(2, 75).isMuchSlower("fp32")).isFalse();
        assertThat(report(350, 180).isMuchSlower("fp32")).isFalse();
        assertThat(report(400, 180).isMuchSlower("fp32")).isTrue();
    }

    @Test
    void reasonNamesTheCpuAndBothRates() {
        assertThat(report(2, 75).reason()).contains("a CPU").contains("2 GFLOP/s in bf16").contains("75 in fp32");
    }
}
