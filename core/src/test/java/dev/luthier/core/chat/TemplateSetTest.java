package dev.luthier.core.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.ProblemException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which of a model's templates renders a conversation, and what a template that ignores tools comes to. */
final class TemplateSetTest {
    private static final String PLAIN = "{% for m in messages %}[{{ m.role }}]{{ m.content }}</s>{% endfor %}";
    private static final String TOOLS = "{% for t in tools or [] %}({{ t.function.name }}){% endfor %}" + PLAIN;
    private static final List<Message> MESSAGES = List.of(Message.user("Q"), Message.assistant("A"));
    private static final Conversation BARE = new Conversation(MESSAGES);
    private static final Conversation WITH_TOOLS = new Conversation(MESSAGES, List.of(Json.parse(
            "{\"type\":\"function\",\"function\":{\"name\":\"lamp\",\"parameters\":{\"type\":\"object\"}}}")));

    private static TemplateSet set(Map<String, String> sources) {
        return TemplateSet.compile(sources, Map.of("eos_token", "</s>")).orElseThrow();
    }

    @Test
    void toolsAreRenderedByTheTemplateForThem() {
        TemplateSet set = set(Map.of("default", PLAIN, "tool_use", TOOLS, "rag", "x"));
        assertThat(set.prompt(BARE, false)).isEqualTo("[user]Q</s>[assistant]A</s>");
        assertThat(set.prompt(WITH_TOOLS, false)).isEqualTo("(lamp)[user]Q</s>[assistant]A</s>");
        assertThat(set.trainingText(WITH_TOOLS).text()).startsWith("(lamp)");
        assertThat(set.trainingText(BARE).text()).startsWith("[user]");
        assertThat(set.showsTools()).isTrue();
    }

    @Test
    void oneTemplateServesForAll() {
        assertThat(set(Map.of("default", TOOLS)).prompt(WITH_TOOLS, false)).startsWith("(lamp)");
        assertThat(set(Map.of("tool_use", TOOLS)).prompt(BARE, false)).startsWith("[user]");
        assertThat(TemplateSet.compile(Map.of("rag", "x"), Map.of())).isEmpty();
    }

    @Test
    void aTemplateThatShowsNoToolsRefusesThem() {
        for (String source : List.of(PLAIN, PLAIN + "{# tools #}", "{% if tools and false %}x{% endif %}" + PLAIN)) {
            TemplateSet set = set(Map.of("default", source));
            assertThat(set.showsTools()).isFalse();
            assertThatThrownBy(() -> set.prompt(WITH_TOOLS, false)).isInstanceOf(ProblemException.class)
                    .hasMessageContaining("does not show tools");
            assertThatThrownBy(() -> set.prompt(WITH_TOOLS, true)).hasMessageContaining("does not show tools");
            assertThatThrownBy(() -> set.trainingText(WITH_TOOLS)).hasMessageContaining("does not show tools");
            assertThat(set.notes()).extracting(TemplateNote::text).singleElement().asString()
                    .contains("does not show tools");
        }
    }

    @Test
    void functionsReachTheTemplateAsItNamesThem() {
        String bare = "{% for t in tools or [] %}({{ t.name }}){% endfor %}" + PLAIN;
        assertThat(set(Map.of("default", bare)).prompt(WITH_TOOLS, false)).startsWith("(lamp)");
        String either = "{% for t in tools or [] %}({{ (t.function or t) | tojson }}{{ t.type }}){% endfor %}" + PLAIN;
        assertThat(set(Map.of("default", either)).prompt(WITH_TOOLS, false)).startsWith("({\"name\": \"lamp\"")
                .contains("}function)");
    }

    @Test
    void aBrokenTemplateForToolsSpoilsOnlyConversationsWithTools() {
        TemplateSet set = set(Map.of("default", PLAIN, "tool_use", "\n{% if %}"));
        assertThat(set.prompt(BARE, false)).startsWith("[user]");
        assertThatThrownBy(() -> set.prompt(WITH_TOOLS, false)).hasMessageContaining("line 2");
        assertThat(set.notes()).extracting(TemplateNote::text).singleElement().asString().contains("tool_use");
    }

    @Test
    void notesSayInWhichFormCallsAreHandedOver() {
        String calls = "{% for m in messages %}{{ m.role }}{% for c in m.tool_calls %}{{ c.function.name }} %s"
                + "{% endfor %}{{ eos_token }}{% endfor %}{{ tools | tojson }}";
        assertThat(notes(calls.replace("%s", "{{ '' + c.function.arguments }}"))).contains("as JSON texts");
        assertThat(notes(calls.replace("%s", "{{ c.function.arguments | tojson }}"))).contains("as objects");
        assertThat(notes(calls.replace("%s",
                "{{ c.function.arguments if c.function.arguments is string else c.function.arguments | tojson }}")))
                .contains("as the data holds them");
        assertThat(notes(calls.replace("%s", ""))).contains("leaves them out");
    }

    private static String notes(String source) {
        return set(Map.of("default", source)).notes().stream().map(TemplateNote::text).toList().toString();
    }
}
