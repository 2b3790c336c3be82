package dev.luthier.core.chat;

import dev.luthier.core.problem.Problem;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * One turn of a conversation. What is null or empty here is absent in the mapping that templates see, but for the
 * content beside tool calls (see {@link CallForms}).
 *
 * @param content text; null only for an assistant message with tool calls
 * @param toolCalls calls that an assistant message makes, in order; empty for other roles
 * @param toolCallId the call that a tool message answers, or null
 * @param name of the function (tool messages) or the speaker, or null
 * @param noContent how the source leaves the content out; of a message that has one, {@code ABSENT}
 */
public record Message(Role role, @Nullable String content, List<ToolCall> toolCalls, @Nullable String toolCallId,
        @Nullable String name, NoContent noContent) {
    public Message {
        toolCalls = List.copyOf(toolCalls);
        noContent = content == null ? noContent : NoContent.ABSENT;
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

    /** A message whose source does not have the key {@code content} if it is null. */
    public Message(Role role, @Nullable String content, List<ToolCall> toolCalls, @Nullable String toolCallId,
            @Nullable String name) {
        this(role, content, toolCalls, toolCallId, name, NoContent.ABSENT);
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
        return new Message(role, replacement, toolCalls, toolCallId, name, noContent);
    }

    /** This message with other calls. */
    Message withCalls(List<ToolCall> replacement) {
        return new Message(role, content, replacement, toolCallId, name, noContent);
    }

    /** The form that its source gives a call of this message. */
    CallForm form(ToolCall call) {
        return new CallForm(call.text() == null ? CallForm.Arguments.MAPPING : CallForm.Arguments.TEXT,
                content == null ? noContent : NoContent.EMPTY);
    }
}
