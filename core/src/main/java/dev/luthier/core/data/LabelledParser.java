package dev.luthier.core.data;

import static dev.luthier.core.data.LineObject.kind;
import static dev.luthier.core.data.LineObject.quote;

import dev.luthier.core.data.MessageParser.Turn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A text or conversation with its labels, by target. */
final class LabelledParser {
    private static final String LABELS = "labels";
    private static final String EXAMPLE = "Give {\"target\": \"label\"}.";
    /** What a line is told that has no labels where others have some. */
    static final String MISSING = LABELS + " is missing. " + EXAMPLE;
    private static final List<String> TEXT_KEYS = List.of("text", "content", LABELS, "metadata", "id");
    private static final List<String> CHAT_KEYS = Stream.concat(ConversationParser.KEYS.stream(),
            Stream.of(LABELS, "metadata", "id")).toList();

    private LabelledParser() {}

    /** Whether a line is meant to be classified, even without a label. */
    static boolean isLabelled(LineObject line) {
        return line.node().has(LABELS);
    }

    static Optional<Sample.Labelled> parse(LineObject line) {
        Optional<DataFormat> form = SampleParser.content(line);
        Optional<? extends Sample> content = form.isEmpty()
                ? Optional.empty()
                : form.get() == DataFormat.CHAT ? chat(line) : SampleParser.text(line, TEXT_KEYS);
        JsonNode labels = line.get(LABELS);
        if (labels == null || (labels.isObject() && labels.isEmpty())) {
            line.fault(labels == null ? MISSING : LABELS + " is empty. " + EXAMPLE);
            return Optional.empty();
        }
        Optional<LineObject> given = LineObject.of(labels, line.pointerTo(LABELS), line.faults());
        Map<String, List<String>> found = new LinkedHashMap<>();
        Set<String> lists = new LinkedHashSet<>();
        given.ifPresent(targets -> {
            for (String target : targets.node().propertyNames()) {
                labels(targets, target).ifPresent(values -> found.put(target, values));
                if (targets.node().path(target).isArray()) {
                    lists.add(target);
                }
            }
        });
        return content.map(sample -> new Sample.Labelled(sample, found, lists));
    }

    private static Optional<Sample.Chat> chat(LineObject line) {
        line.checkKeys(CHAT_KEYS, SampleParser.REFUSED);
        return ConversationParser.parse(line).flatMap(parsed -> {
            if (parsed.isWhole()) {
                TurnRules.checkOrder(parsed.turns());
                ToolParser.checkCalls(parsed.tools(), parsed.turns());
                parsed.turns().forEach(LabelledParser::refuseWeight);
            }
            return parsed.conversation().map(conversation -> new Sample.Chat(conversation,
                    conversation.messages().stream().map(message -> 0).toList()));
        });
    }

    private static void refuseWeight(Turn turn) {
        if (turn.source().has("weight")) {
            turn.source().fault("weight", "messages to classify have no weight. Remove it.");
        }
    }

    /** The labels of a target; empty with a fault. */
    private static Optional<List<String>> labels(LineObject targets, String target) {
        if (target.isBlank()) {
            targets.fault(target, "the name of a target must not be empty.");
            return Optional.empty();
        }
        JsonNode value = Objects.requireNonNull(targets.node().get(target));
        if (value.isString()) {
            return label(targets, target, value).map(List::of);
        }
        if (!value.isArray()) {
            targets.fault(target, "must be a string or a list of strings, not " + kind(value) + ".");
            return Optional.empty();
        }
        List<String> labels = new ArrayList<>();
        for (JsonNode each : value) {
            if (!each.isString()) {
                targets.fault(target, "must be a string or a list of strings, not a list with " + kind(each) + ".");
                return Optional.empty();
            }
            Optional<String> label = label(targets, target, each);
            if (label.isEmpty()) {
                return Optional.empty();
            }
            if (labels.contains(label.get())) {
                targets.fault(target, quote(label.get()) + " is given twice. Name each label once.");
                return Optional.empty();
            }
            labels.add(label.get());
        }
        return Optional.of(labels);
    }

    private static Optional<String> label(LineObject targets, String target, JsonNode value) {
        if (value.stringValue().isEmpty()) {
            targets.fault(target, "a label must not be empty.");
            return Optional.empty();
        }
        return Optional.of(value.stringValue());
    }
}
