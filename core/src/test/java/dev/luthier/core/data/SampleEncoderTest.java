package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.chat.ChatTemplate;
import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.Message;
import dev.luthier.core.chat.Role;
import dev.luthier.core.chat.TrainingText;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class SampleEncoderTest {
    private static final Path TOKENIZERS = Path.of("src/test/resources/tokenizer");
    private static final int END = 2;

    @Test
    void tokensAndTargetsAreThoseOfTransformers() throws IOException {
        JsonNode golden = golden();
        for (JsonNode example : golden.get("cases")) {
            List<Message> messages = new ArrayList<>();
            for (JsonNode message : example.get("messages")) {
                messages.add(new Message(Role.of(message.get("role").stringValue()).orElseThrow(),
                        message.get("content").stringValue(), List.of(), null, null));
            }
            ChatTemplate template = ChatTemplate
                    .compile(golden.get("templates").get(example.get("template").stringValue()).stringValue(),
                            Map.of());
            String text = example.get("text").stringValue();
            EncodedSample sample = encode(example.get("tokenizer").stringValue(), template::renderForTraining,
                    chat(messages));
            assertThat(template.renderForTraining(new Conversation(messages)).text()).isEqualTo(text);
            assertThat(sample.tokens()).as(text).isEqualTo(ints(example.get("ids")));
            assertThat(mask(sample)).as(text).isEqualTo(ints(example.get("mask")));
        }
    }

    private static Sample chat(List<Message> messages) {
        return new Sample.Chat(new Conversation(messages),
                messages.stream().map(message -> message.role() == Role.ASSISTANT ? 1 : 0).toList());
    }

    @Test
    void messageOfWeightZeroHasNoTargets() {
        String text = "question: a\n\nanswer: no\n\nquestion: b\n\nanswer: yes\n\n";
        TrainingText rendered = new TrainingText(text, List.of(span(text, "no", 1), span(text, "yes", 3)));
        List<Message> messages = List.of(Message.user("a"), Message.assistant("no"), Message.user("b"),
                Message.assistant("yes"));
        Sample both = new Sample.Chat(new Conversation(messages), List.of(0, 1, 0, 1));
        Sample second = new Sample.Chat(new Conversation(messages), List.of(0, 0, 0, 1));
        assertThat(targets("byte-level", rendered, both)).isEqualTo("noyes");
        assertThat(targets("byte-level", rendered, second)).isEqualTo("yes");
    }

    @Test
    void tokenAcrossTheBeginningOfAnAnswerCounts() {
        // The space before the answer belongs to the header, but is in one token with the answer's first letters.
        String text = "answer: the dog";
        TrainingText rendered = new TrainingText(text, List.of(new TrainingText.Span(8, 15, 0)));
        Sample sample = new Sample.Chat(new Conversation(List.of(Message.assistant("the dog"))), List.of(1));
        assertThat(targets("byte-level", rendered, sample)).isEqualTo(" the dog");
    }

    @Test
    void allBytesOfACharacterCount() {
        // transformers leaves out all but the first token of a character that ends an answer.
        String text = "answer: \uD83D\uDE00\n";
        TrainingText rendered = new TrainingText(text, List.of(new TrainingText.Span(8, 10, 0)));
        Sample sample = new Sample.Chat(new Conversation(List.of(Message.assistant("\uD83D\uDE00"))), List.of(1));
        assertThat(targets("metaspace", rendered, sample)).isEqualTo("\uD83D\uDE00");
    }

    @Test
    void firstTokenIsNeverATarget() {
        TrainingText rendered = new TrainingText(" the dog", List.of(new TrainingText.Span(0, 8, 0)));
        Sample sample = new Sample.Chat(new Conversation(List.of(Message.assistant("the dog"))), List.of(1));
        assertThat(targets("byte-level", rendered, sample)).isEqualTo(" dog");
    }

    private static TrainingText.Span span(String text, String answer, int message) {
        int start = text.indexOf(answer);
        return new TrainingText.Span(start, start + answer.length(), message);
    }

    private static String targets(String kind, TrainingText text, Sample sample) {
        EncodedSample encoded = encode(kind, conversation -> text, sample);
        int[] targets = IntStream.range(0, encoded.length()).filter(i -> encoded.weights()[i] == 1)
                .map(i -> encoded.tokens()[i]).toArray();
        try (Tokenizer tokenizer = Tokenizer.load(TOKENIZERS.resolve(kind).resolve("tokenizer.json"))) {
            return tokenizer.decode(targets, false);
        }
    }

    @Test
    void plainTextStandsBetweenBeginningAndEnd() {
        try (Tokenizer tokenizer = Tokenizer.load(TOKENIZERS.resolve("metaspace/tokenizer.json"))) {
            int[] plain = tokenizer.encode("the dog", false);
            EncodedSample sample = new SampleEncoder(tokenizer, null, OptionalInt.of(END), List.of(), "test")
                    .encode(new Sample.Text("the dog")).sequences().getFirst();
            assertThat(sample.tokens()).isEqualTo(
                    IntStream.concat(IntStream.concat(IntStream.of(1), IntStream.of(plain)), IntStream.of(END))
                            .toArray());
            assertThat(sample.weights()[0]).isZero();
            assertThat(sample.targetTokens()).isEqualTo(sample.length() - 1);
            int[] endless = new SampleEncoder(tokenizer, null, OptionalInt.empty(), List.of(), "test")
                    .encode(new Sample.Text("the dog")).sequences().getFirst().tokens();
            assertThat(endless).hasSize(sample.length() - 1).doesNotContain(END);
        }
    }

    @Test
    void conversationNeedsAChatTemplate() {
        Sample sample = new Sample.Chat(new Conversation(List.of(Message.assistant("a"))), List.of(1));
        try (Tokenizer tokenizer = Tokenizer.load(TOKENIZERS.resolve("byte-level/tokenizer.json"))) {
            SampleEncoder encoder = new SampleEncoder(tokenizer, null, OptionalInt.of(END), List.of(), "test");
            assertThatThrownBy(() -> encoder.encode(sample)).hasMessageContaining("no chat template")
                    .extracting(e -> ((ProblemException) e).problem().code()).isEqualTo("missing_chat_template");
        }
    }

    @Test
    void templatesRefusalIsAFaultOfTheSample() {
        Sample sample = new Sample.Chat(new Conversation(List.of(Message.assistant("a"))), List.of(1));
        try (Tokenizer tokenizer = Tokenizer.load(TOKENIZERS.resolve("byte-level/tokenizer.json"))) {
            SampleEncoder encoder = new SampleEncoder(tokenizer, renderer(conversation -> {
                throw Problem.user("template_error", "Roles must alternate.").asException();
            }), OptionalInt.of(END), List.of(), "test");
            assertThatThrownBy(() -> encoder.encode(sample))
                    .hasMessage("Roles must alternate.")
                    .extracting(e -> ((ProblemException) e).problem().code()).isEqualTo(SampleEncoder.REFUSED);
        }
    }

    private static JsonNode golden() throws IOException {
        try (InputStream file = SampleEncoderTest.class.getResourceAsStream("/data/golden/masks.json")) {
            return Json.MAPPER.readTree(Objects.requireNonNull(file));
        }
    }

    private static int[] ints(JsonNode list) {
        return IntStream.range(0, list.size()).map(i -> list.get(i).intValue()).toArray();
    }

    private static int[] mask(EncodedSample sample) {
        return IntStream.range(0, sample.length()).map(i -> (int) sample.weights()[i]).toArray();
    }

    private static Renderer renderer(Function<Conversation, TrainingText> template) {
        return new Renderer(template, conversation -> template.apply(conversation).text());
    }

    private static EncodedSample encode(String kind, Function<Conversation, TrainingText> template, Sample sample) {
        try (Tokenizer tokenizer = Tokenizer.load(TOKENIZERS.resolve(kind).resolve("tokenizer.json"))) {
            return new SampleEncoder(tokenizer, renderer(template), OptionalInt.of(END), List.of(), "test")
                    .encode(sample).sequences().getFirst();
        }
    }
}
