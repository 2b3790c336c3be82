package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataValidatorTest {
    private static final String GOOD = "{\"messages\":[{\"role\":\"assistant\",\"content\":\"ä\"}]}\n";

    @Test
    void validFileIsCounted() {
        DataReport report = check("\uFEFF" + GOOD + "\n \t\r\n" + GOOD + "\n");
        assertThat(report).isEqualTo(new DataReport(DataFormat.CHAT, 5, 2, 0, 3 + 2 * (GOOD.length() + 1) + 6,
                List.of(), 0, null, Map.of()));
        assertThat(report.isValid()).isTrue();
        assertThat(report.summary()).isEqualTo("2 samples, no faults");
    }

    @Test
    void emptyFileIsAFault() {
        for (String nothing : new String[]{"", "\n", " \r\n\n", "\uFEFF"}) {
            DataReport report = check(nothing);
            assertThat(report.format()).isNull();
            assertThat(report.summary()).isEqualTo("the file is empty: it has no line with a sample.");
            assertThat(report.passes(0.5)).isFalse();
        }
    }

    @Test
    void faultsCarryTheirLine() {
        DataReport report = check("\n" + GOOD + "{\"text\": 5 5}\n\n{\"messages\":[{}]}");
        assertThat(report.faults()).extracting(DataFault::toString).containsExactly(
                "line 3: not valid JSON: Unexpected character ('5' (code 53)): was expecting comma to separate Object "
                        + "entries (column 12).",
                "line 5, /messages/0: \"role\" is missing.",
                "line 5, /messages/0: \"content\" is missing. Give it a string.");
        assertThat(report.samples()).isEqualTo(3);
        assertThat(report.faultySamples()).isEqualTo(2);
        assertThat(report.summary()).startsWith("3 faults in 2 of 3 samples; the first: line 3: not valid JSON");
    }

    @Test
    void listInsteadOfLinesIsExplained() {
        assertThat(check("[\n" + GOOD).faults().getFirst().message()).contains("JSON Lines");
    }

    @Test
    void mixedFormatsAreAFault() {
        DataReport report = check(GOOD + "{\"text\":\"a\"}\n" + GOOD + "{\"text\":\"\"}\n");
        assertThat(report.format()).isEqualTo(DataFormat.CHAT);
        assertThat(report.faults()).extracting(DataFault::toString).containsExactly(
                "line 2: the line has text, but line 1 has messages. Put conversations and plain text into files of "
                        + "their own.",
                "line 4: the line has text, but line 1 has messages. Put conversations and plain text into files of "
                        + "their own.",
                "line 4, /text: must not be empty.");
        assertThat(report.faultySamples()).isEqualTo(2);
    }

    @Test
    void allFaultsAreCountedAndTheFirstHundredKept() {
        DataReport report = check(GOOD + "{}\n".repeat(2500));
        assertThat(report.faultCount()).isEqualTo(2500);
        assertThat(report.faultySamples()).isEqualTo(2500);
        assertThat(report.faults()).hasSize(100);
        assertThat(report.faults().getLast().line()).isEqualTo(101);
    }

    @Test
    void bytesThatAreNotUtf8AreAFault() {
        assertThat(check(GOOD + "{\"text\":\"ä\"}\n", StandardCharsets.ISO_8859_1).faults().getFirst()).hasToString(
                "line 1: byte 45 of the line (0xE4) is not UTF-8. Save the file as UTF-8.");
        assertThat(check("{\"text\":\"a\"}\n", StandardCharsets.UTF_16).faults().getFirst()).hasToString(
                "the file is text in UTF-16, not JSON Lines. Save it as UTF-8; or: ./luthier convert FILE --to chat -o "
                        + "OUT.jsonl converts a file.");
        assertThat(check("{\"text\":\"\uFFFD\"}").isValid()).isTrue();
    }

    @Test
    void lineBeyondTheLimitIsAFaultAndTheNextOnesCount() {
        DataReport report = check("{\"text\":\"" + "a".repeat(SampleReader.MAX_LINE_BYTES) + "\"}\n" + GOOD);
        assertThat(report.faults()).extracting(DataFault::toString)
                .containsExactly("line 1: the line has 16777227 bytes; "
                        + "at most 16777216 are allowed. Split the sample, or put a line break after each sample.");
        assertThat(report.validSamples()).isEqualTo(1);
        assertThat(check("{\"text\":\"" + "a".repeat(SampleReader.MAX_LINE_BYTES - 11) + "\"}").isValid()).isTrue();
    }

    @Test
    void shareOfFaultySamplesDecidesWhetherAFilePasses() {
        DataReport oneOfFour = check(GOOD.repeat(3) + "{}\n");
        assertThat(oneOfFour.passes(0)).isFalse();
        assertThat(oneOfFour.passes(0.24)).isFalse();
        assertThat(oneOfFour.passes(0.25)).isTrue();
        assertThat(check(GOOD.repeat(71) + "{}\n".repeat(29)).passes(0.29)).isTrue();
        assertThat(check(GOOD).passes(0)).isTrue();
        assertThat(check("{}\n").passes(0.5)).isFalse();
    }

    @Test
    void missingFileIsReported(@TempDir Path folder) {
        assertThatThrownBy(() -> DataValidator.checkFormat(folder.resolve("absent.jsonl")))
                .isInstanceOf(UncheckedIOException.class).hasMessageContaining("absent.jsonl");
    }

    private static DataReport check(String text) {
        return check(text, StandardCharsets.UTF_8);
    }

    private static DataReport check(String text, Charset charset) {
        return DataValidator.checkFormat(new ByteArrayInputStream(text.getBytes(charset)));
    }
}
