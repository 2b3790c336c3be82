package dev.luthier.core.chat;

import dev.luthier.core.chat.CallForm.Arguments;
import dev.luthier.core.jinja.value.Limits;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.ProblemException;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;

/** Renders a synthetic tool call in one form or another, and judges what comes out. */
final class CallProbe {
    private static final String VALUE = "K7 <z> & \u00e9 it's";
    private static final String ARGUMENTS = "{\"alpha\": \"" + VALUE + "\", \"beta\": [3, true]}";
    private static final JsonNode OBJECT = Json.parse(ARGUMENTS);
    private static final String NAME = "probe_function";
    /* Shares no word with the call: a template may print the tools again, and that proves nothing. */
    private static final JsonNode TOOL = Json
            .parse("""
                    {"type": "function", "function": {"name": "offered", "description": "Text.", "parameters": {"type": "object",
                    "properties": {"gamma": {"type": "string", "description": "Text."}}, "required": ["gamma"]}}}""");
    /* As long as OpenAI's ids. */
    private static final String LONG_ID = "call_Ab12Cd34Ef56Gh78Ij90Kl12";
    private static final String SHORT_ID = "Ab12Cd34E";
    /* What escapes for web pages leave in a text, and Python's word for null where a text was expected. */
    private static final Pattern GARBLED = Pattern.compile("&#34;|&#39;|&quot;|&lt;|&gt;|&amp;|\\bNone\\b");
    private static final Limits LIMITS = new Limits(500_000, 1 << 20, 100_000, Limits.DEFAULT.depth());

    private final ChatTemplate template;

    CallProbe(ChatTemplate template) {
        this.template = template.with(CallForms.AS_GIVEN).at(ChatTemplate.TRAINING_TIME);
    }

    /** How well a rendering shows the call that it was made of. */
    record Quality(Level level, int garbled) {
        static final Quality UNKNOWN = new Quality(Level.REFUSED, 0);
        static final Comparator<Quality> ORDER = Comparator.comparing(Quality::level)
                .thenComparing(Quality::garbled, Comparator.reverseOrder());

        boolean isBetterThan(Quality other) {
            return ORDER.compare(this, other) > 0;
        }

        boolean isShown() {
            return level.compareTo(Level.HIDDEN) > 0;
        }
    }

    /** From worst to best. */
    enum Level {
        /** The template fails, or refuses it. */
        REFUSED,
        /** The call is not there. */
        HIDDEN,
        /** The function is named, its arguments are not all there. */
        NAMED,
        /** Names and values of the arguments are there, in a form that is not JSON. */
        SHOWN,
        /** The arguments are there as JSON that parses to what went in. */
        JSON
    }

    Quality quality(CallForm form, boolean shortIds) {
        String id = shortIds ? SHORT_ID : LONG_ID;
        ToolCall call = new ToolCall(id, NAME, OBJECT, form.arguments() == Arguments.TEXT ? ARGUMENTS : null);
        String content = form.noContent() == NoContent.EMPTY ? "" : null;
        List<Message> messages = List.of(Message.user("Probe it."),
                new Message(Role.ASSISTANT, content, List.of(call), null, null, form.noContent()),
                Message.tool(id, NAME, "Probed."), Message.assistant("Done."));
        Quality whole = quality(messages);
        // A template that knows no tool messages may still know calls.
        return whole.level() == Level.REFUSED ? quality(messages.subList(0, 2)) : whole;
    }

    private Quality quality(List<Message> messages) {
        String text;
        try {
            text = template.rendering(new Conversation(messages, List.of(TOOL)), RenderOptions.MESSAGES, LIMITS).text();
        } catch (ProblemException refused) {
            return Quality.UNKNOWN;
        }
        return new Quality(level(text), (int) GARBLED.matcher(text).results().count());
    }

    private static Level level(String text) {
        if (holdsArguments(text)) {
            return Level.JSON;
        }
        if (Stream.of("alpha", VALUE, "beta", "3").allMatch(text::contains)) {
            return Level.SHOWN;
        }
        return text.contains(NAME) ? Level.NAMED : Level.HIDDEN;
    }

    private static boolean holdsArguments(String text) {
        for (int at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at + 1)) {
            if (OBJECT.equals(valueAt(text, at))) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable JsonNode valueAt(String text, int at) {
        try (JsonParser parser = Json.MAPPER.createParser(text.substring(at))) {
            return parser.readValueAsTree();
        } catch (JacksonException notJson) {
            return null;
        }
    }
}
