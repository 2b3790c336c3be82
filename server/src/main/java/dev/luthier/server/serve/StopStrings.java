package dev.luthier.server.serve;

import java.util.List;

/**
 * Finds the first stop string in text that comes in pieces. Text that may be the beginning of one is held back until it
 * is decided; neither the stop string nor what follows comes out. For one answer and one thread.
 */
final class StopStrings {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean found;

    /** @param stops not empty strings; none means that everything passes at once */
    StopStrings(List<String> stops) {
        this.stops = List.copyOf(stops);
    }

    /** Takes more text and returns what is certainly before any stop string. */
    String add(String text) {
        held.append(text);
        int end = firstMatch();
        if (end >= 0) {
            found = true;
            return take(end);
        }
        return take(held.length() - undecided());
    }

    /** Whether a stop string was met; the answer ends there. */
    boolean found() {
        return found;
    }

    /** What was held back, when the text ends without a stop string. */
    String finish() {
        return found ? "" : take(held.length());
    }

    private String take(int length) {
        String text = held.substring(0, length);
        held.delete(0, length);
        return text;
    }

    private int firstMatch() {
        int first = -1;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        return first;
    }

    /** Length of the longest end of the text that is the beginning of a stop string. */
    private int undecided() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
