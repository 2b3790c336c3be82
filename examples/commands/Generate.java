import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Writes the data of the "commands" task: spoken-style household and workshop commands, answered by one line of JSON with the function
 * call. The same seed writes the same bytes on every JVM.
 *
 * <p>{@code java examples/commands/Generate.java [DIRECTORY]} writes four files: {@code train.jsonl} and {@code valid.jsonl} from the
 * same frames and device-place pairs; {@code combinations.jsonl} with the same frames, but only device-place pairs that neither has;
 * {@code phrasing.jsonl} with frames that none of the others has.
 */
public final class Generate {
    static final long SEED = 20_261_121;
    static final int TRAIN = 1500;
    static final int VALID = 80;
    static final int HELD_OUT = 100;

    /** Device, what it can do, and the unit of its values with their range. */
    record Device(String name, List<String> actions, String unit, int low, int high) {}

    static final List<String> POWER = List.of("on", "off");
    static final List<String> DIAL = List.of("on", "off", "set", "set", "raise", "lower");
    static final List<String> TIMED = List.of("on", "off", "run", "run");
    static final List<String> COVER = List.of("open", "close", "open part");

    static final List<Device> DEVICES = List.of(new Device("lamp", DIAL, "percent", 1, 100),
            new Device("heater", DIAL, "degrees", 5, 35), new Device("fan", DIAL, "percent", 5, 100),
            new Device("radio", DIAL, "level", 1, 40), new Device("oven", DIAL, "degrees", 50, 280),
            new Device("kettle", DIAL, "degrees", 40, 100), new Device("speaker", DIAL, "level", 1, 60),
            new Device("humidifier", DIAL, "percent", 20, 90), new Device("freezer", DIAL, "degrees", 2, 12),
            new Device("boiler", DIAL, "degrees", 30, 80), new Device("projector", DIAL, "percent", 10, 100),
            new Device("printer", POWER, "", 0, 0), new Device("lathe", DIAL, "rpm", 50, 990),
            new Device("drill", DIAL, "rpm", 60, 950), new Device("saw", TIMED, "minutes", 2, 45),
            new Device("sander", DIAL, "rpm", 80, 900), new Device("compressor", TIMED, "minutes", 3, 60),
            new Device("pump", TIMED, "minutes", 2, 90), new Device("sprinkler", TIMED, "minutes", 5, 75),
            new Device("grinder", DIAL, "rpm", 70, 980), new Device("mixer", TIMED, "minutes", 1, 30),
            new Device("blinds", COVER, "percent", 5, 95), new Device("window", COVER, "percent", 5, 95),
            new Device("gate", COVER, "percent", 5, 95));

    static final List<String> PLACES = words("kitchen bedroom bathroom hallway attic cellar garage workshop office nursery"
            + " library studio pantry porch balcony garden greenhouse shed barn laundry");

