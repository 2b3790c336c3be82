package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PackerTest {

    @Test
    void longestGoesFirstAndEachTakesTheFirstRoom() {
        assertThat(Packer.pack(new int[]{2, 7, 3, 8, 5}, 10)).containsExactly(new int[]{3, 0}, new int[]{1, 2},
                new int[]{4});
    }

    @Test
    void sampleLongerThanTheLimitIsAlone() {
        assertThat(Packer.pack(new int[]{1, 25, 1}, 10)).containsExactly(new int[]{1}, new int[]{0, 2});
    }

    @Test
    void nothingGivesNothing() {
        assertThat(Packer.pack(new int[0], 10)).isEmpty();
    }

    @Test
    void emptySampleIsRefused() {
        assertThatThrownBy(() -> Packer.pack(new int[]{3, 0}, 10)).hasMessage("sample 1 has 0 tokens");
    }

    @Test
    void everySampleIsInExactlyOnePackWithinTheLimit() {
        for (long seed = 0; seed < 200; seed++) {
            RandomGenerator random = Seeded.generator(seed);
            int limit = random.nextInt(1, 200);
            int[] lengths = random.ints(random.nextInt(60), 1, 250).toArray();
            List<int[]> packs = Packer.pack(lengths, limit);
            assertThat(packs.stream().flatMapToInt(Arrays::stream).sorted()).as("seed %d", seed)
                    .containsExactlyElementsOf(IntStream.range(0, lengths.length).boxed().toList());
            for (int[] pack : packs) {
                int tokens = Arrays.stream(pack).map(i -> lengths[i]).sum();
                assertThat(pack.length == 1 || tokens <= limit).as("seed %d", seed).isTrue();
            }
            assertThat(Packer.pack(lengths, limit)).as("seed %d", seed).usingRecursiveComparison().isEqualTo(packs);
        }
    }

    @Test
    void packsAreNearTheLeastNumberPossible() {
        for (long seed = 0; seed < 100; seed++) {
            int[] lengths = Seeded.generator(seed).ints(100, 1, 101).toArray();
            double least = Math.ceil(Arrays.stream(lengths).sum() / 100.0);
            assertThat((double) Packer.pack(lengths, 100).size()).as("seed %d", seed)
                    .isLessThanOrEqualTo(11.0 / 9 * (least + 2) + 1);
        }
    }
}
