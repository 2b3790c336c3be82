package dev.luthier.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What Python's tokenizers said of the same files ({@code make_tokenizers.py}) is what this tokenizer says. */
class TokenizerTest {

    private static final Path FIXTURES = Path.of("src/test/resources/tokenizer");

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace", "unigram"})
    void idsAreThoseOfPython(String kind) throws IOException {
        try (Tokenizer tokenizer = load(kind)) {
            for (JsonNode golden : cases(kind)) {
                String text = golden.path("text").stringValue();
                assertThat(tokenizer.encode(text, false)).as(text).isEqualTo(ids(golden.path("plain")));
                assertThat(tokenizer.encode(text, true)).as(text).isEqualTo(ids(golden.path("template")));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace", "unigram"})
    void offsetsCountUtf16Units(String kind) throws IOException {
        try (Tokenizer tokenizer = load(kind)) {
            for (JsonNode golden : cases(kind)) {
                String text = golden.path("text").stringValue();
                assertThat(offsets(tokenizer.encodeWithOffsets(text, false))).as(text)
                        .isEqualTo(offsets(golden.path("plain")));
                assertThat(offsets(tokenizer.encodeWithOffsets(text, true))).as(text)
                        .isEqualTo(offsets(golden.path("template")));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace", "unigram"})
    void decodingGivesPythonsText(String kind) throws IOException {
        try (Tokenizer tokenizer = load(kind)) {
            for (JsonNode golden : encodings(kind)) {
                assertThat(tokenizer.decode(ids(golden), false)).isEqualTo(golden.path("decoded").stringValue());
                assertThat(tokenizer.decode(ids(golden), true))
                        .isEqualTo(golden.path("decoded_without_special").stringValue());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace", "unigram"})
    void bytesOfTheTokensTogetherAreTheText(String kind) throws IOException {
        try (Tokenizer tokenizer = load(kind)) {
            for (JsonNode golden : encodings(kind)) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                for (int id : ids(golden)) {
                    bytes.writeBytes(tokenizer.bytes(id));
                }
                String text = bytes.toString(StandardCharsets.UTF_8);
                String decoded = golden.path("decoded").stringValue();
                assertThat(text).isIn(decoded, " " + decoded);
            }
            assertThat(tokenizer.bytes(-1)).isEmpty();
            assertThat(tokenizer.bytes(tokenizer.vocabSize())).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace", "unigram"})
    void piecesOfTheIncrementalDecoderMakeTheWholeText(String kind) throws IOException {
        try (Tokenizer tokenizer = load(kind)) {
            for (JsonNode golden : encodings(kind)) {
                for (boolean skipSpecial : new boolean[]{true, false}) {
                    String whole = golden.path(skipSpecial ? "decoded_without_special" : "decoded").stringValue();
                    List<String> pieces = pieces(tokenizer, ids(golden), skipSpecial);
                    assertThat(String.join("", pieces)).isEqualTo(whole);
                    if (!whole.contains("\uFFFD")) {
                        assertThat(pieces).noneMatch(piece -> piece.contains("\uFFFD"));
                    }
                    assertThat(pieces).noneMatch(piece -> !piece.isEmpty()
                            && Character.isHighSurrogate(piece.charAt(piece.length() - 1)));
                }
            }
        }
    }

    @Test
    void piecesOfRandomTokensMakeTheWholeText() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        try (Tokenizer tokenizer = load("byte-level")) {
            for (int round = 0; round < 300; round++) {
                int[] ids = random.ints(1 + random.nextInt(40), 0, tokenizer.vocabSize()).toArray();
                assertThat(String.join("", pieces(tokenizer, ids, true))).as("seed 7, round " + round)
                        .isEqualTo(tokenizer.decode(ids, true));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace"})
    void anUnfinishedCharacterWaitsAndIsReplacedAtTheEnd(String kind) {
        try (Tokenizer tokenizer = load(kind)) {
            int[] ids = tokenizer.encode("a😀", false);
            IncrementalDecoder decoder = tokenizer.incrementalDecoder(true);
            StringBuilder text = new StringBuilder();
            for (int id : Arrays.copyOf(ids, ids.length - 1)) {
                text.append(decoder.add(id));
            }
            assertThat(text).hasToString("a");
            assertThat(decoder.finish()).isNotEmpty().matches("\uFFFD+");
        }
    }

    @Test
    void bytesThatNeverMakeACharacterComeOutAfterAWhile() {
        try (Tokenizer tokenizer = load("metaspace")) {
            int continuation = tokenizer.tokenId("<0x80>").orElseThrow();
            IncrementalDecoder decoder = tokenizer.incrementalDecoder(true);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 300; i++) {
                text.append(decoder.add(continuation));
            }
            assertThat(text.length()).isGreaterThan(200);
            text.append(decoder.finish());
            assertThat(text).hasToString("\uFFFD".repeat(300));
        }
    }

    @Test
    void aSpaceAfterASkippedSpecialTokenStays() {
        try (Tokenizer tokenizer = load("metaspace")) {
            int[] ids = tokenizer.encode("the<|im_end|> lamp", false);
            assertThat(String.join("", pieces(tokenizer, ids, true))).isEqualTo(tokenizer.decode(ids, true))
                    .contains(" lamp");
        }
    }

    @Test
    void aTextIsNeverTruncatedOrPadded() {
        // The file of this tokenizer asks for truncation to 4 tokens and padding to 8.
        try (Tokenizer tokenizer = load("unigram")) {
            assertThat(tokenizer.encode("lamp", false).length).isBetween(1, 5);
            assertThat(tokenizer.encode("lamp ".repeat(2000), false)).hasSizeGreaterThan(2000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace", "unigram"})
    void noTextHasFewerTokensThanTheCheapBoundSays(String kind) throws IOException {
        try (Tokenizer tokenizer = load(kind)) {
            List<String> texts = new ArrayList<>(List.of("", " ".repeat(5000), "▁".repeat(999), "e\u0301".repeat(500),
                    "\u1100\u1161\u11A8".repeat(300), "\u212A".repeat(400), "<|im_end|>".repeat(50), "a\uD83Db"));
            cases(kind).forEach(golden -> texts.add(golden.path("text").stringValue()));
            for (int id = 0; id < tokenizer.vocabSize(); id++) {
                texts.add(tokenizer.token(id).orElse(""));
                texts.add(new String(tokenizer.bytes(id), StandardCharsets.UTF_8).repeat(7));
            }
            for (String text : texts) {
                assertThat((long) tokenizer.encode(text, false).length).as(text)
                        .isGreaterThanOrEqualTo(tokenizer.leastTokens(text));
            }
        }
    }

    @Test
    void theCheapBoundIsKnownOfByteLevelTokenizers() {
        try (Tokenizer tokenizer = load("byte-level"); Tokenizer unigram = load("unigram")) {
            assertThat(tokenizer.leastTokens("word ".repeat(100_000))).isGreaterThan(5_000);
            assertThat(unigram.leastTokens("word ".repeat(100_000))).isZero();
        }
    }

    @Test
    void aTextBeyondTheLimitIsRefused() {
        try (Tokenizer tokenizer = load("byte-level")) {
            String tooLong = "é".repeat(Tokenizer.MAX_TEXT_BYTES / 2 + 1);
            assertThatThrownBy(() -> tokenizer.encode(tooLong, false)).isInstanceOf(ProblemException.class)
                    .hasMessage("The text has 4194306 bytes; at most 4194304 are tokenized at once. Shorten it.");
        }
    }

    @Test
    void aDecoderWithARegularExpressionIsRefused(@TempDir Path folder) throws IOException {
        String json = Files.readString(FIXTURES.resolve("metaspace/tokenizer.json"))
                .replaceFirst("\"decoder\": *\\{",
                        "\"decoder\":{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"Replace\","
                                + "\"pattern\":{\"Regex\":\"(a+)+\"},\"content\":\"\"}]},\"unused\":{");
        Path file = Files.writeString(folder.resolve("tokenizer.json"), json);
        assertThatThrownBy(() -> Tokenizer.load(file)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("its decoder uses a regular expression");
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace", "unigram"})
    void tokensAndIdsAreFoundBothWays(String kind) throws IOException {
        try (Tokenizer tokenizer = load(kind)) {
            JsonNode golden = golden(kind);
            assertThat(tokenizer.vocabSize()).isEqualTo(golden.path("vocab_size").intValue());
            golden.path("tokens").properties().forEach(entry -> {
                assertThat(tokenizer.tokenId(entry.getKey())).hasValue(entry.getValue().intValue());
                assertThat(tokenizer.token(entry.getValue().intValue())).hasValue(entry.getKey());
            });
            assertThat(tokenizer.tokenId("no such token")).isEmpty();
            assertThat(tokenizer.token(tokenizer.vocabSize())).isEmpty();
            assertThat(tokenizer.token(-1)).isEmpty();
        }
    }

    @Test
    void onlyTokensMarkedSpecialAreSpecial() {
        try (Tokenizer tokenizer = load("byte-level")) {
            assertThat(tokenizer.specialTokenIds()).containsExactly(0, 1, 2);
            int tool = tokenizer.tokenId("<tool>").orElseThrow();
            assertThat(tokenizer.isSpecial(tool)).isFalse();
            assertThat(tokenizer.decode(tokenizer.encode("<tool><|im_end|>", false), true)).isEqualTo("<tool>");
        }
    }

    @Test
    void anUnpairedSurrogateBecomesTheReplacementCharacter() {
        try (Tokenizer tokenizer = load("byte-level")) {
            assertThat(tokenizer.decode(tokenizer.encode("a\uD83Db\uDE00", false), false)).isEqualTo("a\uFFFDb\uFFFD");
            Encoded encoded = tokenizer.encodeWithOffsets("a\uD83Db", false);
            assertThat(encoded.end(encoded.size() - 1)).isEqualTo(3);
        }
    }

    @Test
    void severalThreadsShareATokenizer() throws Exception {
        try (Tokenizer tokenizer = load("byte-level"); ExecutorService threads = Executors.newFixedThreadPool(4)) {
            String text = "the quick brown fox 😀 日本語 ".repeat(20);
            int[] expected = tokenizer.encode(text, true);
            Callable<Boolean> check = () -> {
                for (int i = 0; i < 50; i++) {
                    int[] ids = tokenizer.encode(text, true);
                    if (!Arrays.equals(ids, expected) || !tokenizer.decode(ids, true).equals(text)) {
                        return false;
                    }
                }
                return true;
            };
            for (Future<Boolean> result : threads.invokeAll(List.of(check, check, check, check))) {
                assertThat(result.get()).isTrue();
            }
        }
    }

    @Test
    void aMissingOrMalformedFileIsNamed(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("tokenizer.json");
        assertUserProblem(file, "cannot be read");
        Files.writeString(file, "{\"model\": ");
        assertUserProblem(file, "not valid JSON");
        Files.writeString(file, "[]");
        assertUserProblem(file, "must hold a JSON object");
        Files.writeString(file, "{\"version\": \"1.0\"}");
        assertUserProblem(file, "no model with a vocab");
        Files.writeString(file, "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": \"b\"}}}");
        assertUserProblem(file, "not a tokenizer");
        Files.writeString(file, "{\"model\": {\"type\": \"Nonsense\", \"vocab\": {\"a\": 0}}}");
        assertUserProblem(file, "not a tokenizer");
    }

    private static void assertUserProblem(Path file, String what) {
        assertThatThrownBy(() -> Tokenizer.load(file)).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.problem().kind()).isEqualTo(Problem.Kind.USER);
            assertThat(e).hasMessageContaining(file.toString()).hasMessageContaining(what);
        });
    }

    private static List<String> pieces(Tokenizer tokenizer, int[] ids, boolean skipSpecial) {
        IncrementalDecoder decoder = tokenizer.incrementalDecoder(skipSpecial);
        List<String> pieces = new ArrayList<>();
        for (int id : ids) {
            pieces.add(decoder.add(id));
        }
        pieces.add(decoder.finish());
        return pieces;
    }

    private static Tokenizer load(String kind) {
        return Tokenizer.load(FIXTURES.resolve(kind).resolve("tokenizer.json"));
    }

    private static JsonNode golden(String kind) throws IOException {
        return Json.parse(Files.readString(FIXTURES.resolve("golden").resolve(kind + ".json")));
    }

    private static JsonNode cases(String kind) throws IOException {
        return golden(kind).path("cases");
    }

    private static List<JsonNode> encodings(String kind) throws IOException {
        List<JsonNode> encodings = new ArrayList<>();
        for (JsonNode golden : cases(kind)) {
            encodings.add(golden.path("plain"));
            encodings.add(golden.path("template"));
        }
        return encodings;
    }

    private static int[] ids(JsonNode encoding) {
        return encoding.path("ids").valueStream().mapToInt(JsonNode::intValue).toArray();
    }

    private static List<List<Integer>> offsets(JsonNode encoding) {
        return encoding.path("offsets").valueStream()
                .map(pair -> List.of(pair.get(0).intValue(), pair.get(1).intValue())).toList();
    }

    private static List<List<Integer>> offsets(Encoded encoded) {
        List<List<Integer>> offsets = new ArrayList<>();
        for (int i = 0; i < encoded.size(); i++) {
            offsets.add(List.of(encoded.start(i), encoded.end(i)));
        }
        return offsets;
    }
}
