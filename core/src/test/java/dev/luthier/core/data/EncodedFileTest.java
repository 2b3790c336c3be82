package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EncodedFileTest {
    private static final String FINGERPRINT = "0123456789abcdef".repeat(4);

    @TempDir
    Path folder;

    @Test
    void everyUnitComesBackWithItsLine() {
        for (long seed = 0; seed < 20; seed++) {
            RandomGenerator random = Seeded.generator(seed);
            List<EncodedUnit> units = new ArrayList<>();
            for (int i = random.nextInt(40); i > 0; i--) {
                units.add(unit(random));
            }
            Path path = folder.resolve("tokens");
            write(path, units);
            try (EncodedFile file = EncodedFile.open(path)) {
                assertThat(file.count()).isEqualTo(units.size());
                assertThat(file.fingerprint()).isEqualTo(FINGERPRINT);
                assertThat(file.tokens()).isEqualTo(units.stream().mapToLong(EncodedUnit::length).sum());
                assertThat(file.targetTokens())
                        .isEqualTo(units.stream().mapToLong(EncodedUnit::targetTokens).sum());
                for (int i = units.size() - 1; i >= 0; i--) {
                    assertThat(file.get(i)).as("seed %d unit %d", seed, i).isEqualTo(units.get(i));
                    assertThat(file.line(i)).isEqualTo(3L * i + 1);
                    assertThat(file.length(i)).isEqualTo(units.get(i).length());
                }
            }
        }
        assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
    }

    /** One sequence or two, some with labels. */
    private static EncodedUnit unit(RandomGenerator random) {
        List<EncodedSample> sequences = new ArrayList<>(List.of(sample(random, random.nextInt(1, 5000))));
        if (random.nextBoolean()) {
            sequences.add(sample(random, random.nextInt(1, 300)));
        }
        return new EncodedUnit(sequences, random.ints(random.nextInt(4), -1, 5).toArray());
    }

    private static EncodedSample sample(RandomGenerator random, int length) {
        int[] tokens = random.ints(length, 0, Integer.MAX_VALUE).toArray();
        float[] weights = new float[length];
        for (int i = 1; i < length; i++) {
            weights[i] = random.nextInt(2);
        }
        return new EncodedSample(tokens, weights);
    }

    private static void write(Path path, List<EncodedUnit> units) {
        try (EncodedFileWriter writer = new EncodedFileWriter(path, FINGERPRINT)) {
            for (int i = 0; i < units.size(); i++) {
                writer.add(3L * i + 1, units.get(i));
            }
            writer.commit();
        }
    }

    @Test
    void nothingIsLeftWithoutCommit() {
        try (EncodedFileWriter writer = new EncodedFileWriter(folder.resolve("tokens"), FINGERPRINT)) {
            writer.add(1, EncodedUnit.of(new EncodedSample(new int[]{1}, new float[]{0})));
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void truncatedFileIsRefused() throws IOException {
        Path path = folder.resolve("tokens");
        write(path, List.of(EncodedUnit.of(sample(Seeded.generator(1), 100))));
        byte[] bytes = Files.readAllBytes(path);
        for (int length : new int[]{0, 50, 300, bytes.length - 1}) {
            Files.write(path, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> EncodedFile.open(path)).isInstanceOf(ProblemException.class)
                    .hasMessageContaining(path.toString());
        }
    }

    @Test
    void fileWithAFlippedBitIsRefusedWhereverItIs() throws IOException {
        Path path = folder.resolve("tokens");
        write(path, List.of(
                new EncodedUnit(List.of(sample(Seeded.generator(1), 20), sample(Seeded.generator(3), 4)), new int[]{1}),
                EncodedUnit.of(sample(Seeded.generator(2), 5))));
        byte[] bytes = Files.readAllBytes(path);
        for (int at = 0; at < bytes.length; at++) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= 4;
            Files.write(path, damaged);
            assertThatThrownBy(() -> EncodedFile.open(path)).as("byte %d", at).isInstanceOf(ProblemException.class)
                    .hasMessageContaining(path.toString());
        }
    }

    @Test
    void otherWeightsThanZeroAndOneAreRefused() {
        try (EncodedFileWriter writer = new EncodedFileWriter(folder.resolve("tokens"), FINGERPRINT)) {
            EncodedSample half = new EncodedSample(new int[]{1, 2}, new float[]{0, 0.5f});
            assertThatThrownBy(() -> writer.add(1, EncodedUnit.of(half))).hasMessageContaining("0 or 1");
        }
    }

    @Test
    void sampleOutOfRangeIsRefused() {
        Path path = folder.resolve("tokens");
        write(path, List.of(EncodedUnit.of(sample(Seeded.generator(1), 3))));
        try (EncodedFile file = EncodedFile.open(path)) {
            assertThatThrownBy(() -> file.get(1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> file.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
