package dev.luthier.core.chat;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.jinja.filter.JsonText;
import dev.luthier.core.jinja.value.Dict;
import dev.luthier.core.jinja.value.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Conversations and JSON as the values that templates see. */
final class TemplateValues {
    private static final Pattern SHORT_ID = Pattern.compile("[a-zA-Z0-9]{9}");

    private TemplateValues() {}

    /** Messages as mappings; what a message lacks is an absent key. */
    static Value messages(List<Message> messages, CallForms forms) {
        List<Value> values = new ArrayList<>(messages.size());
        messages.forEach(message -> values.add(message(message, forms)));
        return new Value.Sequence(values);
    }

    private static Value message(Message message, CallForms forms) {
        Map<String, Value> keys = new LinkedHashMap<>();
        keys.put("role", new Value.Str(message.role().wireName()));
        if (message.toolCalls().isEmpty()) {
            keys.put("content", new Value.Str(Objects.requireNonNull(message.content())));
        } else {
            addCalls(message, forms, keys);
        }
        if (message.toolCallId() != null) {
            keys.put("tool_call_id", new Value.Str(id(message.toolCallId(), forms)));
        }
        if (message.name() != null) {
            keys.put("name", new Value.Str(message.name()));
        }
        return Dict.of(keys);
    }

    private static void addCalls(Message message, CallForms forms, Map<String, Value> keys) {
        if (message.content() != null && !message.content().isEmpty()) {
            keys.put("content", new Value.Str(message.content()));
        } else {
            switch (forms.forTemplate(message.form(message.toolCalls().getFirst())).noContent()) {
                case ABSENT -> {
                }
                case NULL -> keys.put("content", Value.None.NONE);
                case EMPTY -> keys.put("content", new Value.Str(""));
            }
        }
        List<Value> calls = new ArrayList<>();
        message.toolCalls().forEach(call -> calls
                .add(toolCall(call, forms.forTemplate(message.form(call)).arguments(), forms)));
        keys.put("tool_calls", new Value.Sequence(calls));
    }

    private static Value toolCall(ToolCall call, CallForm.Arguments form, CallForms forms) {
        Map<String, Value> function = new LinkedHashMap<>();
        function.put("name", new Value.Str(call.name()));
        function.put("arguments", switch (form) {
            case MAPPING -> json(call.arguments());
            case TEXT -> new Value.Str(argumentsText(call));
        });
        Map<String, Value> keys = new LinkedHashMap<>();
        if (!call.id().isEmpty()) {
            keys.put("id", new Value.Str(id(call.id(), forms)));
        }
        keys.put("type", new Value.Str("function"));
        keys.put("function", Dict.of(function));
        return Dict.of(keys);
    }

    /** The arguments as the source writes them, or as Python writes the object. */
    static String argumentsText(ToolCall call) {
        return call.text() == null ? JsonText.of(json(call.arguments())) : call.text();
    }

    /** The id, or nine letters and digits that stand for it everywhere in a conversation. */
    private static String id(String id, CallForms forms) {
        return !forms.shortIds() || SHORT_ID.matcher(id).matches() ? id : Sha256.hex(id).substring(0, 9);
    }

    /**
     * The tools, or None when there are none.
     *
     * @param bare whether the template wants the functions without the object around them
     */
    static Value tools(List<JsonNode> tools, boolean bare) {
        if (tools.isEmpty()) {
            return Value.None.NONE;
        }
        List<Value> values = new ArrayList<>(tools.size());
        tools.forEach(tool -> values.add(json(bare && tool.path("function").isObject() ? tool.get("function") : tool)));
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
