package dev.luthier.core.chat;

import dev.luthier.core.problem.Problem;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * One turn of a conversation. What is null or empty here is absent in the mapping that templates see.
 *
 * @param content text; null only for an assistant message with tool calls
 * @param toolCalls calls that an assistant message makes, in order; empty for other roles
 * @param toolCallId the call that a tool message answers, or null
 * @param name of the function (tool messages) or the speaker, or null
 */
public record Message(Role role, @Nullable String content, List<ToolCall> toolCalls, @Nullable String toolCallId,
        @Nullable String name) {
    public Message {
        toolCalls = List.copyOf(toolCalls);
        if (content == null && toolCalls.isEmpty()) {
            throw Problem.user("invalid_message",
                    "A " + role.wireName() + " message has no content. Give it a string, or tool calls.", "content")
                    .asException();
        }
        if (role != Role.ASSISTANT && !toolCalls.isEmpty()) {
            throw Problem.user("invalid_message", "Only assistant messages may carry tool calls, not " + role.wireName()
                    + " messages.", "tool_calls").asException();
        }
    }

    public static Message system(String content) {
        return new Message(Role.SYSTEM, content, List.of(), null, null);
    }

    public static Message user(String content) {
        return new Message(Role.USER, content, List.of(), null, null);
    }

    public static Message assistant(String content) {
        return new Message(Role.ASSISTANT, content, List.of(), null, null);
    }

    /** An assistant message that only calls tools. */
    public static Message calls(List<ToolCall> toolCalls) {
        return new Message(Role.ASSISTANT, null, toolCalls, null, null);
    }

    /** The answer of a tool. */
    public static Message tool(String toolCallId, String name, String content) {
        return new Message(Role.TOOL, content, List.of(), toolCallId, name);
    }

    /** This message with another text and the same calls. */
    Message withContent(@Nullable String replacement) {
        return new Message(role, replacement, toolCalls, toolCallId, name);
    }
}
