package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.data.DataPreparation.Limits;
import dev.luthier.core.data.DataPreparation.Prepared;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.Task;
import dev.luthier.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataPreparationTest {
    private static final Tokenizer TOKENIZER = Tokenizer
            .load(Path.of("src/test/resources/tokenizer/byte-level/tokenizer.json"));
    private static final Limits LIMITS = new Limits(Task.SUPERVISED, 100, 0.5);

    @TempDir
    Path folder;
    Path data = Path.of("data.jsonl");
    Path target = Path.of("data.tokens");

    @BeforeEach
    void writeData() throws IOException {
        target = folder.resolve(target);
        data = Files.writeString(folder.resolve(data), "{\"text\":\"a b\"}\n{}\n");
    }

    @AfterAll
    static void close() {
        TOKENIZER.close();
    }

    @Test
    void samplesAreEncodedOnceAndThenFound() {
        assertThat(count(prepare("", "one", LIMITS), true)).isEqualTo(1);
        assertThat(count(prepare("", "one", LIMITS), false)).isEqualTo(1);
    }

    @Test
    void otherDataEncoderOrLimitsAreEncodedAnew() throws IOException {
        count(prepare("", "one", LIMITS), true);
        count(prepare("", "two", LIMITS), true);
        count(prepare("", "two", new Limits(Task.SUPERVISED, 50, 0.5)), true);
        Files.writeString(data, "{\"text\":\"a b\"}\n{\"text\":\"c\"}\n");
        assertThat(count(prepare("", "two", new Limits(Task.SUPERVISED, 50, 0.5)), true)).isEqualTo(2);
    }

    @Test
    void damagedSamplesAreEncodedAnew() throws IOException {
        Files.writeString(target, "torn");
        assertThat(count(prepare("", "one", LIMITS), true)).isEqualTo(1);
    }

    @Test
    void changedDataIsRefused() {
        String sha256 = "ab".repeat(32);
        assertThatThrownBy(() -> prepare(sha256, "one", LIMITS)).isInstanceOf(ProblemException.class)
                .hasMessageContaining(data + " was changed").hasMessageContaining(sha256);
    }

    @Test
    void dataWithTooManyFaultsLeavesNothingBehind() {
        assertThatThrownBy(() -> prepare("", "one", new Limits(Task.SUPERVISED, 100, 0.2)))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith(data + ": 1 fault in 1 of 2 samples; the first: line 2: ");
        assertThat(folder).isDirectoryNotContaining("glob:**.tmp").isDirectoryNotContaining("glob:**.tokens");
    }

    @Test
    void dataOfAnotherTaskIsRefused() {
        assertThatThrownBy(() -> prepare("", "one", new Limits(new Task.Preference(0.1, 0, false), 100, 0.5)))
                .isInstanceOf(ProblemException.class)
                .hasMessage(data + " has lines with text, of which the run's task takes none. Name another file.");
        assertThat(folder).isDirectoryNotContaining("glob:**.tmp").isDirectoryNotContaining("glob:**.tokens");
    }

    @Test
    void missingDataIsReported() throws IOException {
        Files.delete(data);
        assertThatThrownBy(() -> prepare("", "one", LIMITS)).isInstanceOf(ProblemException.class)
                .hasMessageStartingWith(data + " cannot be read");
    }

    private Prepared prepare(String sha256, String encoder, Limits limits) {
        return DataPreparation.prepare(data, sha256, target,
                new SampleEncoder(TOKENIZER, null, OptionalInt.of(0), List.of(), encoder), limits, 1);
    }

    private static int count(Prepared prepared, boolean anew) {
        try (EncodedFile samples = prepared.samples()) {
            assertThat(prepared.report().isPresent()).isEqualTo(anew);
            return samples.count();
        }
    }
}
