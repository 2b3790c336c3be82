package dev.luthier.server.api.chat;

import dev.luthier.core.chat.NoContent;
import dev.luthier.core.chat.ToolCall;
import dev.luthier.core.json.Json;
import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads the parts of a message that both vendors write alike; faults are noted in the body's {@link Fields}. */
public final class MessageFields {
    private MessageFields() {}

    /**
     * A text, or the texts of a list of text chunks one after the other; null when absent or faulty.
     *
     * @param textFields the types of chunk that are text, and the field that holds it
     */
    public static @Nullable String content(FieldValue content, Map<String, String> textFields) {
        if (!content.isGiven()) {
            return null;
        }
        if (content.isText()) {
            return content.node().stringValue();
        }
        if (!content.node().isArray()) {
            content.fault("wrong_type", content.name() + " must be a string or a list of text chunks.");
            return null;
        }
        StringBuilder text = new StringBuilder();
        for (FieldValue element : content.list()) {
            Fields chunk = element.object();
            String type = chunk.text("type").orElse("text");
            String field = textFields.get(type);
            if (field != null) {
                text.append(chunk.text(field).required());
            } else {
                chunk.members();
                chunk.value("type").fault("not_built",
                        "Content of type " + type + " is not built yet. Use text chunks or a string.");
            }
        }
        return text.toString();
    }

    /** How the message leaves its content out, if it does. */
    public static NoContent noContent(Fields message) {
        return message.value("content").node().isNull() ? NoContent.NULL : NoContent.ABSENT;
    }

    /** The calls of an assistant's message. */
    public static List<ToolCall> toolCalls(Fields message) {
        List<ToolCall> calls = new ArrayList<>();
        for (FieldValue element : message.list("tool_calls")) {
            Fields call = element.object();
            String id = call.text("id").orElse("null");
            call.choice("type", Map.of("function", true)).orElse(true);
            call.integer("index").atLeast(0).orNull();
            call.value("function").requireGiven();
            ToolCall read = call(id.equals("null") ? "" : id, call.object("function"));
            if (read != null) {
                calls.add(read);
            }
        }
        return calls;
    }

    /** Name and arguments of a call; null when faulty. */
    public static @Nullable ToolCall call(String id, Fields function) {
        String name = function.text("name").notEmpty().required();
        FieldValue given = function.value("arguments");
        String text = given.isText() ? ToolCall.meantBy(given.node().stringValue()) : null;
        JsonNode arguments = arguments(given, text);
        return arguments == null ? null : new ToolCall(id, name, arguments, text);
    }

    /** A JSON object, or a text that holds one. */
    private static @Nullable JsonNode arguments(FieldValue arguments, @Nullable String text) {
        arguments.requireGiven();
        JsonNode value = arguments.node();
        if (text != null) {
            try {
                value = Json.parse(text);
            } catch (JacksonException e) {
                value = null;
            }
        }
        if (value != null && value.isObject()) {
            return value;
        }
        if (arguments.isGiven()) {
            arguments.fault("invalid_arguments",
                    arguments.name() + " must be a JSON object, or a string that holds one.");
        }
        return null;
    }
}
