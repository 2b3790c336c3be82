package dev.luthier.core.chat;

import dev.luthier.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

/** Templates and conversations under {@code golden/chat}, and what Python made of them. */
final class Golden {
    static final Map<String, String> SPECIAL_TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>", "unk_token",
            "<unk>");

    private Golden() {}

    /** Handed messages as they are, for what Python made of them was made so. */
    static ChatTemplate template(String name) {
        return ChatTemplate.compile(text("templates/" + name + ".jinja"), SPECIAL_TOKENS)
                .with(CallForms.AS_GIVEN).at(ChatTemplate.TRAINING_TIME);
    }

    static Map<String, Conversation> conversations() {
        JsonNode tools = json("tools.json");
        Map<String, Conversation> conversations = new LinkedHashMap<>();
        json("conversations.json").properties().forEach(entry -> {
            List<Message> messages = new ArrayList<>();
            entry.getValue().get("messages").values().forEach(message -> messages.add(message(message)));
            List<JsonNode> used = new ArrayList<>();
            entry.getValue().path("tools").values().forEach(tool -> used.add(tools.get(tool.stringValue())));
            conversations.put(entry.getKey(), new Conversation(messages, used));
        });
        return conversations;
    }

    static Conversation conversation(String name) {
        return Objects.requireNonNull(conversations().get(name), name);
    }

    private static Message message(JsonNode message) {
        List<ToolCall> calls = new ArrayList<>();
        message.path("tool_calls").values().forEach(call -> calls.add(call(call)));
        NoContent noContent = message.has("content") ? NoContent.NULL : NoContent.ABSENT;
        return new Message(Role.of(message.get("role").stringValue()).orElseThrow(), string(message, "content"), calls,
                string(message, "tool_call_id"), string(message, "name"), noContent);
    }

    private static ToolCall call(JsonNode call) {
        JsonNode arguments = call.at("/function/arguments");
        String text = arguments.isString() ? arguments.stringValue() : null;
        return new ToolCall(call.get("id").stringValue(), call.at("/function/name").stringValue(),
                text == null ? arguments : Json.parse(text), text);
    }

    private static @Nullable String string(JsonNode message, String key) {
        JsonNode value = message.get(key);
        return value == null || value.isNull() ? null : value.stringValue();
    }

    static JsonNode json(String file) {
        return Json.parse(text(file));
    }

    private static String text(String file) {
        try (InputStream in = Objects.requireNonNull(Golden.class.getResourceAsStream("/golden/chat/" + file), file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
