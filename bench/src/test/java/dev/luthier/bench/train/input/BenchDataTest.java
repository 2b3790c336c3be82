package dev.luthier.bench.train.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class BenchDataTest {
    private static final int VOCABULARY = 400;

    @TempDir
    private Path folder;

    private static BenchData data(DataKind kind, int count) {
        return BenchData.make(kind, VOCABULARY, count, 7);
    }

    @Test
    void sameSeedGivesSameSamples() {
        assertThat(data(DataKind.D1, 20)).isEqualTo(data(DataKind.D1, 20));
        assertThat(data(DataKind.D1, 20)).isNotEqualTo(BenchData.make(DataKind.D1, VOCABULARY, 20, 8));
    }

    @Test
    void instructionsHaveThirtyPercentTargetsAtTheirEnd() {
        BenchData data = data(DataKind.D1, 100);
        assertThat((double) data.targets() / data.tokens()).isCloseTo(0.3, within(0.01));
        for (EncodedSample sample : data.sequences()) {
            int context = sample.length() - sample.targetTokens();
            assertThat(Arrays.copyOfRange(sample.weights(), 0, context)).containsOnly(0);
            assertThat(sample.tokens()).startsWith(WordTokenizer.START, WordTokenizer.USER)
                    .endsWith(WordTokenizer.END);
            assertThat(sample.tokens()[context - 1]).isEqualTo(WordTokenizer.ASSISTANT);
        }
    }

    @Test
    void textsHaveOneLengthAndOnlyTargetsButForTheFirstToken() {
        BenchData data = data(DataKind.D2, 3);
        assertThat(data.tokens()).isEqualTo(3 * 512);
        assertThat(data.targets()).isEqualTo(3 * 511);
        assertThat(data.attendedLength()).isEqualTo(512);
    }

    @Test
    void attendedLengthWeighsLongSamplesByTheirTokens() {
        BenchData data = new BenchData(DataKind.D2, List.of(sample(10), sample(30)));
        assertThat(data.attendedLength()).isEqualTo((100 + 900) / 40.0);
    }

    private static EncodedSample sample(int length) {
        return new EncodedSample(new int[length], new float[length]);
    }

    @Test
    void conversationsInChatMlAreTheTokens() throws IOException {
        BenchData data = data(DataKind.D1, 5);
        Path file = folder.resolve("data.jsonl");
        data.writeText(file);
        List<String> rendered = Files.readAllLines(file).stream().map(BenchDataTest::chatMl).toList();
        assertThat(rendered).isEqualTo(data.sequences().stream().map(BenchDataTest::words).toList());
    }

    private static String chatMl(String line) {
        return chatMl(Json.parse(line).path("messages"));
    }

    private static String chatMl(JsonNode... parts) {
        StringBuilder text = new StringBuilder();
        for (JsonNode messages : parts) {
            for (JsonNode message : messages) {
                text.append("<|im_start|> ").append(message.path("role").stringValue()).append(' ')
                        .append(message.path("content").stringValue()).append(" <|im_end|> ");
            }
        }
        return text.toString().strip();
    }

    private static String words(EncodedSample sample) {
        return Arrays.stream(sample.tokens()).mapToObj(WordTokenizer::word).collect(Collectors.joining(" "));
    }

    @Test
    void answersOfAPairFollowOnePrompt() throws IOException {
        BenchData data = data(DataKind.PAIRS, 3);
        assertThat(data.samples()).isEqualTo(3);
        Path file = folder.resolve("data.jsonl");
        data.writeText(file);
        List<JsonNode> lines = Files.readAllLines(file).stream().map(Json::parse).toList();
        data.writeTokens(file);
        List<JsonNode> tokens = Files.readAllLines(file).stream().map(Json::parse).toList();
        for (int i = 0; i < 3; i++) {
            EncodedSample preferred = data.sample(i).getFirst();
            EncodedSample other = data.sample(i).getLast();
            assertThat(preferred.length()).isEqualTo(other.length()).isEqualTo(256);
            assertThat(preferred.targetTokens()).isEqualTo(128);
            assertThat(Arrays.copyOf(preferred.tokens(), 128)).isEqualTo(Arrays.copyOf(other.tokens(), 128));
            assertThat(preferred).isNotEqualTo(other);
            JsonNode messages = lines.get(i).path("input").path("messages");
            assertThat(chatMl(messages, lines.get(i).path("preferred_output"))).isEqualTo(words(preferred));
            assertThat(chatMl(messages, lines.get(i).path("non_preferred_output"))).isEqualTo(words(other));
            assertThat(tokens.get(i).path("prompt_ids").size()).isEqualTo(128);
            assertThat(tokens.get(i).path("rejected_ids").path(0).intValue()).isEqualTo(other.tokens()[128]);
        }
    }

    @Test
    void textLinesLackOnlyTheEndToken() throws IOException {
        BenchData data = data(DataKind.D2, 2);
        Path file = folder.resolve("data.jsonl");
        data.writeText(file);
        assertThat(Files.readAllLines(file).stream().map(line -> Json.parse(line).path("text").stringValue()
                + " <|im_end|>").toList()).isEqualTo(data.sequences().stream().map(BenchDataTest::words).toList());
    }

    @Test
    void peersGetTheSameTokensAndTargets() throws IOException {
        BenchData data = data(DataKind.D1, 4);
        Path file = folder.resolve("tokens.jsonl");
        data.writeTokens(file);
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            JsonNode line = Json.parse(lines.get(i));
            EncodedSample sample = data.sequences().get(i);
            for (int j = 0; j < sample.length(); j++) {
                assertThat(line.path("input_ids").path(j).intValue()).isEqualTo(sample.tokens()[j]);
                assertThat(line.path("labels").path(j).intValue())
                        .isEqualTo(sample.weights()[j] == 1 ? sample.tokens()[j] : -100);
            }
        }
    }
}