    /** Frames by action: {o} is the object, {v} the value with its unit. The second ones are held out. */
    static final Map<String, List<String>> FRAMES = new LinkedHashMap<>();
    static final Map<String, List<String>> UNSEEN_FRAMES = new LinkedHashMap<>();
    static {
        FRAMES.put("on", List.of("turn on {o}", "switch on {o}", "turn {o} on", "switch {o} on", "start {o}", "power up {o}"));
        FRAMES.put("off", List.of("turn off {o}", "switch off {o}", "turn {o} off", "switch {o} off", "stop {o}", "power down {o}"));
        FRAMES.put("set", List.of("set {o} to {v}", "put {o} at {v}", "bring {o} to {v}", "adjust {o} to {v}"));
        FRAMES.put("raise", List.of("raise {o} by {v}", "turn up {o} by {v}", "turn {o} up by {v}", "increase {o} by {v}"));
        FRAMES.put("lower", List.of("lower {o} by {v}", "turn down {o} by {v}", "turn {o} down by {v}", "reduce {o} by {v}"));
        FRAMES.put("run", List.of("run {o} for {v}", "let {o} run for {v}", "keep {o} running for {v}"));
        FRAMES.put("open", List.of("open {o}", "open up {o}", "pull {o} open"));
        FRAMES.put("close", List.of("close {o}", "shut {o}", "pull {o} shut"));
        FRAMES.put("open part", List.of("open {o} to {v}", "open up {o} to {v}"));

        UNSEEN_FRAMES.put("on", List.of("i want {o} switched on", "make sure that {o} is on", "have {o} on", "let me have {o} turned on"));
        UNSEEN_FRAMES.put("off", List.of("i want {o} switched off", "make sure that {o} is off", "have {o} off", "nobody needs {o} so it can go off"));
        UNSEEN_FRAMES.put("set", List.of("i want {o} at {v}", "have {o} set at {v}", "make sure that {o} is at {v}", "go for {v} on {o}"));
        UNSEEN_FRAMES.put("raise", List.of("give {o} {v} more", "take {o} up {v}", "i want {o} raised by {v}", "push up {o} another {v}"));
        UNSEEN_FRAMES.put("lower", List.of("give {o} {v} less", "take {o} down {v}", "i want {o} lowered by {v}", "drop {o} another {v}"));
        UNSEEN_FRAMES.put("run", List.of("give {o} a run of {v}", "have {o} run {v}", "i want {o} to run {v} long", "leave {o} running {v}"));
        UNSEEN_FRAMES.put("open", List.of("i want {o} open", "have {o} opened", "make sure that {o} is open", "leave {o} open"));
        UNSEEN_FRAMES.put("close", List.of("i want {o} closed", "have {o} shut", "make sure that {o} is closed", "see that {o} is shut"));
        UNSEEN_FRAMES.put("open part", List.of("i want {o} open at {v}", "have {o} open to {v}", "make sure that {o} is open to {v}"));
    }

    static final List<String> OPENERS = List.of("please", "could you", "can you", "would you", "could you please", "would you please",
            "hey could you", "hey please", "okay now", "um could you maybe", "i would like you to", "i need you to", "so can you",
            "if it is no trouble could you", "hello would you kindly", "oh and please", "just", "when you have a moment please");
    static final List<String> UNSEEN_OPENERS = List.of("well", "right then", "listen", "as i said", "good", "yes", "tell you what");
    static final List<String> CLOSERS = List.of("please", "thanks", "thank you", "for me", "that would be great", "if you can",
            "because guests are coming", "it is too quiet in here", "the others asked for it", "and thank you very much",
            "so that we can all go home early today", "i almost forgot to say it this time", "my sister will be happy about it",
            "we talked about it with the neighbour over breakfast");
    static final List<String> UNSEEN_CLOSERS = List.of("okay", "will you", "that is all", "as usual");
    static final List<String> SLIPS = List.of("no wait", "sorry", "i mean", "no", "no sorry", "or rather");

    /** The usual misspelling of some words; the only ones the data has. */
    static final Map<String, String> TYPOS = typos("turn:trun switch:swich please:plese could:coud would:woud thank:thnak kitchen:kichen"
            + " bedroom:bedrom garage:garrage workshop:workship library:libary balcony:balcany percent:precent degrees:degress"
            + " minutes:mintues heater:heeter speaker:speeker humidifier:humidifer freezer:frezer projector:projecter"
            + " compressor:compresor lower:lowr raise:riase reduce:redcue morning:mornign evening:evning afternoon:aftrenoon");

    /** A command: what is meant, and how it is said. */
    record Command(String said, String device, String place, String json) {}

    private final Random random = new Random(SEED);
    private final Set<String> heldOutPairs = new HashSet<>();
    private final Set<String> used = new HashSet<>();

