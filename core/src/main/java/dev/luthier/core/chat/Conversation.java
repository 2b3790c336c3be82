package dev.luthier.core.chat;

import java.util.ArrayList;
import java.util.List;

import tools.jackson.databind.JsonNode;

/**
 * Messages and the tools that the assistant may call.
 *
 * @param messages in order; whether an order of roles is possible is the template's matter
 * @param tools each {@code {"type":"function","function":{"name","description","parameters"}}}; handed to the template
 *     as they are, keys in their order; empty means that the template sees no tools
 */
public record Conversation(List<Message> messages, List<JsonNode> tools) {
    public Conversation {
        messages = List.copyOf(messages);
        tools = List.copyOf(tools);
    }

    public Conversation(List<Message> messages) {
        this(messages, List.of());
    }

    /** The first {@code count} messages with the same tools. */
    Conversation first(int count) {
        return new Conversation(messages.subList(0, count), tools);
    }

    /** This conversation with another message at that index. */
    Conversation with(int index, Message message) {
        List<Message> changed = new ArrayList<>(messages);
        changed.set(index, message);
        return new Conversation(changed, tools);
    }
}
