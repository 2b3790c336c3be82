package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands that check and convert training data. */
class DataCommandsTest {
    private static final String LINE = "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
            + "{\"role\":\"assistant\",\"content\":\"b\"}]}\n";

    @TempDir
    private Path temp;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine command = LuthierMain.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(arguments);
    }

    private int runWithInput(String input, String... arguments) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return run(arguments);
        } finally {
            System.setIn(before);
        }
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(temp.resolve(name), text).toString();
    }

    @Test
    void convertedDataIsValidAndWhatIsLeftOutIsSaid() throws IOException {
        String alpaca = file("alpaca.json",
                "[{\"instruction\": \"a\", \"output\": \"b\"}, {\"instruction\": \"c\", \"output\": \"\"}]");
        assertThat(run("validate", alpaca)).isEqualTo(1);
        assertThat(out.toString()).contains("./luthier convert FILE --to chat -o OUT.jsonl");
        Path converted = temp.resolve("chat.jsonl");
        assertThat(run("convert", alpaca, "--to", "chat", "-o", converted.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("element 2: /messages/1/content: must not be empty",
                "wrote 1 sample as chat to " + converted + "; 1 could not be converted");
        assertThat(run("validate", converted.toString())).isZero();
        assertThat(runWithInput("prompt,completion\na,b\n", "convert", "-", "--to", "chat")).isZero();
        assertThat(out.toString()).isEqualTo(LINE);
        assertThat(run("convert", alpaca)).isEqualTo(2);
        assertThat(run("convert", temp.resolve("none").toString(), "--to", "chat")).isEqualTo(1);
        assertThat(err.toString().strip()).hasLineCount(1).endsWith("is not a file.");
    }

    @Test
    void validateTakesSeveralFilesAndStandardInput() throws IOException {
        String good = file("good.jsonl", LINE.repeat(10));
        String few = file("few.jsonl", LINE);
        String bad = file("bad.jsonl", "{\"messages\":null}\n");
        assertThat(run("validate", good)).isZero();
        assertThat(out.toString()).contains("good.jsonl: 10 samples, no faults").doesNotContain("at least 10");
        assertThat(run("validate", good, few)).isZero();
        assertThat(out.toString()).contains("few.jsonl: 1 sample, no faults",
                "a training file of OpenAI's dialect needs at least 10 samples");
        assertThat(run("validate", good, bad)).isEqualTo(1);
        assertThat(out.toString()).contains("line 1, /messages: is null. Give a list of messages.");
        assertThat(runWithInput(LINE, "validate", "-")).isZero();
        assertThat(out.toString()).contains("standard input: 1 sample, no faults");
        assertThat(run("validate", good, bad, "--json")).isEqualTo(1);
        assertThat(Json.parse(out.toString()).get(1).path("faultCount").intValue()).isEqualTo(1);
        assertThat(run("validate", good, "--json")).isZero();
        assertThat(Json.parse(out.toString()).path("samples").intValue()).isEqualTo(10);
    }

    @Test
    void validateTellsTheLabelsOfAClassifiersData() throws IOException {
        String data = file("labels.jsonl", """
                {"text": "a", "labels": {"mood": "glad", "topics": ["art", "sport"]}}
                {"text": "b", "labels": {"mood": "sad"}}
                {"text": "c", "labels": {"mood": "glad"}}
                """);
        assertThat(run("validate", data)).isZero();
        assertThat(out.toString()).contains("target mood in 3 samples: glad 2, sad 1",
                "target topics in 1 sample: art 1, sport 1").doesNotContain("OpenAI");
    }

    @Test
    void validateTakesTheNameOfAModelInTheDataDirectory() throws IOException {
        String data = file("text.jsonl", "{\"text\":\"hello there\"}\n");
        Path models = Files.createDirectories(temp.resolve("home/models"));
        Files.createSymbolicLink(models.resolve("my-model"), Path.of("../models/luthier-tiny").toAbsolutePath());
        String home = temp.resolve("home").toString();
        assertThat(run("validate", data, "--model", "my-model", "--data-dir", home)).isZero();
        assertThat(out.toString()).contains("the longest sample has");
        assertThat(run("validate", data, "--model", "my-modle", "--data-dir", home)).isEqualTo(1);
        assertThat(err.toString().strip()).hasLineCount(1)
                .contains("my-modle is neither a model's directory nor the name",
                        "Models there: ")
                .contains("my-model");
        assertThat(run("validate", data, "--model", "my-model", "--data-dir", home, "--max-tokens", "1")).isEqualTo(1);
        assertThat(out.toString()).contains("line 1: the sample has").contains("at most 1 ");
    }
}
