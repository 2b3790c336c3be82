package dev.luthier.lab.corpus;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A kind of text with named facts in it, such as hotel bookings.
 *
 * @param slots
 *            kind of value by slot name, in the order in which answers list them
 * @param questions
 *            what to ask for a slot
 */
record Domain(String name, Map<String, String> slots, Map<String, String> questions, List<Frame> texts) {

    /** Every domain of {@code domains.txt}. */
    static List<Domain> load() {
        List<Domain> domains = new ArrayList<>();
        for (String line : Resources.lines("domains.txt")) {
            int space = line.indexOf(' ');
            String rest = line.substring(space + 1);
            if (line.startsWith("domain ")) {
                domains.add(new Domain(rest, new LinkedHashMap<>(), new LinkedHashMap<>(), new ArrayList<>()));
                continue;
            }
            Domain domain = domains.getLast();
            int second = rest.indexOf(' ');
            switch (line.substring(0, space)) {
                case "slot" -> domain.slots.put(rest.substring(0, second), rest.substring(second + 1));
                case "ask" -> domain.questions.put(rest.substring(0, second), rest.substring(second + 1));
                case "text" -> domain.texts.add(new Frame(rest));
                default -> throw new IllegalArgumentException("domains.txt, unknown line: " + line);
            }
        }
        return List.copyOf(domains);
    }
}
