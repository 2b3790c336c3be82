package dev.luthier.lab.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.lab.corpus.CommandsData.Command;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The base model cannot know the demonstration task: neither its schema nor its sentences are in what it is made from. */
class CorpusSeparationTest {
    private static final int DOCUMENTS = 12_000;
    private static final Pattern JSON_KEY = Pattern.compile("\"([^\"]*)\":");
    /** What the commands' frames, seen and held out, ask for. */
    private static final Set<String> ASKING = Set.of("turn", "switch", "start", "stop", "power", "shut", "set", "put",
            "bring",
            "adjust", "raise", "lower", "increase", "reduce", "run", "let", "keep", "open", "pull", "close", "want",
            "make",
            "have", "needs", "go", "give", "take", "push", "drop", "leave", "see");

    private static final List<String> TEXTS = new ArrayList<>();

    @BeforeAll
    static void write() {
        CorpusGenerator corpus = new CorpusGenerator(20_260_101, 1000);
        Stream.generate(corpus::next).limit(DOCUMENTS).map(Document::text).forEach(TEXTS::add);
    }

    @Test
    void noRecordOfTheCorpusHasAKeyOfTheSchema() {
        Set<String> keys = new HashSet<>();
        for (String text : TEXTS) {
            Matcher matcher = JSON_KEY.matcher(text);
            while (matcher.find()) {
                keys.add(matcher.group(1));
            }
        }
        assertThat(keys).hasSizeGreaterThan(80).doesNotContainAnyElementsOf(CommandsData.KEYS);
        assertThat(Domain.load()).allSatisfy(
                domain -> assertThat(domain.slots().keySet()).doesNotContainAnyElementsOf(CommandsData.KEYS));
    }

    @Test
    void noFrameOfACommandOccursInTheCorpus() throws IOException {
        Set<String> devices = CommandsData.vocabulary("device");
        Set<String> places = CommandsData.vocabulary("place");
        Map<String, String> spellings = CommandsData.spellings();
        Set<String> frames = new HashSet<>();
        Set<String> sentences = new HashSet<>();
        for (String file : CommandsData.FILES) {
            for (Command command : CommandsData.read(file)) {
                List<String> skeleton = CommandsData.skeleton(command.said(), devices, places, spellings);
                sentences.add(String.join(" ", skeleton));
                CommandsData.runs(skeleton, 4).stream().filter(CorpusSeparationTest::asksOfADevice)
                        .forEach(frames::add);
            }
        }
        assertThat(frames).hasSizeGreaterThan(200);
        for (String text : TEXTS) {
            List<String> skeleton = CommandsData.skeleton(text, devices, places, spellings);
            assertThat(CommandsData.runs(skeleton, 4).stream().noneMatch(frames::contains)).as(text).isTrue();
            assertThat(sentences.contains(String.join(" ", skeleton))).as(text).isFalse();
        }
    }

    @Test
    void everyWordOfTheTaskOccursInTheCorpus() throws IOException {
        Set<String> known = new HashSet<>();
        TEXTS.forEach(text -> known.addAll(CommandsData.words(text)));
        Set<String> wanted = new HashSet<>();
        for (String file : CommandsData.FILES) {
            for (Command command : CommandsData.read(file)) {
                wanted.addAll(CommandsData.words(command.said()));
                wanted.addAll(CommandsData.words(command.answer()));
            }
        }
        wanted.removeIf(word -> Character.isDigit(word.charAt(0)) || word.charAt(0) == ':');
        wanted.removeAll(CommandsData.spellings().keySet());
        assertThat(known).containsAll(wanted);
    }

    private static boolean asksOfADevice(String run) {
        List<String> words = List.of(run.split(" ", -1));
        return words.contains("DEVICE") && words.stream().anyMatch(ASKING::contains);
    }
}