    private Generate() {
        for (Device device : DEVICES) {
            List<String> places = new ArrayList<>(PLACES);
            for (int i = 0; i < PLACES.size() / 5; i++) {
                heldOutPairs.add(device.name + " " + places.remove(random.nextInt(places.size())));
            }
        }
    }

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments.length > 0 ? arguments[0] : "examples/commands");
        Generate generate = new Generate();
        generate.write(directory.resolve("train.jsonl"), TRAIN, false, false);
        generate.write(directory.resolve("valid.jsonl"), VALID, false, false);
        generate.write(directory.resolve("combinations.jsonl"), HELD_OUT, true, false);
        generate.write(directory.resolve("phrasing.jsonl"), HELD_OUT, false, true);
    }

    private void write(Path file, int lines, boolean newPairs, boolean newFrames) throws IOException {
        StringBuilder out = new StringBuilder();
        int written = 0;
        while (written < lines) {
            Command command = command(newPairs, newFrames);
            int length = command.said.split(" ").length;
            boolean heldOut = heldOutPairs.contains(command.device + " " + command.place);
            if (length < 5 || length > 40 || heldOut != newPairs || !used.add(command.said)) {
                continue;
            }
            out.append("{\"messages\":[{\"role\":\"user\",\"content\":").append(quoted(command.said))
                    .append("},{\"role\":\"assistant\",\"content\":").append(quoted(command.json)).append("}]}\n");
            written++;
        }
        Files.writeString(file, out);
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private Command command(boolean placed, boolean newFrames) {
        Device device = pick(DEVICES);
        String place = placed || chance(0.9) ? pick(PLACES) : "";
        String action = pick(device.actions);
        boolean valued = List.of("set", "raise", "lower", "run", "open part").contains(action);
        int value = valued ? value(device, action) : 0;
        int minutes = chance(0.55) ? minutesOfDay() : -1;
        /* At most one slip of the tongue: 0 device, 1 place, 2 value, 3 time; anything else is none. */
        int slip = random.nextInt(15);

        String object = object(device.name, place, slip);
        String amount = valued ? amount(device, action, value, slip == 2) : "";
        String core = pick((newFrames ? UNSEEN_FRAMES : FRAMES).get(action)).replace("{o}", object).replace("{v}", amount);
        String when = minutes < 0 ? "" : when(minutes, slip == 3, newFrames);
        String said = assemble(core, when, newFrames);
        if (chance(0.2)) {
            said = misspelled(said);
        }
        String json = "{\"device\":\"" + device.name + "\",\"place\":" + (place.isEmpty() ? "null" : '"' + place + '"')
                + ",\"action\":\"" + (action.equals("open part") ? "open" : action) + "\",\"value\":" + (valued ? value : "null")
                + ",\"unit\":" + (valued ? '"' + device.unit + '"' : "null") + ",\"time\":"
                + (minutes < 0 ? "null" : "\"%02d:%02d\"".formatted(minutes / 60, minutes % 60)) + "}";
        return new Command(said, device.name, place, json);
    }

    private int value(Device device, String action) {
        boolean step = action.equals("raise") || action.equals("lower");
        int low = step ? 2 : device.low;
        int high = step ? Math.max(5, device.high / 3) : device.high;
        int value = low + random.nextInt(high - low + 1);
        return value > 20 && chance(0.4) ? value / 10 * 10 : value;
    }

    private String object(String device, String place, int slip) {
        if (place.isEmpty()) {
            return slip == 0 ? "the " + other(device) + " " + pick(SLIPS) + " the " + device : "the " + device;
        }
        if (slip == 0) {
            return "the " + other(device) + " " + pick(SLIPS) + " the " + device + " in the " + place;
        }
        if (slip == 1) {
            String wrong = pick(PLACES.stream().filter(p -> !p.equals(place)).toList());
            return "the " + device + " in the " + wrong + " " + pick(SLIPS) + " in the " + place;
        }
        return chance(0.5) ? "the " + place + " " + device : "the " + device + " in the " + place;
    }

    private String other(String device) {
        return pick(DEVICES.stream().map(Device::name).filter(name -> !name.equals(device)).toList());
    }

    /** A value with its unit. A step of a level is counted in levels, which the answer still calls "level". */
    private String amount(Device device, String action, int value, boolean slip) {
        String unit = device.unit.equals("minutes") && value == 1 ? "minute" : device.unit;
        String right = !unit.equals("level") ? number(value) + " " + unit
                : action.equals("set") ? "level " + number(value) : number(value) + " levels";
        return slip ? number(value(device, action)) + " " + pick(SLIPS) + " " + right : right;
    }

    private String number(int value) {
        return chance(0.35) ? spelled(value) : Integer.toString(value);
    }

    private int minutesOfDay() {
        int hour = chance(0.85) ? 5 + random.nextInt(19) : random.nextInt(24);
        int minute = chance(0.6) ? List.of(0, 0, 30, 15, 45).get(random.nextInt(5)) : 5 * random.nextInt(12);
        return hour * 60 + minute;
    }

    private String when(int minutes, boolean slip, boolean newFrames) {
        String right = clock(minutes / 60, minutes % 60);
        String time = slip ? clock(5 + random.nextInt(19), 0) + " " + pick(SLIPS) + " at " + right : right;
        return (newFrames && chance(0.4) ? "once it is " : pick("at ", "at ", "at ", "starting at ", "when it is ")) + time;
    }

    private String assemble(String core, String when, boolean newFrames) {
        String opener = chance(0.6) ? pick(newFrames && chance(0.5) ? UNSEEN_OPENERS : OPENERS) : "";
        String closer = chance(0.5) ? pick(newFrames && chance(0.5) ? UNSEEN_CLOSERS : CLOSERS) : "";
        if (newFrames && !opener.isEmpty() && !UNSEEN_OPENERS.contains(opener)) {
            opener = "please";
        }
        boolean timeFirst = !when.isEmpty() && chance(0.4);
        List<String> parts = timeFirst ? List.of(when, opener, core, closer) : List.of(opener, core, when, closer);
        List<String> spoken = parts.stream().filter(part -> !part.isEmpty()).toList();
        StringBuilder said = new StringBuilder(spoken.getFirst());
        for (int i = 1; i < spoken.size(); i++) {
            boolean comma = spoken.get(i).equals(closer) ? chance(0.4) : spoken.get(i - 1).equals(when) && timeFirst && chance(0.5);
            said.append(comma ? ", " : " ").append(spoken.get(i));
        }
        return said.toString();
    }

    private String misspelled(String said) {
        List<String> words = new ArrayList<>(Arrays.asList(said.split(" ")));
        List<Integer> candidates = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            if (TYPOS.containsKey(words.get(i))) {
                candidates.add(i);
            }
        }
        for (int i = 0; i < 2 && !candidates.isEmpty(); i++) {
            int at = candidates.remove(random.nextInt(candidates.size()));
            words.set(at, TYPOS.get(words.get(at)));
        }
        return String.join(" ", words);
    }

    private String clock(int hour, int minute) {
        if (minute == 0 && (hour == 0 || hour == 12)) {
            return hour == 0 ? "midnight" : "noon";
        }
        int twelve = hour % 12 == 0 ? 12 : hour % 12;
        if (chance(0.15)) {
            return "%02d:%02d".formatted(hour, minute);
        }
        if (chance(0.55)) {
            return twelve + (minute == 0 ? "" : ":%02d".formatted(minute)) + (hour < 12 ? " am" : " pm");
        }
        String part = hour < 5 || hour > 21 ? " at night" : hour < 12 ? " in the morning" : hour < 18 ? " in the afternoon" : " in the evening";
        String name = chance(0.5) ? spelled(twelve) : Integer.toString(twelve);
        return switch (minute) {
            case 0 -> name + (chance(0.3) ? " o'clock" : "") + part;
            case 15 -> "quarter past " + name + part;
            case 30 -> "half past " + name + part;
            default -> spelled(twelve) + (minute < 10 ? " oh " : " ") + spelled(minute) + part;
        };
    }

    static String spelled(int number) {
        List<String> small = words("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
                + " sixteen seventeen eighteen nineteen");
        List<String> tens = words("- - twenty thirty forty fifty sixty seventy eighty ninety");
        if (number < 20) {
            return small.get(number);
        }
        if (number < 100) {
            return tens.get(number / 10) + (number % 10 == 0 ? "" : " " + small.get(number % 10));
        }
        return small.get(number / 100) + " hundred" + (number % 100 == 0 ? "" : " and " + spelled(number % 100));
    }

    private static List<String> words(String line) {
        return List.of(line.split(" "));
    }

    private static Map<String, String> typos(String line) {
        Map<String, String> typos = new LinkedHashMap<>();
        for (String pair : line.split(" ")) {
            typos.put(pair.substring(0, pair.indexOf(':')), pair.substring(pair.indexOf(':') + 1));
        }
        return typos;
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
