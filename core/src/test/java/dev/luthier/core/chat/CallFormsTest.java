package dev.luthier.core.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tool calls reach each template in the form that it renders rightly. */
final class CallFormsTest {
    private static final String OBJECT = "{\"room\": \"hall <2>\"}";

    /** How templates write a call, and which form of its arguments that needs. */
    private static final String CONCATENATES = calls(
            "{{ '<call>' + call.function.name + ' ' + call.function.arguments }}");
    private static final String DUMPS = calls(
            "{{ '<call>' ~ call.function.name ~ ' ' }}{{ call.function.arguments | tojson }}");
    private static final String TAKES_BOTH = calls("{{ '<call>' ~ call.function.name ~ ' ' }}"
            + "{% if call.function.arguments is string %}{{ call.function.arguments }}"
            + "{% else %}{{ call.function.arguments | tojson }}{% endif %}");
    private static final String ESCAPES_AROUND_MARKUP = calls("{% set a = call.function.arguments %}"
            + "{% if a is not string %}{% set a = a | tojson | safe %}{% endif %}"
            + "{{ '<call>' + call.function.name + ' {\"a\": ' + a + '}' }}");
    private static final String LISTS_ITEMS = calls("{{ '<call>' ~ call.function.name }}"
            + "{% for key, value in call.function.arguments | items %}<{{ key }}>{{ value }}</{{ key }}>{% endfor %}");

    private static String calls(String call) {
        return "{% for m in messages %}[{{ m.role }}]{% if m.tool_calls %}{% for call in m.tool_calls %}" + call
                + "{% endfor %}{% else %}{{ m.content }}{% endif %}</s>{% endfor %}{{ tools }}";
    }

    private static ToolCall call(CallForm.Arguments form) {
        return new ToolCall("call_1", "lamp", Json.parse(OBJECT),
                form == CallForm.Arguments.TEXT ? "{\"room\":  \"hall <2>\"}" : null);
    }

    private static String render(String source, Message message) {
        return ChatTemplate.compile(source, Map.of())
                .render(new Conversation(List.of(Message.user("Lamp?"), message)), false);
    }

    @ParameterizedTest
    @EnumSource
    void argumentsComeOutAsJsonWhicheverFormTheDataHolds(CallForm.Arguments held) {
        for (String source : List.of(CONCATENATES, DUMPS, TAKES_BOTH, ESCAPES_AROUND_MARKUP)) {
            assertThat(render(source, Message.calls(List.of(call(held))))).as(source).contains("<call>lamp ")
                    .containsPattern("\\{\"room\":  ?\"hall <2>\"}").doesNotContain("&#34;", "\\\"");
        }
        assertThat(render(LISTS_ITEMS, Message.calls(List.of(call(held))))).contains("<room>hall <2></room>");
    }

    @Test
    void aTemplateThatTakesBothGetsTheTextOfTheDataUntouched() {
        assertThat(render(TAKES_BOTH, Message.calls(List.of(call(CallForm.Arguments.TEXT)))))
                .contains("{\"room\":  \"hall <2>\"}");
        assertThat(render(ESCAPES_AROUND_MARKUP, Message.calls(List.of(call(CallForm.Arguments.TEXT)))))
                .contains("{\"a\": {\"room\":  \"hall <2>\"}}");
    }

    @Test
    void callsWithoutAHeaderAreTheModelsFromTheEndOfThePrompt() {
        String source = "{% for m in messages %}{% if m.tool_calls %}{% set a = m.tool_calls[0].function.arguments %}"
                + "{% if a is not string %}{% set a = a | tojson | safe %}{% endif %}"
                + "{{ '[CALL]{\"a\": ' + a + '}' + eos_token }}{% else %}[{{ m.role }}]{{ m.content }}{% endif %}{% endfor %}";
        TrainingText training = ChatTemplate.compile(source, Map.of("eos_token", "</s>"))
                .renderForTraining(new Conversation(List.of(Message.user("Q"),
                        new Message(Role.ASSISTANT, null, List.of(call(CallForm.Arguments.MAPPING)), null, null,
                                NoContent.NULL))));
        assertThat(training.text().substring(training.spans().getFirst().start()))
                .isEqualTo("[CALL]{\"a\": {\"room\": \"hall <2>\"}}</s>");
    }

