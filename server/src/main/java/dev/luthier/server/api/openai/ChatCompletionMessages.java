package dev.luthier.server.api.openai;

import dev.luthier.core.chat.Message;
import dev.luthier.core.chat.Role;
import dev.luthier.core.chat.ToolCall;
import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.chat.MessageFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the messages of a chat completion request; faults are noted in the body's {@link Fields}. */
final class ChatCompletionMessages {

    private enum Speaker {
        SYSTEM(Role.SYSTEM),
        /** Newer models' word for system; local models know only that. */
        DEVELOPER(Role.SYSTEM), USER(Role.USER), ASSISTANT(Role.ASSISTANT), TOOL(Role.TOOL),
        /** The answer to an old {@code function_call}. */
        FUNCTION(Role.TOOL);

        final Role role;

        Speaker(Role role) {
            this.role = role;
        }
    }

    private static final Map<String, Speaker> SPEAKERS = Map.of("system", Speaker.SYSTEM, "developer",
            Speaker.DEVELOPER, "user", Speaker.USER, "assistant", Speaker.ASSISTANT, "tool", Speaker.TOOL, "function",
            Speaker.FUNCTION);
    private static final Map<String, String> TEXT = Map.of("text", "text");
    private static final Map<String, String> TEXT_OR_REFUSAL = Map.of("text", "text", "refusal", "refusal");

    private ChatCompletionMessages() {}

    static List<Message> read(FieldValue value) {
        value.requireGiven();
        List<FieldValue> elements = value.list();
        if (value.node().isArray() && elements.isEmpty()) {
            value.fault("empty_list", "messages must hold at least one message.");
        }
        List<Message> messages = new ArrayList<>();
        for (FieldValue element : elements) {
            element.requireGiven();
            Fields fields = element.object();
            Message message = element.node().isObject() ? message(fields) : null;
            if (message != null) {
                messages.add(message);
            }
        }
        return messages;
    }

    /** Null when faulty. */
    private static @Nullable Message message(Fields fields) {
        Speaker speaker = fields.choice("role", SPEAKERS).required(Speaker.USER);
        return switch (speaker) {
            case SYSTEM, DEVELOPER, USER -> text(fields, speaker.role, null, fields.text("name").orNull());
            case ASSISTANT -> assistant(fields);
            case TOOL -> text(fields, speaker.role, fields.text("tool_call_id").required(),
                    fields.text("name").orNull());
            case FUNCTION -> function(fields);
        };
    }

    private static @Nullable Message text(Fields fields, Role role, @Nullable String callId, @Nullable String name) {
        fields.value("content").requireGiven();
        String content = MessageFields.content(fields.value("content"), TEXT);
        return content == null ? null : new Message(role, content, List.of(), callId, name);
    }

    private static Message function(Fields fields) {
        String name = fields.text("name").notEmpty().required();
        String content = MessageFields.content(fields.value("content"), TEXT);
        return new Message(Role.TOOL, Objects.requireNonNullElse(content, ""), List.of(), null, name);
    }

    /** What it said, its refusal and what it called; one of them must be there. */
    private static @Nullable Message assistant(Fields fields) {
        String name = fields.text("name").orNull();
        String content = MessageFields.content(fields.value("content"), TEXT_OR_REFUSAL);
        String refusal = fields.text("refusal").orNull();
        List<ToolCall> calls = new ArrayList<>(MessageFields.toolCalls(fields));
        if (fields.has("function_call")) {
            ToolCall call = MessageFields.call("", fields.object("function_call"));
            if (call != null) {
                calls.add(call);
            }
        }
        fields.notBuilt("audio", "Send the text as content.");
        fields.accept("annotations"); // an answer's, sent back
        if (content == null && refusal == null && calls.isEmpty()) {
            if (!fields.has("content") && !fields.has("tool_calls") && !fields.has("function_call")) {
                fields.value("content").requireGiven();
            }
            return null;
        }
        String said = content == null
                ? refusal
                : content + Objects.requireNonNullElse(refusal, "");
        return new Message(Role.ASSISTANT, said, calls, null, name, MessageFields.noContent(fields));
    }
}
