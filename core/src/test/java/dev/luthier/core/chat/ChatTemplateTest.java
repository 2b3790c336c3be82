package dev.luthier.core.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.ProblemException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ChatTemplateTest {
    private static final String CHATML = """
            {% for message in messages %}
            {{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
            {%- endfor %}
            {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
            """;

    private final Conversation greeting = new Conversation(List.of(Message.user("Hi"), Message.assistant("Hello ")));

    @Test
    void rendersMessagesAndTheGenerationPrompt() {
        ChatTemplate template = ChatTemplate.compile(CHATML, Map.of());
        assertThat(template.render(new Conversation(List.of(Message.user("Hi"))), true))
                .isEqualTo("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
    }

    @Test
    void continuesTheLastMessageWithItsTrailingSpace() {
        ChatTemplate template = ChatTemplate.compile(CHATML, Map.of());
        assertThat(template.renderContinuing(greeting, Map.of()))
                .isEqualTo("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello ");
    }

    @Test
    void continuesATrimmedMessageWithoutTrailingSpace() {
        ChatTemplate template = ChatTemplate.compile(CHATML.replace("message.content", "(message.content | trim)"),
                Map.of());
        assertThat(template.renderContinuing(greeting, Map.of()))
                .isEqualTo("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello");
    }

    @Test
    void aTemplateThatHidesTheMessageCannotContinueIt() {
        ChatTemplate template = ChatTemplate.compile("{{ messages[0].content }}", Map.of());
        assertThatThrownBy(() -> template.renderContinuing(greeting, Map.of())).isInstanceOf(ProblemException.class)
                .hasMessageContaining("cannot be continued");
    }

    @Test
    void tellsTheTemplatesOwnWordsAndTheLine() {
        ChatTemplate template = ChatTemplate
                .compile("{% if true %}\n{{ raise_exception('Roles must alternate!') }}{% endif %}", Map.of());
        assertThatThrownBy(() -> template.render(greeting, false)).isInstanceOf(ProblemException.class)
                .hasMessage("Roles must alternate! (raised by the chat template, line 2)");
    }

    @Test
    void handsOverTokensToolsAndVariables() {
        ChatTemplate template = ChatTemplate.compile(
                "{{ bos_token }}{{ tools | tojson }}{{ enable_thinking }}{{ documents }}{{ messages[0] }}",
                Map.of("bos_token", "<s>"));
        Conversation conversation = new Conversation(List.of(Message.calls(List.of(
                new ToolCall("abc", "f", Json.parse("{\"x\":1.0}"))))), List.of(Json.parse("{\"b\":1,\"a\":[]}")));
        assertThat(
                template.render(conversation, new RenderOptions(false, Map.of("enable_thinking", Json.parse("true")))))
                .isEqualTo("<s>[{\"b\": 1, \"a\": []}]TrueNone{'role': 'assistant', 'tool_calls': [{'id': 'abc', "
                        + "'type': 'function', 'function': {'name': 'f', 'arguments': {'x': 1.0}}}]}");
    }

    @Test
    void variablesReachTheTemplate() {
        Conversation question = new Conversation(List.of(Message.user("Hi")));
        assertThat(Golden.template("qwen3").render(question,
                new RenderOptions(true, Map.of("enable_thinking", Json.parse("false")))))
                .isEqualTo("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n");
    }

    @Test
    void printsTheTimeItIsGiven() {
        ChatTemplate template = ChatTemplate.compile("{{ strftime_now('%d %b %Y') }}", Map.of());
        assertThat(template.at(LocalDateTime.of(2025, 3, 4, 5, 6)).render(greeting, false)).isEqualTo("04 Mar 2025");
    }
}
