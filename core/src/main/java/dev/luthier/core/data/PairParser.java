package dev.luthier.core.data;

import static dev.luthier.core.data.LineObject.kind;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.Role;
import dev.luthier.core.data.MessageParser.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A preference pair: a conversation, and two answers to it as lists of one assistant message. */
final class PairParser {
    private static final String INPUT = "input";
    private static final String PREFERRED = "preferred_output";
    private static final String REJECTED = "non_preferred_output";
    /** Names of the outputs in files that were made for chat completions. */
    private static final Map<String, String> ALIASES = Map.of(PREFERRED, "preferred_completion", REJECTED,
            "non_preferred_completion");
    private static final List<String> KEYS = Stream.concat(Stream.of(INPUT, PREFERRED, REJECTED, "metadata", "id"),
            ALIASES.values().stream().sorted()).toList();

    private PairParser() {}

    /** Whether a line is meant to be a pair, even an incomplete one. */
    static boolean isPair(LineObject line) {
        JsonNode input = line.get(INPUT);
        return Stream.concat(ALIASES.keySet().stream(), ALIASES.values().stream()).anyMatch(line.node()::has)
                || (input != null && input.isObject() && input.has("messages"));
    }

    static Optional<Sample.Pair> parse(LineObject line) {
        line.checkKeys(KEYS, Map.of());
        Optional<ConversationParser.Parsed> input = required(line, INPUT)
                .flatMap(key -> LineObject.of(Objects.requireNonNull(line.get(key)), line.pointerTo(key),
                        line.faults()))
                .flatMap(PairParser::input);
        int answer = input.map(parsed -> parsed.turns().size()).orElse(0);
        Optional<Turn> preferred = output(line, PREFERRED, answer);
        Optional<Turn> rejected = output(line, REJECTED, answer);
        input.filter(ConversationParser.Parsed::isWhole).ifPresent(parsed -> {
            TurnRules.checkOrder(Stream.concat(parsed.turns().stream(),
                    preferred.stream().filter(turn -> turn.role() == Role.ASSISTANT)).toList());
            ToolParser.checkCalls(parsed.tools(), Stream.of(parsed.turns(), preferred.stream().toList(),
                    rejected.stream().toList()).flatMap(List::stream).toList());
        });
        Conversation conversation = input.flatMap(ConversationParser.Parsed::conversation).orElse(null);
        if (conversation == null || preferred.isEmpty() || rejected.isEmpty()
                || preferred.get().message() == null || rejected.get().message() == null) {
            return Optional.empty();
        }
        return Optional.of(new Sample.Pair(conversation, Objects.requireNonNull(preferred.get().message()),
                Objects.requireNonNull(rejected.get().message())));
    }

    /** A key that must be there, under either of its names. */
    private static Optional<String> required(LineObject line, String name) {
        String alias = ALIASES.get(name);
        Optional<String> key = alias == null ? Optional.of(name).filter(line::has) : line.oneOf(name, alias);
        if (key.isEmpty()) {
            line.fault(name + " is missing. A pair has " + INPUT + ", " + PREFERRED + " and " + REJECTED + ".");
        }
        return key;
    }

    private static Optional<ConversationParser.Parsed> input(LineObject input) {
        input.checkKeys(ConversationParser.KEYS, Map.of());
        if (!input.has("messages") && !input.has("interactions")) {
            input.fault("\"messages\" is missing. Give the conversation up to the answer.");
            return Optional.empty();
        }
        Optional<ConversationParser.Parsed> parsed = ConversationParser.parse(input);
        parsed.ifPresent(conversation -> {
            conversation.turns().forEach(PairParser::refuseWeight);
            if (conversation.isWhole()) {
                Role last = conversation.turns().getLast().role();
                if (last == Role.ASSISTANT || last == Role.SYSTEM) {
                    input.fault(conversation.key(), "must end with a user or tool message; the answer belongs into "
                            + PREFERRED + ".");
                }
            }
        });
        return parsed;
    }

    /** @param index of the answer in its conversation */
    private static Optional<Turn> output(LineObject line, String name, int index) {
        Optional<String> key = required(line, name);
        if (key.isEmpty()) {
            return Optional.empty();
        }
        JsonNode output = Objects.requireNonNull(line.get(key.get()));
        if (!output.isArray() || output.size() != 1) {
            line.fault(key.get(), "must be a list of exactly one assistant message, not "
                    + (output.isArray() ? output.size() : kind(output)) + ".");
            return Optional.empty();
        }
        List<Turn> turns = new ArrayList<>(ConversationParser.turns(line, key.get(), output, index));
        turns.forEach(turn -> {
            refuseWeight(turn);
            if (turn.role() != null && turn.role() != Role.ASSISTANT) {
                turn.source().fault("role", "must be assistant, not " + turn.role().wireName() + ".");
            }
        });
        return turns.stream().findFirst();
    }

    private static void refuseWeight(Turn turn) {
        if (turn.source().has("weight")) {
            turn.source().fault("weight", "messages of a pair have no weight: its two answers count, nothing else."
                    + " Remove it.");
        }
    }
}
