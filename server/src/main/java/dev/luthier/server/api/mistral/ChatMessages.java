package dev.luthier.server.api.mistral;

import dev.luthier.core.chat.Message;
import dev.luthier.core.chat.Role;
import dev.luthier.core.chat.ToolCall;
import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.chat.MessageFields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a chat request. While it is read, faults are noted in the body's {@link Fields}; use it only after
 * they were found to be none.
 *
 * @param continuesLast whether the last message is an assistant's with {@code prefix}
 */
record ChatMessages(List<Message> messages, boolean continuesLast) {
    private static final Map<String, Role> ROLES = roles();
    private static final Map<String, String> TEXT_CHUNKS = Map.of("text", "text");

    /** What the messages are for. */
    enum Purpose {
        /** To be answered: somebody other than the assistant has the last word, or the assistant with a prefix. */
        ANSWER,
        /** To be classified, whoever has the last word. */
        CLASSIFY
    }

    /** Reads a list of messages. */
    static ChatMessages read(FieldValue value, Purpose purpose) {
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
            boolean prefix = role == Role.ASSISTANT && prefix(fields, last && purpose == Purpose.ANSWER);
            if (purpose == Purpose.ANSWER && last && !prefix && fields.value("role").isText()
                    && (role == Role.SYSTEM || role == Role.ASSISTANT)) {
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

    private static boolean prefix(Fields fields, boolean allowed) {
        boolean prefix = fields.bool("prefix").orElse(false);
        if (prefix && !allowed) {
            fields.value("prefix").fault("invalid_prefix",
                    "Only the last message of a conversation to be answered may have prefix: true.");
        }
        return prefix;
    }

    private static @Nullable Message message(Fields fields, Role role) {
        String content = MessageFields.content(fields.value("content"), TEXT_CHUNKS);
        List<ToolCall> calls = role == Role.ASSISTANT ? MessageFields.toolCalls(fields) : List.of();
        String callId = role == Role.TOOL ? fields.text("tool_call_id").orNull() : null;
        String name = role == Role.TOOL ? fields.text("name").orNull() : null;
        if (content == null && calls.isEmpty()) {
            boolean faultyCalls = role == Role.ASSISTANT && !fields.value("tool_calls").node().isEmpty();
            if (!fields.has("content") && !faultyCalls) {
                fields.value("content").fault("missing_field", fields.value("content").name() + " is missing.");
            }
            return null;
        }
        return new Message(role, content, calls, callId, name, MessageFields.noContent(fields));
    }

    private static Map<String, Role> roles() {
        Map<String, Role> roles = new LinkedHashMap<>();
        for (Role role : Role.values()) {
            roles.put(role.wireName(), role);
        }
        return roles;
    }
}
