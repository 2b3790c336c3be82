package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.chat.TrainingText;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link DataValidator#encode}: what a job finds in its data. */
final class DataEncodingTest {
    private static final Tokenizer TOKENIZER = Tokenizer
            .load(Path.of("src/test/resources/tokenizer/byte-level/tokenizer.json"));
    private static final SampleEncoder ENCODER = new SampleEncoder(TOKENIZER, null, OptionalInt.of(0), List.of(),
            "test");

    @TempDir
    Path folder;

    @AfterAll
    static void close() {
        TOKENIZER.close();
    }

    @Test
    void samplesKeepTheirOrderAndLinesForAnyNumberOfThreads() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= 2000; i++) {
            text.append(i % 7 == 0 ? "\n" : i % 11 == 0 ? "{}\n" : "{\"text\":\"line " + i + "\"}\n");
        }
        DataReport expected = null;
        for (int threads : new int[]{1, 3}) {
            List<Long> lines = new ArrayList<>();
            DataReport report = encode(text.toString(), 100, threads, (line, unit) -> {
                assertThat(TOKENIZER.decode(unit.sequences().getFirst().tokens(), true)).isEqualTo("line " + line);
                lines.add(line);
            });
            assertThat(lines).isSorted().hasSize((int) report.validSamples()).hasSizeGreaterThan(1500);
            assertThat(report).isEqualTo(expected == null ? report : expected);
            expected = report;
        }
    }

    @Test
    void tokensOfValidSamplesAreCounted() throws IOException {
        List<EncodedUnit> samples = new ArrayList<>();
        DataReport report = encode("{\"text\":\"a\"}\n\n{\"text\":\"the quick brown fox\"}\n{}\n", 100, 1,
                (line, sample) -> samples.add(sample));
        DataReport.TokenCounts tokens = Objects.requireNonNull(report.tokens());
        assertThat(samples).hasSize(2);
        assertThat(tokens).isEqualTo(new DataReport.TokenCounts(samples.get(0).length() + samples.get(1).length(),
                samples.get(0).targetTokens() + samples.get(1).targetTokens(), samples.get(1).length(), 3));
    }

    @Test
    void sampleBeyondTheContextIsReportedByItsLine() throws IOException {
        List<Long> lines = new ArrayList<>();
        DataReport report = encode("{\"text\":\"a\"}\n{\"text\":\"" + "x ".repeat(50) + "\"}\n", 20, 1,
                (line, sample) -> lines.add(line));
        assertThat(report.faults()).extracting(DataFault::toString)
                .containsExactly("line 2: the sample has 102 tokens; at most 20 are possible. Shorten or split it.");
        assertThat(lines).containsExactly(1L);
        assertThat(report.passes(0)).isFalse();
        assertThat(report.passes(0.5)).isTrue();
    }

    @Test
    void sampleWithoutTargetsIsAFault() throws IOException {
        Path file = Files.writeString(folder.resolve("data.jsonl"), "{\"text\":\"a\"}\n");
        SampleEncoder bare = new SampleEncoder(TOKENIZER,
                new Renderer(conversation -> new TrainingText("a b", List.of()),
                        conversation -> "a b"),
                OptionalInt.empty(), List.of(), "test");
        Path chat = Files.writeString(folder.resolve("chat.jsonl"),
                "{\"messages\":[{\"role\":\"assistant\",\"content\":\"a\"}]}\n");
        DataReport report = DataValidator.encode(chat, bare, 100, 1, (line, sample) -> {});
        assertThat(report.faults()).extracting(DataFault::toString).containsExactly(
                "line 1: no token of the sample counts in the loss, so there is nothing to learn.");
        assertThat(DataValidator.encode(file, bare, 100, 1, (line, sample) -> {}).isValid()).isTrue();
    }

    @Test
    void modelWithoutTemplateCannotTakeConversationsAtAll() throws IOException {
        String chat = "{\"messages\":[{\"role\":\"assistant\",\"content\":\"a\"}]}\n";
        assertThatThrownBy(() -> encode(chat.repeat(1000), 100, 2, (line, sample) -> {}))
                .isInstanceOf(ProblemException.class).hasMessageContaining("no chat template");
    }

    @Test
    void encodedFileHoldsTheValidSamples() throws IOException {
        Path data = Files.writeString(folder.resolve("data.jsonl"), "{\"text\":\"a b\"}\n{}\n{\"text\":\"c\"}\n");
        Path target = folder.resolve("data.tokens");
        try (EncodedFileWriter writer = new EncodedFileWriter(target, "00".repeat(32))) {
            DataReport report = DataValidator.encode(data, ENCODER, 100, 2, writer::add);
            writer.commit();
            assertThat(report.validSamples()).isEqualTo(2);
        }
        try (EncodedFile file = EncodedFile.open(target)) {
            assertThat(file.count()).isEqualTo(2);
            assertThat(file.get(1)).isEqualTo(ENCODER.encode(new Sample.Text("c")));
            assertThat(file.line(1)).isEqualTo(3);
        }
    }

    private DataReport encode(String text, int maxTokens, int threads, DataValidator.Sink sink) throws IOException {
        Path file = Files.writeString(folder.resolve("data.jsonl"), text);
        return DataValidator.encode(file, ENCODER, maxTokens, threads, sink);
    }
}
