package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

final class LuthierMainTest {
    @TempDir
    Path temp;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine command = LuthierMain.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(arguments);
    }

    @Test
    void badUsageIsOneLineWithARemedyAndStatusTwo() {
        assertThat(run("jobs", "lst")).isEqualTo(2);
        assertThat(err.toString().strip()).hasLineCount(1).contains("Did you mean 'list'?");
        assertThat(run("keys")).isEqualTo(2);
        assertThat(run("chat")).isEqualTo(2);
        assertThat(run("validate", "x.jsonl", "--max-tokens", "10")).isEqualTo(2);
        assertThat(run("validate", "x.jsonl", "--probe")).isEqualTo(2);
    }

    @Test
    void failuresAreOneLineWithStatusOne() {
        assertThat(run("validate", temp.resolve("missing.jsonl").toString())).isEqualTo(1);
        assertThat(err.toString().strip()).hasLineCount(1).endsWith("is not a file.");
    }

    @Test
    void aServerThatDoesNotAnswerIsNamedWithTheRemedy() {
        assertThat(run("jobs", "list", "--url", "http://127.0.0.1:1", "--key", "k")).isEqualTo(1);
        assertThat(err.toString().strip()).hasLineCount(1).contains("./luthier serve");
    }

    @Test
    void validateNamesEveryFaultWithItsLine() throws IOException {
        Path file = temp.resolve("train.jsonl");
        Files.writeString(file, """
                {"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}
                {"messages":[{"role":"asistant","content":"b"}]}
                not json
                """);
        assertThat(run("validate", file.toString())).isEqualTo(1);
        assertThat(out.toString()).contains("line 2").contains("line 3").contains("of 3 samples");
        Files.writeString(file, "{\"text\":\"hello\"}\n");
        assertThat(run("validate", file.toString())).isZero();
    }

    @Test
    void validateSaysWhatATrainingTakes() throws IOException {
        Path file = temp.resolve("train.jsonl");
        Files.writeString(file, "{\"text\":\"hello there\"}\n");
        String model = Path.of("../models/luthier-tiny").toString();
        assertThat(run("validate", file.toString(), "--model", model)).isZero();
        assertThat(out.toString()).containsPattern("takes about 0\\.\\d\\d GB of memory \\(memory_tier keep\\)");
        out.getBuffer().setLength(0);
        assertThat(run("validate", file.toString(), "--model", model, "--json")).isZero();
        JsonNode training = Json.parse(out.toString()).path("training");
        assertThat(training.path("memoryTier").stringValue()).isEqualTo("keep");
        assertThat(training.path("expectedPeakMemoryBytes").longValue()).isGreaterThan(100_000_000);
        assertThat(training.path("problem").isNull()).isTrue();
    }
}
