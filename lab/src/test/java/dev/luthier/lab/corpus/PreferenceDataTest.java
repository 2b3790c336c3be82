package dev.luthier.lab.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.data.DataFormat;
import dev.luthier.core.data.DataReport;
import dev.luthier.core.data.DataValidator;
import dev.luthier.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The data of the preference example is reproducible, valid, and really held out. */
class PreferenceDataTest {
    private static final Path DIRECTORY = Path.of("..", "examples", "preference");
    private static final String CHATS = "chats.jsonl";
    private static final String PAIRS = "pairs.jsonl";
    private static final String HELD_OUT = "held-out.jsonl";
    private static final Pattern BRIEF = Pattern.compile("The (\\w+) in the (\\w+) is (on|off)\\.");
    private static final Pattern CHATTY = Pattern
            .compile(".+! I have turned the (\\w+) in the (\\w+) (on|off) for you\\. .+");

    @Test
    void generatorReproducesEveryFileByteForByte(@TempDir Path directory) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder(java.toString(), DIRECTORY.resolve("Generate.java").toString(),
                directory.toString()).redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile()).start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the generator ends").isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as(Files.readString(directory.resolve("output"))).isZero();
        for (String file : List.of(CHATS, PAIRS, HELD_OUT)) {
            assertThat(directory.resolve(file)).hasSameBinaryContentAs(DIRECTORY.resolve(file));
        }
    }

    @Test
    void filesAreValidAndOfTheirFormat() {
        assertThat(report(CHATS)).extracting(DataReport::format, DataReport::validSamples)
                .containsExactly(DataFormat.CHAT, 900L);
        assertThat(report(PAIRS)).extracting(DataReport::format, DataReport::validSamples)
                .containsExactly(DataFormat.PAIR, 160L);
        assertThat(report(HELD_OUT)).extracting(DataReport::format, DataReport::validSamples)
                .containsExactly(DataFormat.PAIR, 60L);
    }

    private static DataReport report(String file) {
        return DataValidator.checkFormat(DIRECTORY.resolve(file));
    }

    @Test
    void bothAnswersOfAPairSayTheSameAndDifferInStyle() throws IOException {
        for (String file : List.of(PAIRS, HELD_OUT)) {
            for (JsonNode pair : lines(file)) {
                Matcher brief = BRIEF.matcher(pair.at("/preferred_output/0/content").asString());
                Matcher chatty = CHATTY.matcher(pair.at("/non_preferred_output/0/content").asString());
                assertThat(brief.matches() && chatty.matches()).as(pair.toString()).isTrue();
                assertThat(List.of(brief.group(1), brief.group(2), brief.group(3)))
                        .isEqualTo(List.of(chatty.group(1), chatty.group(2), chatty.group(3)));
            }
        }
    }

    @Test
    void heldOutPairsNameDevicesInPlacesThatTheOthersDoNot() throws IOException {
        Set<String> known = devicesInPlaces(CHATS);
        known.addAll(devicesInPlaces(PAIRS));
        assertThat(devicesInPlaces(HELD_OUT)).isNotEmpty().doesNotContainAnyElementsOf(known);
    }

    private static Set<String> devicesInPlaces(String file) throws IOException {
        Pattern object = Pattern.compile("the (\\w+) in the (\\w+)");
        Set<String> found = new HashSet<>();
        for (JsonNode line : lines(file)) {
            Matcher matcher = object.matcher(line.toString());
            while (matcher.find()) {
                found.add(matcher.group(1) + " " + matcher.group(2));
            }
        }
        return found;
    }

    private static List<JsonNode> lines(String file) throws IOException {
        return Files.readAllLines(DIRECTORY.resolve(file)).stream().map(Json::parse).toList();
    }
}
