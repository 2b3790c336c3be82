package dev.luthier.core.data;

import static dev.luthier.core.data.LineObject.kind;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.Message;
import dev.luthier.core.data.MessageParser.Turn;
import dev.luthier.core.problem.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The JSON of one line to a sample, or to all faults of the line. */
final class SampleParser {
    private static final List<String> CHAT_KEYS = List.of("messages", "interactions", "tools", "available_tools",
            "functions", "parallel_tool_calls", "metadata", "id");
    private static final List<String> TEXT_KEYS = List.of("text", "content", "metadata", "id");
    private static final List<String> SAMPLE_KEYS = List.of("messages", "interactions", "text", "content");
    private static final String PREFERENCES = "preference pairs (DPO) are not built yet. Give messages or text.";
    private static final Map<String, String> REFUSED = Map.ofEntries(
            Map.entry("labels", "classification data (labels) is not built yet. Remove the file from the job."),
            Map.entry("prompt", "a prompt needs a completion, and both are written as messages."),
            Map.entry("completion", "a completion needs a prompt, and both are written as messages."),
            Map.entry("input", PREFERENCES), Map.entry("preferred_output", PREFERENCES),
            Map.entry("non_preferred_output", PREFERENCES), Map.entry("preferred_completion", PREFERENCES),
            Map.entry("non_preferred_completion", PREFERENCES),
            Map.entry("chosen", PREFERENCES), Map.entry("rejected", PREFERENCES),
            Map.entry("function_call", "a function_call belongs to an assistant message."),
            Map.entry("conversations", "\"conversations\" is not supported. Use messages with role and content."),
            Map.entry("body", "this is a line of a batch file, not of training data. Give messages or text."),
            Map.entry("weight", "a weight belongs to an assistant message, or to the file in the job's request."));

    private SampleParser() {}

    /** What a line is meant to be, and the sample unless faults were added. */
    record Parsed(@Nullable DataFormat format, @Nullable Sample sample) {}

    static Parsed parse(JsonNode node, DataFaults.OfLine faults) {
        if (!node.isObject()) {
            faults.addNoObject("must be a JSON object, not " + kind(node) + ".");
            return new Parsed(null, null);
        }
        LineObject line = new LineObject(node, "", faults);
        long faultsBefore = faults.count();
        DataFormat format = format(line).orElse(null);
        Sample sample = switch (format) {
            case CHAT -> chat(line);
            case PRETRAIN -> text(line);
            case null -> null;
        };
        return new Parsed(format, faults.count() == faultsBefore ? sample : null);
    }

    private static Optional<DataFormat> format(LineObject line) {
        boolean chat = line.has("messages") || line.has("interactions");
        boolean text = line.has("text") || line.has("content");
        Optional<SampleForm> other = SampleForm.of(line.node());
        if (other.isPresent()) {
            line.fault(other.get().explain(line.node()));
            return Optional.empty();
        }
        if (chat && text) {
            line.fault("the line has both messages and text. Give one of them.");
            return Optional.empty();
        }
        if (chat || text) {
            return Optional.of(chat ? DataFormat.CHAT : DataFormat.PRETRAIN);
        }
        for (String key : List.of("messages", "interactions", "text", "content")) {
            if (line.node().has(key)) {
                line.fault(key, "is null. Give " + (key.equals("messages") || key.equals("interactions")
                        ? "a list of messages."
                        : "a string."));
                return Optional.empty();
            }
        }
        if (REFUSED.keySet().stream().anyMatch(line::has)) {
            line.checkRefused(REFUSED);
        } else {
            line.fault(neither(line));
        }
        return Optional.empty();
    }

    private static String neither(LineObject line) {
        List<String> keys = List.copyOf(line.node().propertyNames());
        Stream<String> shown = keys.stream().limit(5).map(LineObject::quote);
        String only = keys.isEmpty()
                ? "."
                : ", but only " + shown.collect(Collectors.joining(", ")) + (keys.size() > 5 ? ", …." : ".");
        String hint = keys.stream().map(key -> Nearest.hint(key, SAMPLE_KEYS)).filter(text -> !text.isEmpty())
                .findFirst().orElse(" Conversations have messages, plain text has text.");
        return "the line has neither messages nor text" + only + hint;
    }

    private static @Nullable Sample chat(LineObject line) {
        line.checkKeys(CHAT_KEYS, REFUSED);
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
            return null;
        }
        List<Turn> turns = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            int index = i;
            LineObject.of(messages.get(i), line.pointerTo(key) + "/" + i, line.faults())
                    .map(message -> MessageParser.parse(message, index)).ifPresent(turns::add);
        }
        if (turns.size() == messages.size()) {
            TurnRules.check(line, key, turns);
            ToolParser.checkCalls(tools, turns);
        }
        List<Message> sound = turns.stream().map(Turn::message).filter(Objects::nonNull).toList();
        return sound.size() == messages.size()
                ? new Sample.Chat(new Conversation(sound, tools), turns.stream().map(Turn::weight).toList())
                : null;
    }

    private static @Nullable Sample text(LineObject line) {
        line.checkKeys(TEXT_KEYS, REFUSED);
        String key = line.oneOf("text", "content").orElseThrow();
        return line.requiredString(key).map(Sample.Text::new).orElse(null);
    }
}
