package dev.luthier.core.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.ProblemException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TrainingTextTest {
    private static final Conversation TWO_TURNS = new Conversation(List.of(Message.user("A"), Message.assistant("B"),
            Message.user("C"), Message.assistant("D")));

    @ParameterizedTest
    @CsvSource(delimiter = '&', textBlock = """
            chatml            & <|im_start|>assistant\\n                       & <|im_end|>
            chatml-generation & <|im_start|>assistant\\n                       & <|im_end|>
            command-r         & <|CHATBOT_TOKEN|>                              & <|END_OF_TURN_TOKEN|>
            deepseek-coder    & ### Response:\\n                               & \\n<|EOT|>
            gemma             & <start_of_turn>model\\n                        & <end_of_turn>
            gemma-3           & <start_of_turn>model\\n                        & <end_of_turn>
            granite-3         & <|start_of_role|>assistant<|end_of_role|>      & <|end_of_text|>
            hermes-macro      & <|im_start|>assistant\\n                       & <|im_end|>
            llama-2           & [/INST]                                        & </s>
            llama-3           & assistant<|end_header_id|>\\n\\n               & <|eot_id|>
            llama-3.1         & assistant<|end_header_id|>\\n\\n               & <|eot_id|>
            mistral-7b-v0.1   & [/INST]                                        & </s>
            mistral-7b-v0.3   & ]                                              & </s>
            mistral-nemo      & ]                                              & </s>
            mistral-small-3   & ]                                              & </s>
            olmo-2            & <|assistant|>\\n                               & </s>
            phi-3             & <|assistant|>\\n                               & <|end|>
            qwen2             & <|im_start|>assistant\\n                       & <|im_end|>
            qwen2.5           & <|im_start|>assistant\\n                       & <|im_end|>
            qwen3             & <|im_start|>assistant\\n                       & <|im_end|>
            smollm2           & <|im_start|>assistant\\n                       & <|im_end|>
            zephyr            & <|assistant|>\\n                               & </s>
            """)
    void spansHoldTheTextAndTheEndOfTurnButNoHeader(String name, String header, String end) {
        ChatTemplate template = Golden.template(name);
        Golden.conversations().forEach((key, conversation) -> {
            if (renders(template, conversation)) {
                check(template.renderForTraining(conversation), conversation, header.translateEscapes(),
                        end.translateEscapes(), name + ", " + key);
            }
        });
    }

    private static boolean renders(ChatTemplate template, Conversation conversation) {
        try {
            String text = template.render(conversation, false);
            return conversation.tools().isEmpty()
                    || !text.equals(template.render(new Conversation(conversation.messages()), false));
        } catch (ProblemException refused) {
            return false;
        }
    }

    private static void check(TrainingText training, Conversation conversation, String header, String end,
            String what) {
        int[] assistants = IntStream.range(0, conversation.messages().size())
                .filter(i -> conversation.messages().get(i).role() == Role.ASSISTANT).toArray();
        assertThat(training.spans()).as(what).extracting(TrainingText.Span::message)
                .containsExactly(IntStream.of(assistants).boxed().toArray(Integer[]::new));
        for (TrainingText.Span span : training.spans()) {
            Message message = conversation.messages().get(span.message());
            String written = training.text().substring(span.start(), span.end());
            assertThat(written).as(what).endsWith(end);
            assertThat(training.text().substring(0, span.start())).as(what).endsWith(header);
            String body = strip(written.substring(0, written.length() - end.length()));
            String content = message.content();
            if (content != null && message.toolCalls().isEmpty()) {
                String noThought = "<think>\n\n</think>\n\n";
                assertThat(body).as(what).isIn(strip(content), noThought + strip(content), strip(noThought + content),
                        afterThought(content), noThought + content.stripTrailing());
            } else {
                assertThat(body).as(what).containsAnyOf(message.toolCalls().getLast().name(), "Let me look.")
                        .doesNotContain("noon\n", "rain");
            }
        }
    }

    private static String strip(String text) {
        return text.replace('\u00a0', ' ').strip();
    }

    private static String afterThought(String content) {
        int thought = content.indexOf("</think>");
        return strip(thought < 0 ? content : content.substring(thought + "</think>".length()));
    }

    @Test
    void thoughtsThatTheTemplateStripsAreNotInTheSpan() {
        Conversation conversation = Golden.conversation("thinking");
        TrainingText training = Golden.template("qwen3").renderForTraining(conversation);
        assertThat(texts(training)).containsExactly("2<|im_end|>", "<think>\nTwo and two.\n</think>\n\n4<|im_end|>");
    }

    @Test
    void aPromptThatStartsAThoughtLeavesTheStartAfterTheHeader() {
        TrainingText training = Golden.template("deepseek-r1").renderForTraining(TWO_TURNS);
        assertThat(texts(training)).containsExactly("B<｜end▁of▁sentence｜>", "D<｜end▁of▁sentence｜>");
    }

    @Test
    void generationBlocksCountAsTheyAre() {
        TrainingText training = Golden.template("smollm3-generation").renderForTraining(TWO_TURNS);
        assertThat(texts(training)).containsExactly("<|im_start|>assistant\nB<|im_end|>\n",
                "<|im_start|>assistant\nD<|im_end|>\n");
    }

    @Test
    void generationBlocksInsideMacrosAreFoundByPrefixes() {
        String source = """
                {%- macro turn(m) %}<{{ m.role }}>{% generation %}{{ m.content }}<end>{% endgeneration %}{% endmacro %}
                {%- for m in messages %}{{ turn(m) }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}""";
        TrainingText training = ChatTemplate.compile(source, Map.of()).renderForTraining(TWO_TURNS);
        assertThat(texts(training)).containsExactly("B<end>", "D<end>");
    }

    @Test
    void aHeaderWithoutGenerationPromptIsNotInTheSpan() {
        String source = "{% for m in messages %}<{{ m.role }}>{{ m.content }}<end>{% endfor %}";
        TrainingText training = ChatTemplate.compile(source, Map.of()).renderForTraining(TWO_TURNS);
        assertThat(texts(training)).containsExactly("B<end>", "D<end>");
    }

    @Test
    void aTurnThatOnlyEndsWithATokenBeforeAnotherHasIt() {
        String source = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% if not loop.last %}{{ eos_token }}{% endif %}"
                + "{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";
        TrainingText training = ChatTemplate.compile(source, Map.of("eos_token", "</s>")).renderForTraining(TWO_TURNS);
        assertThat(texts(training).getFirst()).isEqualTo("B</s>");
    }

    @Test
    void repeatedTextsKeepTheirPlaces() {
        Conversation conversation = new Conversation(List.of(Message.user("x"), Message.assistant("x"),
                Message.user("x"), Message.assistant("x"), Message.user("x")));
        TrainingText training = Golden.template("mistral-7b-v0.3").renderForTraining(conversation);
        assertThat(training.text()).isEqualTo("<s>[INST] x[/INST] x</s>[INST] x[/INST] x</s>[INST] x[/INST]");
        assertThat(training.spans()).containsExactly(new TrainingText.Span(18, 24, 1),
                new TrainingText.Span(39, 45, 3));
    }

    @Test
    void toolsInTheLastQuestionMoveEarlierSpans() {
        Conversation conversation = Golden.conversation("tools-unused");
        TrainingText training = Golden.template("mistral-7b-v0.3").renderForTraining(conversation);
        assertThat(texts(training)).containsExactly(" Hello</s>", " Hello again</s>");
        assertThat(training.text().indexOf("[AVAILABLE_TOOLS]")).isGreaterThan(training.spans().getFirst().end() - 1);
    }

    @Test
    void trainingTextIsTheSameOnAnyDay() {
        TrainingText training = ChatTemplate.compile("{{ strftime_now('%d %b %Y') }}", Map.of())
                .renderForTraining(new Conversation(List.of(Message.user("Hi"))));
        assertThat(training.text()).isEqualTo("26 Jul 2024");
    }

    @Test
    void toolsThatTheTemplateIgnoresAreRefused() {
        Conversation tools = Golden.conversation("tools-unused");
        ChatTemplate template = Golden.template("chatml");
        assertThatThrownBy(() -> template.renderForTraining(tools)).hasMessageContaining("does not show tools");
        Conversation calls = new Conversation(Golden.conversation("words-and-call").messages());
        assertThatThrownBy(() -> template.renderForTraining(calls)).hasMessageContaining("messages[1]")
                .hasMessageContaining("does not show the call of clock");
    }

    @Test
    void aTemplateThatFailsAtCallsItDoesNotKnowIsNamed() {
        ChatTemplate template = ChatTemplate.compile("{% for m in messages %}{{ m.role + m.content }}{% endfor %}",
                Map.of());
        Conversation call = new Conversation(List.of(Message.user("Q"),
                Message.calls(List.of(new ToolCall("a", "lamp", Json.parse("{}"))))));
        assertThatThrownBy(() -> template.renderForTraining(call)).hasMessageContaining("messages[1]")
                .hasMessageContaining("does not show the call of lamp");
    }

    @Test
    void aChangedTextIsRefusedByMessage() {
        assertUnverified("{% for m in messages %}<{{ m.role }}>{{ m.content | upper | reverse }}<end>{% endfor %}", 1);
    }

    @Test
    void aTemplateThatForgetsEarlierMessagesIsRefused() {
        assertUnverified("{% for m in messages[-2:] %}<{{ m.role }}>{{ m.content }}<end>{% endfor %}"
                + "{% if add_generation_prompt %}<assistant>{% endif %}", 1);
    }

    @Test
    void aTemplateThatShowsATextTwiceIsRefused() {
        assertUnverified("{% for m in messages %}<{{ m.role }}>{{ m.content }} {{ m.content }}<end>{% endfor %}", 1);
    }

    @Test
    void aTemplateThatReordersMessagesIsRefused() {
        assertUnverified("{% for m in messages | reverse %}<{{ m.role }}>{{ m.content }}<end>{% endfor %}", 1);
    }

    private static void assertUnverified(String source, int message) {
        ChatTemplate template = ChatTemplate.compile(source, Map.of());
        assertThatThrownBy(() -> template.renderForTraining(TWO_TURNS)).isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("messages[" + message + "] (assistant): its place");
    }

    private static List<String> texts(TrainingText training) {
        return training.spans().stream().map(span -> training.text().substring(span.start(), span.end())).toList();
    }
}
