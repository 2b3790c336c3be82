package dev.luthier.lab.corpus;

import dev.luthier.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The data files of the demonstration task, and views of its sentences that tests compare. */
final class CommandsData {
    static final Path DIRECTORY = Path.of("..", "examples", "commands");
    static final List<String> KEYS = List.of("device", "place", "action", "value", "unit", "time");
    static final String TRAIN = "train";
    static final String VALID = "valid";
    static final String COMBINATIONS = "combinations";
    static final String PHRASING = "phrasing";
    static final List<String> FILES = List.of(TRAIN, VALID, COMBINATIONS, PHRASING);

    private static final Pattern WORD = Pattern.compile("[a-z']+|[0-9:]+");
    private static final Pattern TYPO = Pattern.compile("(?<=[ \"])([a-z]+):([a-z]+)(?=[ \"])");
    private static final Pattern NUMBER = Pattern
            .compile("[0-9:]+|zero|one|two|three|four|five|six|seven|eight|nine|ten"
                    + "|eleven|twelve|(thir|four|fif|six|seven|eigh|nine)teen|(twen|thir|for|fif|six|seven|eigh|nine)ty"
                    + "|hundred|thousand");

    private CommandsData() {}

    /** A line: what the user says and the call that answers it. */
    record Command(String said, String answer, JsonNode call) {
        String pair() {
            return call.get("device").asString("") + " " + call.get("place").asString("");
        }
    }

    static List<Command> read(String name) throws IOException {
        List<Command> commands = new ArrayList<>();
        for (String line : Files.readAllLines(DIRECTORY.resolve(name + ".jsonl"))) {
            JsonNode messages = Json.parse(line).get("messages");
            String answer = messages.get(1).get("content").asString();
            commands.add(new Command(messages.get(0).get("content").asString(), answer, Json.parse(answer)));
        }
        return commands;
    }

    /** Every value that a field takes in any file. */
    static Set<String> vocabulary(String field) throws IOException {
        Set<String> values = new TreeSet<>();
        for (String file : FILES) {
            read(file).stream().map(command -> command.call.get(field)).filter(JsonNode::isString)
                    .forEach(value -> values.add(value.asString()));
        }
        return values;
    }

    static List<String> words(String text) {
        return WORD.matcher(text.toLowerCase(Locale.ROOT)).results().map(MatchResult::group).toList();
    }

    /** Right spellings by the misspellings of the generator's list, which is part of its source ("right:wrong"). */
    static Map<String, String> spellings() throws IOException {
        return TYPO.matcher(Files.readString(DIRECTORY.resolve("Generate.java"))).results()
                .collect(Collectors.toMap(typo -> typo.group(2), typo -> typo.group(1)));
    }

    /** The words of a text, spelled right, with device and place names and runs of numbers replaced by what they are. */
    static List<String> skeleton(String text, Set<String> devices, Set<String> places, Map<String, String> spellings) {
        List<String> skeleton = new ArrayList<>();
        for (String said : words(text)) {
            String word = spellings.getOrDefault(said, said);
            String masked = devices.contains(word)
                    ? "DEVICE"
                    : places.contains(word) ? "PLACE" : NUMBER.matcher(word).matches() ? "NUMBER" : word;
            if (!masked.equals("NUMBER") || skeleton.isEmpty() || !skeleton.getLast().equals("NUMBER")) {
                skeleton.add(masked);
            }
        }
        return skeleton;
    }

    /** All runs of {@code length} words. */
    static List<String> runs(List<String> words, int length) {
        List<String> runs = new ArrayList<>();
        for (int i = 0; i + length <= words.size(); i++) {
            runs.add(String.join(" ", words.subList(i, i + length)));
        }
        return runs;
    }
}
