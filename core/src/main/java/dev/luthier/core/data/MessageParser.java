package dev.luthier.core.data;

import static dev.luthier.core.data.LineObject.kind;
import static dev.luthier.core.data.LineObject.quote;

import dev.luthier.core.chat.Message;
import dev.luthier.core.chat.NoContent;
import dev.luthier.core.chat.Role;
import dev.luthier.core.chat.ToolCall;
import dev.luthier.core.problem.Nearest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One message of a conversation, checked by itself; {@link TurnRules} checks how messages follow each other. */
final class MessageParser {
    private static final List<String> ROLES = List.of("system", "user", "assistant", "tool");
    /** What newer and older clients of OpenAI write. */
    private static final Map<String, Role> SYNONYMS = Map.of("developer", Role.SYSTEM, "function", Role.TOOL);
    private static final Map<String, String> OTHER_ROLES = Map.of("human", "user", "bot", "assistant", "gpt",
            "assistant", "model", "assistant", "ai", "assistant");
    private static final List<String> KEYS = List.of("role", "content", "text", "name", "weight", "tool_calls",
            "function_call", "tool_call_id", "prefix", "annotations");
    private static final Map<String, String> REFUSED = Map.of("refusal",
            "refusals are not built for training data. Put the text into content.", "audio",
            "audio is not built for training data. Remove the message.", "reasoning_content",
            "reasoning is not built as a key of its own. Put the text into content as the template writes it.");
    private static final String CHUNKS_NOT_BUILT = "Only text chunks are built for training data.";

    private MessageParser() {}

    /**
     * A message as far as it could be read.
     *
     * @param role null when it is missing or unknown
     * @param message null when it has faults
     * @param weight 1 if the loss counts it
     * @param callIds of its tool calls
     * @param toolCallId the call that it answers
     */
    record Turn(LineObject source, @Nullable Role role, @Nullable Message message, int weight, List<String> callIds,
            @Nullable String toolCallId) {}

    /** @param index of the message, which makes the ids of calls in the old form */
    static Turn parse(LineObject source, int index) {
        long faultsBefore = source.faults().count();
        source.checkKeys(KEYS, REFUSED);
        checkEmpty(source);
        Role role = role(source).orElse(null);
        int weight = weight(source, role);
        List<ToolCall> calls = toolCalls(source, role, index);
        String toolCallId = toolCallId(source, role, index);
        String name = source.string("name").orElse(null);
        String content = content(source, role);
        Message message = role != null && source.faults().count() == faultsBefore
                ? new Message(role, content, calls, toolCallId, name,
                        source.node().has("content") ? NoContent.NULL : NoContent.ABSENT)
                : null;
        return new Turn(source, role, message, weight, calls.stream().map(ToolCall::id).toList(), toolCallId);
    }

    /** Keys that mean nothing when they are empty, and something that is not built when they are not. */
    private static void checkEmpty(LineObject source) {
        JsonNode prefix = source.get("prefix");
        if (prefix != null && !(prefix.isBoolean() && !prefix.booleanValue())) {
            source.fault("prefix", "prefixes are not built for training data. Remove the key.");
        }
        JsonNode annotations = source.get("annotations");
        if (annotations != null && !(annotations.isArray() && annotations.isEmpty())) {
            source.fault("annotations", "annotations are not built for training data. Remove the key.");
        }
    }

    private static Optional<Role> role(LineObject source) {
        Optional<String> name = source.requiredString("role");
        if (name.isEmpty()) {
            return Optional.empty();
        }
        if (SYNONYMS.containsKey(name.get())) {
            return Optional.of(SYNONYMS.get(name.get()));
        }
        if (!ROLES.contains(name.get())) {
            String other = OTHER_ROLES.get(name.get());
            String hint = other == null ? Nearest.hint(name.get(), ROLES) : " Did you mean " + other + "?";
            source.fault("role", "role " + quote(name.get()) + " is unknown."
                    + (hint.isEmpty() ? " Use system, user, assistant or tool." : hint));
            return Optional.empty();
        }
        return Role.of(name.get());
    }

