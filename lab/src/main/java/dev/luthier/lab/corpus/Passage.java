package dev.luthier.lab.corpus;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A text of a domain together with the facts it states.
 *
 * @param facts
 *            value by slot name; slots that the text leaves out are absent
 */
record Passage(Domain domain, String text, Map<String, Value> facts) {
    private static final double CORRECTION = 0.07;

    /** A text in which a fact may be corrected by its speaker, words may be misspelled, and all may be in lower case. */
    static Passage draw(Domain domain, Values values, Draw draw) {
        Map<String, Value> facts = new HashMap<>();
        String text = draw.pick(domain.texts()).fill(draw, slot -> {
            String kind = domain.slots().get(slot);
            if (kind == null) {
                throw new IllegalArgumentException("domain " + domain.name() + " has no slot " + slot);
            }
            Value value = values.draw(kind, draw);
            facts.put(slot, value);
            return draw.chance(CORRECTION)
                    ? corrected(values.draw(kind, draw).said(), value.said(), draw)
                    : value.said();
        });
        if (draw.chance(0.1)) {
            text = Typos.scatter(text, draw);
        }
        if (draw.chance(0.2)) {
            text = lowerCase(text, facts);
        }
        return new Passage(domain, text, Map.copyOf(facts));
    }

    private static String corrected(String wrong, String right, Draw draw) {
        return draw.pick(wrong + ", no, " + right, wrong + ", I mean " + right, wrong + " or rather " + right,
                wrong + ", sorry, " + right, "not " + wrong + " but " + right, wrong + ", no wait, " + right);
    }

    /** Lower case, as speech recognition writes it, where that keeps every fact's spelling. */
    private static String lowerCase(String text, Map<String, Value> facts) {
        boolean names = facts.values().stream()
                .anyMatch(v -> !v.plain().equals(v.plain().toLowerCase(Locale.ROOT)));
        return names ? text : text.toLowerCase(Locale.ROOT);
    }

    /** "name: value" lines of the given slots; a slot without a fact says "none". */
    String lines(List<String> slots) {
        return slots.stream().map(slot -> slot + ": " + (facts.containsKey(slot) ? fact(slot).plain() : "none"))
                .collect(Collectors.joining("\n"));
    }

    /** Compact JSON of the given slots; a slot without a fact is null. */
    String json(List<String> slots) {
        return slots.stream()
                .map(slot -> '"' + slot + "\":" + (facts.containsKey(slot) ? fact(slot).json() : "null"))
                .collect(Collectors.joining(",", "{", "}"));
    }

    Value fact(String slot) {
        Value value = facts.get(slot);
        if (value == null) {
            throw new IllegalArgumentException("the text does not state " + slot);
        }
        return value;
    }
}
