import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;

/**
 * Writes the data of the "messages" task: what people of a household write, with what each message wants and what it is about. The same
 * seed writes the same bytes on every JVM.
 *
 * <p>{@code java examples/classifier/Generate.java [DIRECTORY]} writes four files: {@code train.jsonl} and {@code valid.jsonl} from the
 * same frames and device-place pairs; {@code combinations.jsonl} with the same frames, but only device-place pairs that neither has;
 * {@code phrasing.jsonl} with frames that none of the others has.
 */
public final class Generate {
    static final long SEED = 20_261_201;
    static final int TRAIN = 900;
    static final int VALID = 100;
    static final int HELD_OUT = 200;
    /** One message in so many is written as a conversation. */
    static final int CONVERSATIONS = 8;

    static final Map<String, String> TOPICS = Map.ofEntries(Map.entry("lamp", "light"), Map.entry("lantern", "light"),
            Map.entry("spotlight", "light"), Map.entry("heater", "heating"), Map.entry("stove", "heating"), Map.entry("boiler", "heating"),
            Map.entry("pump", "water"), Map.entry("sprinkler", "water"), Map.entry("fountain", "water"), Map.entry("lathe", "machines"),
            Map.entry("drill", "machines"), Map.entry("saw", "machines"), Map.entry("mixer", "machines"), Map.entry("gate", "doors"),
            Map.entry("blinds", "doors"), Map.entry("shutter", "doors"), Map.entry("door", "doors"));
    static final List<String> DEVICES = List.copyOf(new TreeSet<>(TOPICS.keySet()));
    static final List<String> PLACES = List.of("kitchen", "workshop", "greenhouse", "garage", "bathroom", "bedroom", "cellar", "attic",
            "office", "garden");
    static final List<String> OPENERS = List.of("", "", "", "hello", "good morning", "by the way", "sorry to bother you", "hey");
    static final List<String> CLOSERS = List.of("", "", "", "as always", "if you have a minute", "my sister says so too", "have a nice day");

    /** Sentences by intent; D and E are devices, P is a place. */
    static final Map<String, List<String>> FRAMES = Map.of(//
            "command", List.of("turn the D in the P on please", "switch off the D in the P", "could you set the D in the P higher",
                    "please start the D in the P", "stop the D in the P and the E too", "turn down the D in the P and close up the P"), //
            "question", List.of("is the D in the P still on", "did anybody stop the D in the P", "what is the D in the P set to",
                    "when does the D in the P start and what about the E", "how long has the D in the P been running", "who is in the P"), //
            "fault", List.of("the D in the P makes a strange noise", "the D in the P does not react any more",
                    "something is wrong with the D in the P", "the D in the P stops after a minute", "smoke comes out of the D in the P",
                    "the D and the E in the P are broken"), //
            "thanks", List.of("thank you the D in the P is just right", "great the D in the P works again", "that was quick thanks a lot",
                    "well done the P looks fine now", "thanks for the D and the E in the P"), //
            "note", List.of("remember that the D in the P is new", "i will be in the P until the evening", "we move the D to the P tomorrow",
                    "the D in the P was cleaned today just so you know", "the E stands beside the D in the P now"));
    static final Map<String, List<String>> UNSEEN_FRAMES = Map.of(//
            "command", List.of("make sure that the D in the P is off", "i want the D in the P on"), //
            "question", List.of("has the D in the P been set yet", "where in the P is the D"), //
            "fault", List.of("the D in the P has stopped working", "the D in the P is broken again"), //
            "thanks", List.of("many thanks the D in the P is fine", "thank you so much for the D in the P"), //
            "note", List.of("just so you know the D stays in the P", "we have a new D in the P now"));
    static final List<String> INTENTS = List.copyOf(new TreeSet<>(FRAMES.keySet()));

    private final Random random = new Random(SEED);
    private final Set<String> written = new HashSet<>();

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments.length > 0 ? arguments[0] : "examples/classifier");
        Generate generate = new Generate();
        Files.write(directory.resolve("train.jsonl"), generate.lines(TRAIN, FRAMES, false));
        Files.write(directory.resolve("valid.jsonl"), generate.lines(VALID, FRAMES, false));
        Files.write(directory.resolve("combinations.jsonl"), generate.lines(HELD_OUT, FRAMES, true));
        Files.write(directory.resolve("phrasing.jsonl"), generate.lines(HELD_OUT, UNSEEN_FRAMES, false));
    }

    /** A fifth of all pairs is kept back. */
    static boolean isHeldOut(String device, String place) {
        return (2 * DEVICES.indexOf(device) + PLACES.indexOf(place)) % 5 == 0;
    }

    /** Different lines, the intents in turn. */
    private List<String> lines(int count, Map<String, List<String>> frames, boolean heldOut) {
        List<String> lines = new ArrayList<>();
        while (lines.size() < count) {
            String line = line(INTENTS.get(lines.size() % INTENTS.size()), frames, heldOut);
            if (!line.isEmpty()) {
                lines.add(line);
            }
        }
        return lines;
    }

    /** A line, or nothing when its message was written before. */
    private String line(String intent, Map<String, List<String>> frames, boolean heldOut) {
        String frame = pick(frames.get(intent));
        String place = pick(PLACES);
        BiPredicate<String, String> allowed = (device, other) -> !device.equals(other) && isHeldOut(device, place) == heldOut;
        String first = device(allowed, "");
        String second = device(allowed, first);
        Set<String> topics = new LinkedHashSet<>();
        StringBuilder said = new StringBuilder();
        for (String word : (pick(OPENERS) + " " + frame + " " + pick(CLOSERS)).strip().split(" +")) {
            String spoken = switch (word) {
                case "D" -> first;
                case "E" -> second;
                case "P" -> place;
                default -> word;
            };
            if (TOPICS.containsKey(spoken)) {
                topics.add("\"" + TOPICS.get(spoken) + "\"");
            }
            said.append(said.isEmpty() ? "" : " ").append(spoken);
        }
        if (!written.add(said.toString())) {
            return "";
        }
        String content = random.nextInt(CONVERSATIONS) == 0
                ? "\"messages\":[{\"role\":\"user\",\"content\":\"" + said + "\"}]"
                : "\"text\":\"" + said + "\"";
        return "{" + content + ",\"labels\":{\"intent\":\"" + intent + "\",\"topics\":[" + String.join(",", topics) + "]}}";
    }

    private String device(BiPredicate<String, String> allowed, String other) {
        while (true) {
            String device = pick(DEVICES);
            if (allowed.test(device, other)) {
                return device;
            }
        }
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
