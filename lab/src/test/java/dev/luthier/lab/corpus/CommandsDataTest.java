package dev.luthier.lab.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import dev.luthier.lab.corpus.CommandsData.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The demonstration data is what its README says: reproducible, well-formed, and really held out. */
class CommandsDataTest {
    @Test
    void generatorReproducesEveryFileByteForByte(@TempDir Path directory) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder(java.toString(),
                CommandsData.DIRECTORY.resolve("Generate.java").toString(), directory.toString())
                .redirectErrorStream(true).redirectOutput(directory.resolve("output").toFile()).start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the generator ends").isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as(Files.readString(directory.resolve("output"))).isZero();
        for (String file : CommandsData.FILES) {
            assertThat(directory.resolve(file + ".jsonl"))
                    .hasSameBinaryContentAs(CommandsData.DIRECTORY.resolve(file + ".jsonl"));
        }
    }

    @Test
    void everyLineIsAPlainChatOfTwoMessages() throws IOException {
        for (String file : CommandsData.FILES) {
            for (String line : Files.readAllLines(CommandsData.DIRECTORY.resolve(file + ".jsonl"))) {
                JsonNode sample = Json.parse(line);
                assertThat(sample.propertyNames()).containsExactly("messages");
                List<String> roles = new ArrayList<>();
                for (JsonNode message : sample.get("messages")) {
                    assertThat(message.propertyNames()).containsExactly("role", "content");
                    roles.add(message.get("role").asString());
                }
                assertThat(roles).containsExactly("user", "assistant");
            }
        }
    }

    @Test
    void filesHaveTheirSizesAndCommandsTheirLengths() throws IOException {
        assertThat(CommandsData.read(CommandsData.TRAIN)).hasSizeGreaterThanOrEqualTo(900);
        assertThat(CommandsData.read(CommandsData.VALID)).hasSizeBetween(60, 100);
        assertThat(CommandsData.read(CommandsData.COMBINATIONS)).hasSize(100);
        assertThat(CommandsData.read(CommandsData.PHRASING)).hasSize(100);
        for (String file : CommandsData.FILES) {
            assertThat(CommandsData.read(file)).allSatisfy(command -> {
                assertThat(command.said().split(" ", -1)).hasSizeBetween(5, 40);
                assertThat(command.call().propertyNames()).containsExactlyElementsOf(CommandsData.KEYS);
                assertThat(Json.write(command.call())).isEqualTo(command.answer());
            });
        }
    }

    @Test
    void noSentenceStandsInTwoFiles() throws IOException {
        Set<String> seen = new HashSet<>();
        for (String file : CommandsData.FILES) {
            assertThat(CommandsData.read(file)).allSatisfy(command -> assertThat(seen.add(command.said())).isTrue());
        }
    }

    @Test
    void combinationsHaveOnlyDevicePlacePairsThatTrainingLacks() throws IOException {
        Set<String> known = pairs(CommandsData.TRAIN);
        known.addAll(pairs(CommandsData.VALID));
        assertThat(pairs(CommandsData.COMBINATIONS)).doesNotContainAnyElementsOf(known);
        assertThat(answers(CommandsData.COMBINATIONS)).doesNotContainAnyElementsOf(answers(CommandsData.TRAIN));
        assertThat(answers(CommandsData.COMBINATIONS)).doesNotContainAnyElementsOf(answers(CommandsData.VALID));
    }

    @Test
    void combinationsUseOnlyWordsThatTrainingHas() throws IOException {
        Set<String> known = wordsOf(CommandsData.TRAIN);
        assertThat(wordsOf(CommandsData.COMBINATIONS)).isSubsetOf(known);
    }

    /** Every held-out sentence has, about its device or place, a run of four words that no training sentence has. */
    @Test
    void phrasingHasFramesThatTrainingLacks() throws IOException {
        Set<String> devices = CommandsData.vocabulary("device");
        Set<String> places = CommandsData.vocabulary("place");
        Map<String, String> spellings = CommandsData.spellings();
        Set<String> known = new HashSet<>();
        Set<List<String>> skeletons = new HashSet<>();
        for (String file : List.of(CommandsData.TRAIN, CommandsData.VALID, CommandsData.COMBINATIONS)) {
            for (Command command : CommandsData.read(file)) {
                List<String> skeleton = CommandsData.skeleton(command.said(), devices, places, spellings);
                skeletons.add(skeleton);
                known.addAll(CommandsData.runs(skeleton, 4));
            }
        }
        assertThat(CommandsData.read(CommandsData.PHRASING)).allSatisfy(command -> {
            List<String> skeleton = CommandsData.skeleton(command.said(), devices, places, spellings);
            assertThat(skeletons).doesNotContain(skeleton);
            assertThat(CommandsData.runs(skeleton, 4)).anyMatch(run -> !known.contains(run)
                    && (run.contains("DEVICE") || run.contains("PLACE")));
        });
    }

    private static Set<String> pairs(String file) throws IOException {
        return CommandsData.read(file).stream().map(Command::pair).collect(Collectors.toCollection(HashSet::new));
    }

    private static Set<String> answers(String file) throws IOException {
        return CommandsData.read(file).stream().map(Command::answer).collect(Collectors.toSet());
    }

    /** Words other than numbers, which combine freely. */
    private static Set<String> wordsOf(String file) throws IOException {
        return CommandsData.read(file).stream().flatMap(command -> CommandsData.words(command.said()).stream())
                .filter(word -> !Character.isDigit(word.charAt(0)) && word.charAt(0) != ':')
                .collect(Collectors.toSet());
    }
}
