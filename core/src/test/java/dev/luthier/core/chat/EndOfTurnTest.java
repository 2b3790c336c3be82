package dev.luthier.core.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.ProblemException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A tuned model learns to stop: the token that ends a turn is a target of the last message too, or the user is told. */
final class EndOfTurnTest {
    private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");
    private static final Conversation TWO_TURNS = new Conversation(List.of(Message.user("A"), Message.assistant("B"),
            Message.user("C"), Message.assistant("D")));

    private static TrainingText training(String source) {
        return ChatTemplate.compile(source, TOKENS).renderForTraining(TWO_TURNS);
    }

    private static List<String> targets(TrainingText training) {
        return training.spans().stream().map(span -> training.text().substring(span.start(), span.end())).toList();
    }

    private static String loop(String message, String prompt) {
        return "{{ bos_token }}{% for m in messages %}" + message + "{% endfor %}{% if add_generation_prompt %}"
                + prompt
                + "{% endif %}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '&', textBlock = """
            <|im_start|>{{ m.role }}\\n{{ m.content }}{% if not loop.last or add_generation_prompt %}<|im_end|>\\n{% endif %} & <|im_start|>assistant\\n & <|im_end|>
            <|im_start|>{{ m.role }}\\n{{ m.content }}{% if not loop.last %}<|im_end|>\\n{% endif %} & <|im_start|>assistant\\n & <|im_end|>
            {% if m.role == 'user' %}{% if not loop.first %} </s>{% endif %}[INST] {{ m.content }} [/INST]{% else %} {{ m.content }}{% endif %} & '' & ' </s>'
            {% if m.role == 'user' %}USER: {{ m.content }} {% else %}ASSISTANT: {{ m.content }}{{ '' if loop.last else eos_token }}{% endif %} & ASSISTANT: & </s>
            <|user|>{{ m.content if m.role == 'user' }}{% if m.role != 'user' %}<|bot|>{{ m.content }}{{ '' if loop.last else '<|end|>' }}{% endif %} & <|bot|> & <|end|>
            """)
    void theTokenBetweenTurnsIsATargetAfterTheLastToo(String message, String prompt, String end) {
        TrainingText training = training(loop(message, prompt).translateEscapes());
        assertThat(targets(training)).extracting(String::strip).containsExactly("B" + end, "D" + end);
        assertThat(training.text()).endsWith("D" + end);
        assertThat(training.notes()).singleElement().matches(note -> !note.isWarning())
                .extracting(TemplateNote::text).asString().contains(end.strip() + " only between turns");
    }

    @Test
    void theAddedTokenIsInTrainingTextOnly() {
        String source = loop("{{ m.content }}{{ '' if loop.last else eos_token }}", "");
        assertThat(ChatTemplate.compile(source, TOKENS).render(TWO_TURNS, false)).isEqualTo("<s>A</s>B</s>C</s>D");
        assertThat(training(source).text()).isEqualTo("<s>A</s>B</s>C</s>D</s>");
    }

    @Test
    void whiteSpaceThatTheTemplatePrintsLastGivesWayToTheToken() {
        String source = loop("<{{ m.role }}>\\n{{ m.content }}\\n{{ '' if loop.last else eos_token }}",
                "<assistant>\\n")
                .translateEscapes();
        assertThat(targets(training(source))).containsExactly("B\n</s>", "D\n</s>");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '&', textBlock = """
            <|{{ m.role }}|>\\n{{ m.content }} & <|assistant|>\\n
            <|start|>{{ m.role }}<|sep|>{{ m.content }} & <|start|>assistant<|sep|>
            ### {{ m.role }}:\\n{{ m.content }}\\n & ### assistant:\\n
            {{ m.role }}: {{ m.content }}\\n\\n & assistant:
            """)
    void aTemplateWithoutEndOfTurnIsWarnedOf(String message, String prompt) {
        TrainingText training = training(loop(message, prompt).translateEscapes());
        assertThat(training.notes()).containsExactly(TemplateNote.NO_END_OF_TURN);
        assertThat(training.text().stripTrailing()).endsWith("D");
    }

    @Test
    void aSystemMessageThatTheTemplateAddsHidesNoEndOfTurn() {
        for (String[] words : new String[][]{
                {"<|im_start|>system\nS<|im_end|>\n", "<|im_start|>", "\n", "<|im_end|>\n"},
                {"<|system|>S<|end|>", "<|", "|>", "<|end|>"}}) {
            String message = words[1] + "{{ m.role }}" + words[2] + "{{ m.content }}{% if not loop.last %}" + words[3]
                    + "{% endif %}";
            String end = words[3].strip();
            assertThat(targets(training(words[0] + loop(message, "")))).extracting(String::strip)
                    .containsExactly("B" + end, "D" + end);
        }
        String none = "<|system|>S" + loop("<|{{ m.role }}|>{{ m.content }}", "<|assistant|>");
        assertThat(training(none).notes()).containsExactly(TemplateNote.NO_END_OF_TURN);
    }

    @Test
    void aHeaderThatTheModelStopsAtEndsItsTurns() {
        String source = loop("<|{{ m.role }}|>{{ m.content }}", "<|assistant|>");
        ChatTemplate template = ChatTemplate.compile(source, Map.of(),
                new StopTokens(Set.of("<|user|>"), token -> true));
        assertThat(targets(template.renderForTraining(TWO_TURNS))).containsExactly("B<|user|>", "D<|user|>");
    }

    @Test
    void whatOnlyLooksLikeATokenEndsNoTurn() {
        String source = loop("<{{ m.role }}>{{ m.content }}</{{ m.role }}>", "<assistant>");
        ChatTemplate template = ChatTemplate.compile(source, Map.of(), new StopTokens(Set.of(), token -> false));
        assertThat(template.renderForTraining(TWO_TURNS).notes()).containsExactly(TemplateNote.NO_END_OF_TURN);
        String ownToken = loop("<{{ m.role }}>{{ m.content }}{{ '' if loop.last else eos_token }}", "<assistant>");
        Conversation tag = new Conversation(List.of(Message.user("A"), Message.assistant("use <b>")));
        assertThat(ChatTemplate.compile(ownToken, TOKENS).renderForTraining(tag).text()).endsWith("use <b></s>");
    }

    @Test
    void aTokenThatEndsTheAnswerOnlyIsNotTheEndOfTheTurn() {
        String source = loop("<{{ m.role }}>{% if m.role == 'user' %}{{ m.content }}{% else %}<|start|>{{ m.content }}"
                + "<|stop|>{% endif %}{{ eos_token }}", "<assistant>");
        assertThat(targets(training(source))).containsExactly("<|start|>B<|stop|></s>", "<|start|>D<|stop|></s>");
        assertThat(EndOfTurn.of(ChatTemplate.compile(source, TOKENS)).token()).isEqualTo("</s>");
    }

    @Test
    void callsAtTheEndGetTheTokenToo() {
        String source = loop("<{{ m.role }}>{{ m.content }}{% for call in m.tool_calls %}<tool_call>"
                + "{{ call.function | tojson }}</tool_call>{% endfor %}{{ '' if loop.last else eos_token }}",
                "<assistant>");
        Conversation calling = new Conversation(List.of(Message.user("A"),
                Message.calls(List.of(new ToolCall("a", "lamp", Json.parse("{}"))))));
        assertThat(ChatTemplate.compile(source, TOKENS).renderForTraining(calling).text()).endsWith("</tool_call></s>");
    }

    @Test
    void templatesThatEndEveryTurnHaveNothingAdded() {
        for (String name : List.of("chatml", "llama-3.1", "mistral-nemo", "qwen3", "gemma-3", "phi-3", "zephyr",
                "llama-2",
                "command-r", "deepseek-r1", "deepseek-coder", "granite-3", "olmo-2", "smollm3-generation")) {
            ChatTemplate template = Golden.template(name);
            Golden.conversations().forEach((key, conversation) -> {
                TrainingText training;
                try {
                    training = template.renderForTraining(conversation);
                } catch (ProblemException refused) {
                    return;
                }
                assertThat(training.notes()).as("%s, %s", name, key).filteredOn(TemplateNote::isWarning).isEmpty();
                assertThat(training.text()).as(name).isEqualTo(template.render(conversation, false));
            });
        }
    }
}
