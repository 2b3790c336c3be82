package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.data.SampleOrder.Source;
import dev.luthier.core.data.SampleOrder.Visit;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class SampleOrderTest {

    @Test
    void oneFileIsVisitedWholeInEveryEpochInAnotherOrder() {
        SampleOrder order = new SampleOrder(List.of(new Source(50, 3)), 1);
        assertThat(order.epochSize()).isEqualTo(50);
        List<Visit> first = visits(order, 0, 50);
        List<Visit> second = visits(order, 50, 100);
        assertThat(first).doesNotHaveDuplicates().isNotEqualTo(second);
        assertThat(second).containsExactlyInAnyOrderElementsOf(first);
    }

    @Test
    void workedExampleOfTheDocumentation() {
        // 100 samples of weight 2, 60 of weight 1, 40 of weight 0.5: 100 + 30 + 10 = 140 an epoch.
        SampleOrder order = new SampleOrder(List.of(new Source(100, 2), new Source(60, 1), new Source(40, 0.5)), 5);
        assertThat(order.epochSize()).isEqualTo(140);
        int[][][] counts = new int[3][][];
        for (int file = 0; file < 3; file++) {
            counts[file] = counts(order, file, 100, 4);
        }
        for (int epoch = 0; epoch < 4; epoch++) {
            assertThat(counts[0][epoch]).containsOnly(1);
            assertThat(counts[1][epoch]).contains(1, 0);
        }
        assertThat(LongStream.range(0, 280).mapToObj(order::at).filter(visit -> visit.file() == 1))
                .as("all 60 samples of the second file within two epochs").hasSize(60).doesNotHaveDuplicates();
        assertThat(LongStream.range(0, 560).mapToObj(order::at).filter(visit -> visit.file() == 2))
                .as("all 40 samples of the third file within four epochs").hasSize(40).doesNotHaveDuplicates();
    }

    private static int[][] counts(SampleOrder order, int file, int samples, int epochs) {
        int[][] counts = new int[epochs][samples];
        for (long position = 0; position < order.epochStart(epochs); position++) {
            Visit visit = order.at(position);
            if (visit.file() == file) {
                counts[(int) order.epochOf(position)][visit.sample()]++;
            }
        }
        return counts;
    }

    @Test
    void sharesFollowTheWeightsForAnyFiles() {
        for (long seed = 0; seed < 60; seed++) {
            RandomGenerator random = Seeded.generator(seed);
            List<Source> sources = new ArrayList<>();
            for (int file = random.nextInt(6); file >= 0; file--) {
                sources.add(new Source(random.nextInt(1, 30), random.nextDouble(0.01, 4)));
            }
            double largest = sources.stream().mapToDouble(Source::weight).max().orElseThrow();
            SampleOrder order = new SampleOrder(sources, seed);
            int epochs = 40;
            long[][] visits = new long[sources.size()][30];
            for (long position = 0; position < order.epochStart(epochs); position++) {
                Visit visit = order.at(position);
                visits[visit.file()][visit.sample()]++;
            }
            for (int file = 0; file < sources.size(); file++) {
                Source source = sources.get(file);
                long[] ofFile = LongStream.of(visits[file]).limit(source.samples()).toArray();
                assertThat((double) LongStream.of(ofFile).sum()).as("seed %d file %d", seed, file)
                        .isCloseTo(epochs * source.samples() * source.weight() / largest, within(1.5));
                assertThat(LongStream.of(ofFile).max().orElseThrow() - LongStream.of(ofFile).min().orElseThrow())
                        .as("seed %d file %d: samples are visited equally often", seed, file).isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void noSampleOccursTwiceInAnEpoch() {
        for (long seed = 0; seed < 60; seed++) {
            RandomGenerator random = Seeded.generator(seed);
            SampleOrder order = new SampleOrder(List.of(new Source(7, 1), new Source(9, random.nextDouble(0.9, 1)),
                    new Source(5, random.nextDouble(0.9, 1)), new Source(3, random.nextDouble(0.01, 0.3))), seed);
            for (int epoch = 0; epoch < 30; epoch++) {
                assertThat(visits(order, order.epochStart(epoch), order.epochStart(epoch + 1)))
                        .as("seed %d epoch %d", seed, epoch).doesNotHaveDuplicates();
            }
        }
    }

    @Test
    void anyPositionCanBeAskedAtAnyTime() {
        List<Source> sources = List.of(new Source(11, 1), new Source(17, 0.37));
        SampleOrder forward = new SampleOrder(sources, 9);
        List<Visit> expected = visits(forward, 0, 300);
        assertThat(forward.at(3)).isEqualTo(expected.get(3));
        assertThat(new SampleOrder(sources, 9).at(250)).isEqualTo(expected.get(250));
    }

    @Test
    void seedDecidesTheOrder() {
        List<Source> sources = List.of(new Source(100, 1));
        assertThat(visits(new SampleOrder(sources, 1), 0, 100))
                .isNotEqualTo(visits(new SampleOrder(sources, 2), 0, 100));
    }

    @Test
    void emptyFileIsPassedOver() {
        SampleOrder order = new SampleOrder(List.of(new Source(0, 9), new Source(4, 1)), 1);
        assertThat(order.epochSize()).isEqualTo(4);
        assertThat(visits(order, 0, 4)).extracting(Visit::file).containsOnly(1);
        assertThatThrownBy(() -> new SampleOrder(List.of(new Source(0, 1)), 1)).hasMessage("no file has a sample");
    }

    @Test
    void epochsOfAFractionalSizeAddUp() {
        // 10 + 3 * 0.5 = 11.5 samples: 12, 11, 12, 11.
        SampleOrder order = new SampleOrder(List.of(new Source(10, 1), new Source(3, 0.5)), 1);
        assertThat(order.epochSize()).isEqualTo(12);
        assertThat(LongStream.rangeClosed(0, 4).map(order::epochStart)).containsExactly(0L, 12L, 23L, 35L, 46L);
        assertThat(order.epochOf(22)).isEqualTo(1);
        assertThat(order.epochOf(23)).isEqualTo(2);
    }

    private static List<Visit> visits(SampleOrder order, long from, long to) {
        return LongStream.range(from, to).mapToObj(order::at).toList();
    }
}
