package dev.luthier.core.chat;

import dev.luthier.core.jinja.Dict;
import dev.luthier.core.jinja.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import tools.jackson.databind.JsonNode;

/** Conversations and JSON as the values that templates see. */
final class TemplateValues {
    private TemplateValues() {}

    /** Messages as mappings; what a message lacks is an absent key. */
    static Value messages(List<Message> messages) {
        List<Value> values = new ArrayList<>(messages.size());
        messages.forEach(message -> values.add(message(message)));
        return new Value.Sequence(values);
    }

    private static Value message(Message message) {
        Map<String, Value> keys = new LinkedHashMap<>();
        keys.put("role", new Value.Str(message.role().wireName()));
        if (message.content() != null) {
            keys.put("content", new Value.Str(message.content()));
        }
        if (!message.toolCalls().isEmpty()) {
            List<Value> calls = new ArrayList<>();
            message.toolCalls().forEach(call -> calls.add(toolCall(call)));
            keys.put("tool_calls", new Value.Sequence(calls));
        }
        if (message.toolCallId() != null) {
            keys.put("tool_call_id", new Value.Str(message.toolCallId()));
        }
        if (message.name() != null) {
            keys.put("name", new Value.Str(message.name()));
        }
        return Dict.of(keys);
    }

    private static Value toolCall(ToolCall call) {
        Map<String, Value> function = new LinkedHashMap<>();
        function.put("name", new Value.Str(call.name()));
        function.put("arguments", json(call.arguments()));
        Map<String, Value> keys = new LinkedHashMap<>();
        if (!call.id().isEmpty()) {
            keys.put("id", new Value.Str(call.id()));
        }
        keys.put("type", new Value.Str("function"));
        keys.put("function", Dict.of(function));
        return Dict.of(keys);
    }

    /** The tools, or None when there are none. */
    static Value tools(List<JsonNode> tools) {
        if (tools.isEmpty()) {
            return Value.None.NONE;
        }
        List<Value> values = new ArrayList<>(tools.size());
        tools.forEach(tool -> values.add(json(tool)));
        return new Value.Sequence(values);
    }

    /** JSON as Python's {@code json.loads} reads it: whole numbers are ints, the others floats. */
    static Value json(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> {
                Map<String, Value> keys = new LinkedHashMap<>();
                node.properties().forEach(entry -> keys.put(entry.getKey(), json(entry.getValue())));
                yield Dict.of(keys);
            }
            case ARRAY -> {
                List<Value> items = new ArrayList<>(node.size());
                node.values().forEach(item -> items.add(json(item)));
                yield new Value.Sequence(items);
            }
            case STRING -> new Value.Str(node.stringValue());
            case BOOLEAN -> Value.Bool.of(node.booleanValue());
            case NUMBER -> node.isIntegralNumber()
                    ? new Value.Int(node.bigIntegerValue())
                    : new Value.Real(node.doubleValue());
            case NULL -> Value.None.NONE;
            case MISSING, BINARY, POJO -> throw new IllegalArgumentException("not JSON: " + node.getNodeType());
        };
    }
}