    private static int weight(LineObject source, @Nullable Role role) {
        JsonNode weight = source.get("weight");
        if (weight == null) {
            return role == Role.ASSISTANT ? 1 : 0;
        }
        if (role != null && role != Role.ASSISTANT) {
            source.fault("weight",
                    "only assistant messages may have a weight, not " + role.wireName() + " messages. Remove it.");
            return 0;
        }
        if (!weight.isNumber() || (weight.doubleValue() != 0 && weight.doubleValue() != 1)) {
            source.fault("weight", "must be 0 (no loss on this message) or 1.");
            return 1;
        }
        return role == Role.ASSISTANT ? (int) weight.doubleValue() : 0;
    }

    private static List<ToolCall> toolCalls(LineObject source, @Nullable Role role, int index) {
        JsonNode calls = source.get("tool_calls");
        JsonNode old = source.get("function_call");
        if (old != null) {
            source.oneOf("tool_calls", "function_call");
        } else if (calls == null || (calls.isArray() && calls.isEmpty())) {
            return List.of();
        }
        if (role != null && role != Role.ASSISTANT) {
            source.fault(old == null ? "tool_calls" : "function_call",
                    "only assistant messages may call tools, not " + role.wireName() + " messages.");
            return List.of();
        }
        return calls == null
                ? ToolParser.functionCall(source, Objects.requireNonNull(old), callId(index))
                : ToolParser.calls(source, calls);
    }

    /** The id of the call in the old form that a message makes: nine characters, as Mistral's templates want. */
    private static String callId(int index) {
        return String.format(Locale.ROOT, "call%05d", index % 100_000);
    }

    /** Whether the message answers a call in the old form, which has no id. */
    static boolean answersFunctionCall(LineObject source) {
        return source.string("role").filter("function"::equals).isPresent();
    }

    private static @Nullable String toolCallId(LineObject source, @Nullable Role role, int index) {
        if (role == Role.TOOL && answersFunctionCall(source)) {
            source.requiredString("name");
            if (source.has("tool_call_id")) {
                source.fault("tool_call_id", "function messages have a name and no tool_call_id. Remove it.");
            }
            return callId(index - 1);
        }
        if (role == Role.TOOL) {
            return source.requiredString("tool_call_id").orElse(null);
        }
        if (role != null && source.has("tool_call_id")) {
            source.fault("tool_call_id",
                    "only tool messages answer a call, not " + role.wireName() + " messages. Remove it.");
        }
        return null;
    }

    private static @Nullable String content(LineObject source, @Nullable Role role) {
        JsonNode toolCalls = source.get("tool_calls");
        boolean calls = (toolCalls != null && !toolCalls.isEmpty()) || source.has("function_call");
        String key = source.oneOf("content", "text").orElse(null);
        if (key == null) {
            if (!calls) {
                source.fault("\"content\" is missing. Give it a string.");
            }
            return null;
        }
        String content = text(source, key);
        if (role == Role.ASSISTANT && content != null) {
            if (!calls && content.isEmpty()) {
                source.fault(key, "must not be empty: there is nothing to learn.");
            }
        }
        return content;
    }

    private static @Nullable String text(LineObject source, String key) {
        JsonNode content = source.get(key);
        if (content == null) {
            return null;
        }
        if (content.isString()) {
            return content.stringValue();
        }
        if (!content.isArray() || content.isEmpty()) {
            source.fault(key, "must be a string or a list of text chunks, not "
                    + (content.isArray() ? "an empty list" : kind(content)) + ".");
            return null;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < content.size(); i++) {
            LineObject.of(content.get(i), source.pointerTo(key) + "/" + i, source.faults())
                    .flatMap(MessageParser::chunk).ifPresent(text::append);
        }
        return text.toString();
    }

    private static Optional<String> chunk(LineObject chunk) {
        Optional<String> type = chunk.requiredString("type");
        if (type.isEmpty()) {
            return Optional.empty();
        }
        if (!type.get().equals("text")) {
            chunk.fault("type", "content of type " + quote(type.get()) + " is not built. " + CHUNKS_NOT_BUILT);
            return Optional.empty();
        }
        chunk.checkKeys(List.of("type", "text"), Map.of());
        if (!chunk.has("text")) {
            chunk.fault("\"text\" is missing.");
        }
        return chunk.string("text");
    }
}
