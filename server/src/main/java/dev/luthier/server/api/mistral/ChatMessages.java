package dev.luthier.server.api.mistral;

import dev.luthier.core.chat.Message;
import dev.luthier.core.chat.Role;
import dev.luthier.core.chat.ToolCall;
import dev.luthier.core.json.Json;
import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The messages of a chat request. While it is read, faults are noted in the body's {@link Fields}; use it only after
 * they were found to be none.
 *
 * @param continuesLast whether the last message is an assistant's with {@code prefix}
 */
record ChatMessages(List<Message> messages, boolean continuesLast) {
    private static final Map<String, Role> ROLES = roles();

    /** Reads a list of messages. */
    static ChatMessages read(FieldValue value) {
        value.requireGiven();
        List<FieldValue> elements = value.list();
        if (value.node().isArray() && elements.isEmpty()) {
            value.fault("empty_list", "messages must hold at least one message.");
        }
        List<Message> messages = new ArrayList<>();
        boolean continuesLast = false;
        for (int i = 0; i < elements.size(); i++) {
            boolean last = i == elements.size() - 1;
            FieldValue element = elements.get(i);
            element.requireGiven();
            Fields fields = element.object();
            if (!element.node().isObject()) {
                continue;
            }
            Role role = fields.choice("role", ROLES).required(Role.USER);
            boolean prefix = role == Role.ASSISTANT && prefix(fields, last);
            if (last && !prefix && fields.value("role").isText() && (role == Role.SYSTEM || role == Role.ASSISTANT)) {
                fields.value("role").fault("invalid_role_order", "The last message must be from user or tool, or from "
                        + "assistant with prefix: true, not from " + role.wireName() + ".");
            }
            continuesLast |= prefix;
            Message message = message(fields, role);
            if (message != null) {
                messages.add(message);
            }
        }
        return new ChatMessages(List.copyOf(messages), continuesLast);
    }

    private static boolean prefix(Fields fields, boolean last) {
        boolean prefix = fields.bool("prefix").orElse(false);
        if (prefix && !last) {
            fields.value("prefix").fault("invalid_prefix", "Only the last message may have prefix: true.");
        }
        return prefix;
    }

    private static @Nullable Message message(Fields fields, Role role) {
        String content = content(fields.value("content"));
        List<ToolCall> calls = role == Role.ASSISTANT ? toolCalls(fields) : List.of();
        String callId = role == Role.TOOL ? fields.text("tool_call_id").orNull() : null;
        String name = role == Role.TOOL ? fields.text("name").orNull() : null;
        if (content == null && calls.isEmpty()) {
            boolean faultyCalls = role == Role.ASSISTANT && !fields.value("tool_calls").node().isEmpty();
            if (!fields.has("content") && !faultyCalls) {
                fields.value("content").fault("missing_field", fields.value("content").name() + " is missing.");
            }
            return null;
        }
        return new Message(role, content, calls, callId, name);
    }

    /** A text, or the texts of a list of text chunks one after the other. */
    private static @Nullable String content(FieldValue content) {
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
            if (type.equals("text")) {
                text.append(chunk.text("text").required());
            } else {
                chunk.members();
                chunk.value("type").fault("not_built",
                        "Content of type " + type + " is not built yet. Use text chunks or a string.");
            }
        }
        return text.toString();
    }

    private static List<ToolCall> toolCalls(Fields fields) {
        List<ToolCall> calls = new ArrayList<>();
        for (FieldValue element : fields.list("tool_calls")) {
            Fields call = element.object();
            String id = call.text("id").orElse("null");
            call.choice("type", Map.of("function", true)).orElse(true);
            call.integer("index").atLeast(0).orNull();
            call.value("function").requireGiven();
            Fields function = call.object("function");
            String name = function.text("name").notEmpty().required();
            JsonNode arguments = arguments(function.value("arguments"));
            if (arguments != null) {
                calls.add(new ToolCall(id.equals("null") ? "" : id, name, arguments));
            }
        }
        return calls;
    }

    /** A JSON object, or a text that holds one. */
    private static @Nullable JsonNode arguments(FieldValue arguments) {
        arguments.requireGiven();
        JsonNode value = arguments.node();
        if (arguments.isText()) {
            try {
                value = Json.parse(arguments.node().stringValue());
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

    private static Map<String, Role> roles() {
        Map<String, Role> roles = new LinkedHashMap<>();
        for (Role role : Role.values()) {
            roles.put(role.wireName(), role);
        }
        return roles;
    }
}
