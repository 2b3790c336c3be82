package dev.luthier.core.data;

import static dev.luthier.core.data.LineObject.kind;

import dev.luthier.core.problem.Nearest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The JSON of one line to a sample, or to all faults of the line. */
final class SampleParser {
    private static final List<String> TEXT_KEYS = List.of("text", "content", "metadata", "id");
    private static final List<String> SAMPLE_KEYS = List.of("messages", "interactions", "text", "content");
    private static final String PAIR = "a preference pair has input, preferred_output and non_preferred_output;"
            + " the outputs are lists of one assistant message.";
    static final Map<String, String> REFUSED = Map.ofEntries(
            Map.entry("prompt", "a prompt needs a completion, and both are written as messages."),
            Map.entry("completion", "a completion needs a prompt, and both are written as messages."),
            Map.entry("chosen", PAIR), Map.entry("rejected", PAIR), Map.entry("input", PAIR),
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
        Optional<? extends Sample> sample = switch (format) {
            case CHAT -> ConversationParser.chat(line);
            case PRETRAIN -> text(line, TEXT_KEYS);
            case PAIR -> PairParser.parse(line);
            case LABELLED -> LabelledParser.parse(line);
            case null -> Optional.empty();
        };
        return new Parsed(format, faults.count() == faultsBefore ? sample.orElse(null) : null);
    }

    private static Optional<DataFormat> format(LineObject line) {
        if (PairParser.isPair(line)) {
            return Optional.of(DataFormat.PAIR);
        }
        if (LabelledParser.isLabelled(line)) {
            return Optional.of(DataFormat.LABELLED);
        }
        return content(line);
    }

    /** Whether a line has a conversation or a text; a fault and empty when it has both or neither. */
    static Optional<DataFormat> content(LineObject line) {
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

    /** The text of a line that has one. */
    static Optional<Sample.Text> text(LineObject line, List<String> keys) {
        line.checkKeys(keys, REFUSED);
        return line.requiredString(line.oneOf("text", "content").orElseThrow()).map(Sample.Text::new);
    }
}
