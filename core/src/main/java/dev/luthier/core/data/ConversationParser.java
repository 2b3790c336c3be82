package dev.luthier.core.data;

import static dev.luthier.core.data.LineObject.kind;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.Message;
import dev.luthier.core.data.MessageParser.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A conversation of a line: its messages in either vendor's words, and the tools that they may use. */
final class ConversationParser {
    /** What may stand beside the messages. */
    static final List<String> KEYS = List.of("messages", "interactions", "tools", "available_tools", "functions",
            "parallel_tool_calls");
    private static final List<String> CHAT_KEYS = Stream.concat(KEYS.stream(), Stream.of("metadata", "id")).toList();

    private ConversationParser() {}

    /**
     * The messages of a conversation as far as they could be read.
     *
     * @param key of the list of messages
     * @param turns all of its messages; fewer when one is no object
     */
    record Parsed(LineObject line, String key, List<JsonNode> tools, List<Turn> turns) {

        /** The conversation, unless a message is at fault. */
        Optional<Conversation> conversation() {
            List<Message> sound = turns.stream().map(Turn::message).filter(Objects::nonNull).toList();
            return sound.size() == Objects.requireNonNull(line.get(key)).size()
                    ? Optional.of(new Conversation(sound, tools))
                    : Optional.empty();
        }

        /** Whether every message is an object, so that rules between messages can be checked. */
        boolean isWhole() {
            return turns.size() == Objects.requireNonNull(line.get(key)).size();
        }
    }

    /** A conversation to learn from: the assistant speaks last. */
    static Optional<Sample.Chat> chat(LineObject line) {
        line.checkKeys(CHAT_KEYS, SampleParser.REFUSED);
        return parse(line).flatMap(parsed -> {
            if (parsed.isWhole()) {
                TurnRules.checkOrder(parsed.turns());
                TurnRules.checkTargets(line, parsed.key(), parsed.turns());
                ToolParser.checkCalls(parsed.tools(), parsed.turns());
            }
            return parsed.conversation().map(
                    conversation -> new Sample.Chat(conversation, parsed.turns().stream().map(Turn::weight).toList()));
        });
    }

    /** The messages of an object that has them, each checked by itself; a fault and empty when they are no list. */
    static Optional<Parsed> parse(LineObject line) {
        JsonNode parallel = line.get("parallel_tool_calls");
        if (parallel != null && !parallel.isBoolean()) {
            line.fault("parallel_tool_calls", "must be true or false.");
        }
        List<JsonNode> tools = ToolParser.tools(line);
        String key = line.oneOf("messages", "interactions").orElseThrow();
        JsonNode messages = Objects.requireNonNull(line.get(key));
        if (!messages.isArray() || messages.isEmpty()) {
            line.fault(key, "must be a list of messages, not " + (messages.isArray() ? "an empty one" : kind(messages))
                    + ".");
            return Optional.empty();
        }
        return Optional.of(new Parsed(line, key, tools, turns(line, key, messages, 0)));
    }

    /** @param firstIndex place of the first message in its conversation */
    static List<Turn> turns(LineObject line, String key, JsonNode messages, int firstIndex) {
        List<Turn> turns = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            int index = i + firstIndex;
            LineObject.of(messages.get(i), line.pointerTo(key) + "/" + i, line.faults())
                    .map(message -> MessageParser.parse(message, index)).ifPresent(turns::add);
        }
        return turns;
    }
}
