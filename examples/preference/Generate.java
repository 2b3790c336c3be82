import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;

/**
 * Writes the data of the "preference" example: household commands, acknowledged in a brief style or in a chatty one. The same seed
 * writes the same bytes on every JVM.
 *
 * <p>{@code java examples/preference/Generate.java [DIRECTORY]} writes three files: {@code chats.jsonl}, conversations to learn the task
 * from, most of whose answers are chatty; {@code pairs.jsonl}, preference pairs whose preferred answer is the brief one; and
 * {@code held-out.jsonl}, such pairs about devices in places that the other two never name together.
 */
public final class Generate {
    static final long SEED = 20_261_201;
    static final int CHATS = 900;
    static final int PAIRS = 160;
    static final int HELD_OUT = 60;
    static final double CHATTY = 0.7;

    static final List<String> DEVICES = words("lamp heater fan radio oven kettle speaker humidifier freezer boiler projector printer pump"
            + " sprinkler mixer");
    static final List<String> PLACES = words("kitchen bedroom bathroom hallway attic cellar garage workshop office nursery library studio"
            + " pantry porch balcony garden");
    /** {o} is the device in its place, {s} on or off. */
    static final List<String> REQUESTS = List.of("turn {s} {o}", "turn {o} {s}", "switch {s} {o}", "switch {o} {s}",
            "please turn {s} {o}", "could you turn {o} {s} please", "can you switch {o} {s}", "would you turn {s} {o} please");
    static final List<String> OPENERS = List.of("Of course!", "Certainly!", "With pleasure!", "No problem!");
    static final List<String> CLOSERS = List.of("Is there anything else?", "Let me know if you need more.", "Have a good day!");

    /** A command and both ways to acknowledge it. */
    record Command(String said, String brief, String chatty) {}

    private final Random random = new Random(SEED);
    private final Set<String> heldOut = new HashSet<>();

    private Generate() {
        for (String device : DEVICES) {
            List<String> places = new ArrayList<>(PLACES);
            for (int i = 0; i < PLACES.size() / 4; i++) {
                heldOut.add(device + " " + places.remove(random.nextInt(places.size())));
            }
        }
    }

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments.length > 0 ? arguments[0] : "examples/preference");
        Generate generate = new Generate();
        generate.write(directory.resolve("chats.jsonl"), CHATS, false, generate::chat);
        generate.write(directory.resolve("pairs.jsonl"), PAIRS, false, Generate::pair);
        generate.write(directory.resolve("held-out.jsonl"), HELD_OUT, true, Generate::pair);
    }

    private void write(Path file, int lines, boolean newPlaces, Function<Command, String> form) throws IOException {
        StringBuilder out = new StringBuilder();
        Set<String> used = new HashSet<>();
        while (used.size() < lines) {
            String device = pick(DEVICES);
            String place = pick(PLACES);
            String state = random.nextBoolean() ? "on" : "off";
            String object = "the " + device + " in the " + place;
            String said = pick(REQUESTS).replace("{s}", state).replace("{o}", object);
            if (heldOut.contains(device + " " + place) == newPlaces && used.add(said)) {
                out.append(form.apply(new Command(said, "The " + device + " in the " + place + " is " + state + ".",
                        pick(OPENERS) + " I have turned " + object + " " + state + " for you. " + pick(CLOSERS)))).append('\n');
            }
        }
        Files.writeString(file, out);
    }

    private String chat(Command command) {
        String answer = random.nextDouble() < CHATTY ? command.chatty : command.brief;
        return "{\"messages\":[" + message("user", command.said) + "," + message("assistant", answer) + "]}";
    }

    private static String pair(Command command) {
        return "{\"input\":{\"messages\":[" + message("user", command.said) + "]},\"preferred_output\":["
                + message("assistant", command.brief) + "],\"non_preferred_output\":[" + message("assistant", command.chatty) + "]}";
    }

    private static String message(String role, String content) {
        return "{\"role\":\"" + role + "\",\"content\":\"" + content + "\"}";
    }

    private static List<String> words(String line) {
        return List.of(line.split(" "));
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
