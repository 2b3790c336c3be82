package dev.luthier.core.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.data.SampleOrder;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PackLengthsTest {
    private static int first(String type, int samplesPerStep, int... lengths) {
        SampleOrder order = new SampleOrder(List.of(new SampleOrder.Source(lengths.length, 1)), 3);
        return PackLengths.suiting(type, order, visit -> lengths[visit.sample()], samplesPerStep).getFirst();
    }

    private static int[] samples(int count, int length) {
        return IntStream.generate(() -> length).limit(count).toArray();
    }

    @Test
    void fp32TakesShorterPacksWhereSamplesFillThem() {
        assertThat(first("fp32", 8, samples(100, 512))).isEqualTo(1024);
        assertThat(first("bf16", 8, samples(100, 512))).isEqualTo(2048);
    }

    @Test
    void stepsThatWouldLeavePacksHalfEmptyStayWhole() {
        assertThat(first("fp32", 8, samples(100, 180))).as("1,440 tokens a step").isEqualTo(2048);
        assertThat(first("fp32", 8, samples(100, 600))).as("one sample a pack").isEqualTo(2048);
        assertThat(first("fp32", 1, 20)).as("one sample in all").isEqualTo(2048);
    }

    @Test
    void stepsOfManySamplesAreLookedAtOnce() {
        assertThat(first("fp32", 65_536, samples(100, 32))).isEqualTo(1024);
    }
}