    @Test
    void objectsBecomeTextAsPythonWritesThem() {
        ToolCall call = new ToolCall("", "f", Json.parse("{\"a\":1.0,\"b\":[1e22,\"é\"],\"c\":{}}"));
        assertThat(render(CONCATENATES, Message.calls(List.of(call))))
                .contains("f {\"a\": 1.0, \"b\": [1e+22, \"é\"], \"c\": {}}");
    }

    private static final String NULL_MEANS_CALLS = "{% for m in messages %}[{{ m.role }}]"
            + "{% if m.role == 'assistant' and m.content is none %}{% for call in m.tool_calls %}<call>"
            + "{{ call.function.name + call.function.arguments }}{% endfor %}{% else %}{{ m.content + '</s>' }}{% endif %}"
            + "{% endfor %}";
    private static final String PRINTS_CONTENT = "{% for m in messages %}[{{ m.role }}]{{ m.content }}"
            + "{% for call in m.tool_calls %}<call>{{ call.function | tojson }}{% endfor %}{% endfor %}";

    @ParameterizedTest
    @EnumSource
    void aMissingContentIsHandedOverAsTheTemplateNeedsIt(NoContent held) {
        Message message = new Message(Role.ASSISTANT, held == NoContent.EMPTY ? "" : null,
                List.of(call(CallForm.Arguments.TEXT)), null, null, held);
        assertThat(render(NULL_MEANS_CALLS, message)).endsWith("[assistant]<call>lamp{\"room\":  \"hall <2>\"}");
        assertThat(render(PRINTS_CONTENT, message)).contains("[assistant]<call>{\"name\": \"lamp\"")
                .doesNotContain("None");
    }

    @Test
    void aTemplateThatCopesSeesTheContentAsItIs() {
        String source = "{% for m in messages %}{% if m.tool_calls %}{{ 'content' in m }} {{ m.content is none }} "
                + "{{ m.tool_calls[0].function.arguments | tojson }}{% endif %}{% endfor %}";
        Message absent = Message.calls(List.of(call(CallForm.Arguments.MAPPING)));
        assertThat(render(source, absent)).startsWith("False False ");
        assertThat(render(source, new Message(Role.ASSISTANT, null, absent.toolCalls(), null, null, NoContent.NULL)))
                .startsWith("True True ");
        assertThat(render(source, absent.withContent(""))).startsWith("True False ");
    }

    @Test
    void longIdsAreReplacedAlikeWhereTheTemplateWantsNineCharacters() {
        String source = "{% for m in messages %}{% for call in m.tool_calls %}{% if call.id | length != 9 %}"
                + "{{ raise_exception('nine!') }}{% endif %}{{ call.function.arguments | tojson }}={{ call.id }};{% endfor %}"
                + "{% if m.tool_call_id is defined %}{{ m.tool_call_id }}{% endif %}{% endfor %}";
        ToolCall call = new ToolCall("call_0123456789abcdef01234567", "f", Json.parse("{}"));
        Conversation conversation = new Conversation(List.of(Message.user("Q"), Message.calls(List.of(call)),
                Message.tool(call.id(), "f", "on")));
        String[] ids = ChatTemplate.compile(source, Map.of()).render(conversation, false).split("[=;]", -1);
        assertThat(ids[1]).matches("[a-zA-Z0-9]{9}").isEqualTo(ids[2]);
        ToolCall nine = new ToolCall("abcdEF123", "f", Json.parse("{}"));
        assertThat(render(source, Message.calls(List.of(nine)))).contains("=abcdEF123;");
        assertThat(render(DUMPS, Message.calls(List.of(call)))).doesNotContain(ids[1]);
    }

    @Test
    void aTemplateThatHidesCallsGetsThemAsTheyAre() {
        String source = "{% for call in messages[1].tool_calls %}{{ call.function.arguments is string }}{% endfor %}";
        assertThat(render(source, Message.calls(List.of(call(CallForm.Arguments.TEXT))))).isEqualTo("True");
        assertThat(render(source, Message.calls(List.of(call(CallForm.Arguments.MAPPING))))).isEqualTo("False");
    }
}
