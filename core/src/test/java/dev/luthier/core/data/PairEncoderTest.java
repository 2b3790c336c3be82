package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.chat.ChatTemplate;
import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.Message;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Preference pairs as tokens. */
final class PairEncoderTest {
    private static final String PLAIN = "{% for m in messages %}{{ m.role }}: {% if m.role == 'assistant' %}"
            + "{% generation %}{{ m.content }}<|im_end|>{% endgeneration %}{% else %}{{ m.content }}<|im_end|>{% endif %}"
            + "{% endfor %}";
    /** Says before everything else how long the last message is. */
    private static final String TELLTALE = "{{ messages[-1].content | length }} " + PLAIN;

    private final Tokenizer tokenizer = Tokenizer
            .load(Path.of("src/test/resources/tokenizer/byte-level/tokenizer.json"));

    @AfterEach
    void close() {
        tokenizer.close();
    }

    private EncodedUnit encode(String template, String preferred, String rejected, int maxTokens) {
        ChatTemplate compiled = ChatTemplate.compile(template, Map.of());
        Renderer renderer = new Renderer(compiled::renderForTraining, conversation -> "");
        Sample pair = new Sample.Pair(
                new Conversation(
                        List.of(Message.user("the fox"), Message.assistant("the dog"), Message.user("the fox"))),
                Message.assistant(preferred), Message.assistant(rejected));
        return new SampleEncoder(tokenizer, renderer, OptionalInt.empty(), List.of(), "test").encode(pair, maxTokens,
                () -> {});
    }

    private String targets(EncodedSample sample) {
        return tokenizer.decode(IntStream.range(0, sample.length()).filter(i -> sample.weights()[i] == 1)
                .map(i -> sample.tokens()[i]).toArray(), false);
    }

    @Test
    void onlyTheTwoAnswersCount() {
        EncodedUnit unit = encode(PLAIN, "yes", "no no", 128);
        assertThat(unit.sequences()).hasSize(2).extracting(sequence -> tokenizer.decode(sequence.tokens(), false))
                .allMatch(text -> text.startsWith("user: the fox<|im_end|>assistant: the dog<|im_end|>user: the fox"));
        assertThat(unit.sequences()).extracting(this::targets).containsExactly("yes<|im_end|>", "no no<|im_end|>");
    }

    @Test
    void equalAnswersAreRefused() {
        refused(SampleEncoder.REFUSED,
                "preferred_output and non_preferred_output are the same tokens: there is nothing to prefer.", PLAIN,
                "yes", "yes", 128);
        refused(SampleEncoder.REFUSED,
                "preferred_output and non_preferred_output are the same tokens: there is nothing to prefer.",
                PLAIN.replace("m.content", "m.content | trim"), "yes", " yes", 128);
    }

    @Test
    void templateThatTellsOfTheAnswerBeforeItIsRefused() {
        refused(SampleEncoder.REFUSED, "the model's template renders the prompt differently before the two outputs.",
                TELLTALE, "yes", "no", 128);
        assertThat(encode(TELLTALE, "yes", "not", 128).sequences()).hasSize(2);
    }

    @Test
    void eitherAnswerMayBeTooLong() {
        int longest = encode(PLAIN, "yes", "no no no no", 128).longest();
        assertThat(encode(PLAIN, "yes", "no no no no", longest).longest()).isEqualTo(longest);
        String fault = "the sample has " + longest + " tokens; at most " + (longest - 1)
                + " are possible. Shorten or split it.";
        refused(SampleEncoder.TOO_LONG, fault, PLAIN, "yes", "no no no no", longest - 1);
        refused(SampleEncoder.TOO_LONG, fault, PLAIN, "no no no no", "yes", longest - 1);
    }

    private void refused(String code, String message, String template, String preferred, String rejected,
            int maxTokens) {
        assertThatThrownBy(() -> encode(template, preferred, rejected, maxTokens)).hasMessage(message)
                .extracting(e -> ((ProblemException) e).problem().code()).isEqualTo(code);
    }
}
