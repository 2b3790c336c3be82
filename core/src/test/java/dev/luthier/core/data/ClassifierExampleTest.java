package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The data of {@code examples/classifier} is what its README says. */
class ClassifierExampleTest {
    private static final Path DIRECTORY = Path.of("../examples/classifier");
    private static final List<String> FILES = List.of("train.jsonl", "valid.jsonl", "combinations.jsonl",
            "phrasing.jsonl");

    @Test
    void generatorReproducesEveryFileByteForByte(@TempDir Path directory) throws Exception {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                DIRECTORY.resolve("Generate.java").toString(), directory.toString()).redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile()).start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the generator ends").isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as(Files.readString(directory.resolve("output"))).isZero();
        for (String file : FILES) {
            assertThat(directory.resolve(file)).hasSameBinaryContentAs(DIRECTORY.resolve(file));
        }
    }

    @Test
    void everyFileHasEveryLabelAndNoFault() {
        for (String file : FILES) {
            DataReport report = DataValidator.checkFormat(DIRECTORY.resolve(file));
            assertThat(report.faults()).isEmpty();
            assertThat(report.format()).isEqualTo(DataFormat.LABELLED);
            DataReport.LabelCounts intent = Objects.requireNonNull(report.labels().get("intent"));
            assertThat(intent.labels()).containsOnlyKeys("command", "question", "fault", "thanks", "note");
            assertThat(intent.lists()).isFalse();
            DataReport.LabelCounts topics = Objects.requireNonNull(report.labels().get("topics"));
            assertThat(topics.labels()).containsOnlyKeys("light", "heating", "water", "machines", "doors");
            assertThat(topics.lists()).isTrue();
        }
    }

    @Test
    void noMessageStandsInTwoFiles() throws IOException {
        Set<String> seen = new HashSet<>();
        for (String file : FILES) {
            for (String line : Files.readAllLines(DIRECTORY.resolve(file))) {
                assertThat(seen.add(text(Json.parse(line)))).as(line).isTrue();
            }
        }
    }

    private static String text(JsonNode line) {
        return line.path("text").asString(line.at("/messages/0/content").asString(""));
    }
}
