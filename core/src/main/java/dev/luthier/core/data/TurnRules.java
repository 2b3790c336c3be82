package dev.luthier.core.data;

import static dev.luthier.core.data.LineObject.quote;

import dev.luthier.core.chat.Role;
import dev.luthier.core.data.MessageParser.Turn;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How messages may follow each other: one system message, first; every tool call answered before anybody else speaks; and
 * in conversations to learn from, the assistant last, and something to learn. Whether user and assistant must alternate is the template's matter.
 */
final class TurnRules {
    private Set<String> calls = Set.of();
    private final Set<String> unanswered = new LinkedHashSet<>();
    private boolean mayAnswer;

    private TurnRules() {}

    /** Adds a fault for each rule of their order that is broken. Messages of unknown role break none. */
    static void checkOrder(List<Turn> turns) {
        TurnRules rules = new TurnRules();
        for (int i = 0; i < turns.size(); i++) {
            Turn turn = turns.get(i);
            Role role = turn.role();
            if (role == null) {
                // What an unknown role would have meant for the calls before it cannot be told.
                return;
            }
            if (role == Role.SYSTEM && i > 0) {
                turn.source().fault("role", turns.getFirst().role() == Role.SYSTEM
                        ? "there is more than one system message. Only one is allowed, as the first message."
                        : "a system message must be the first message.");
            }
            boolean afterTool = i > 0 && turns.get(i - 1).role() == Role.TOOL;
            if (role == Role.TOOL) {
                rules.answer(turn);
            } else {
                rules.speak(turn, role, afterTool);
            }
        }
    }

    private void speak(Turn turn, Role role, boolean afterTool) {
        if (!unanswered.isEmpty()) {
            turn.source().fault("role",
                    "no tool message answers " + list(unanswered) + " before this message. Add one.");
        } else if (afterTool && role != Role.ASSISTANT) {
            turn.source().fault("role", "after tool messages the assistant must speak, not " + role.wireName()
                    + ".");
        }
        calls = new LinkedHashSet<>(turn.callIds());
        unanswered.clear();
        unanswered.addAll(calls);
        mayAnswer = turn.source().has("tool_calls") || turn.source().has("function_call");
    }

    private void answer(Turn turn) {
        String id = turn.toolCallId();
        if (!mayAnswer) {
            turn.source().fault("role", "a tool message must follow the assistant message whose call it answers.");
        } else if (id != null && !unanswered.remove(id)) {
            turn.source().fault(MessageParser.answersFunctionCall(turn.source()) ? "role" : "tool_call_id",
                    MessageParser.answersFunctionCall(turn.source())
                            ? "a function message must follow the assistant message whose function_call it answers."
                            : calls.contains(id)
                                    ? "the call " + quote(id) + " is answered twice."
                                    : quote(id) + " is no call of the assistant message before. Its calls: "
                                            + list(calls)
                                            + ".");
        }
    }

    private static String list(Set<String> ids) {
        return ids.stream().limit(5).map(LineObject::quote).collect(Collectors.joining(", "))
                + (ids.size() > 5 ? " and " + (ids.size() - 5) + " more" : "");
    }

    /** Adds a fault when there is nothing to learn from the conversation, or somebody else has the last word. */
    static void checkTargets(LineObject line, String key, List<Turn> turns) {
        if (turns.stream().anyMatch(turn -> turn.role() == null)) {
            return;
        }
        if (turns.stream().noneMatch(turn -> turn.role() == Role.ASSISTANT)) {
            line.fault(key, "there is no assistant message, so there is nothing to learn.");
            return;
        }
        Turn last = turns.getLast();
        if (last.role() != Role.ASSISTANT) {
            last.source().fault("role", "the last message must be the assistant's. Add its answer or remove this one.");
        }
        if (turns.stream().noneMatch(turn -> turn.weight() == 1)) {
            line.fault(key, "every assistant message has weight 0, so there is nothing to learn. Give one of them "
                    + "weight 1.");
        }
    }
}
