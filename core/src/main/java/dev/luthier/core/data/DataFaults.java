package dev.luthier.core.data;

import java.util.ArrayList;
import java.util.List;

/** Collects faults in bounded memory: the first {@value #KEPT} are kept, all are counted. One thread at a time. */
final class DataFaults {
    static final int KEPT = 100;
    private static final int POINTER_CHARS = 300;

    private final List<DataFault> kept = new ArrayList<>();
    private long count;

    void add(DataFault fault) {
        if (kept.size() < KEPT) {
            kept.add(fault);
        }
        count++;
    }

    /** Appends the faults of a line. */
    void addAll(ParsedLine line) {
        line.faults().stream().limit(KEPT - kept.size()).forEach(kept::add);
        count += line.faultCount();
    }

    List<DataFault> kept() {
        return List.copyOf(kept);
    }

    long count() {
        return count;
    }

    /** This collector as whoever checks one line sees it. */
    OfLine ofLine(long line) {
        return new OfLine(this, line);
    }

    record OfLine(DataFaults faults, long line) {
        void add(String pointer, String message) {
            faults.add(new DataFault(line, shortened(pointer), message));
        }

        /** Notes that the line holds no JSON object. */
        void addNoObject(String message) {
            faults.add(new DataFault(line, "", message, true));
        }

        /* Of a pointer through enormous keys, an ancestor: "/" only ever separates. */
        private static String shortened(String pointer) {
            return pointer.length() <= POINTER_CHARS
                    ? pointer
                    : pointer.substring(0, Math.max(0, pointer.lastIndexOf('/', POINTER_CHARS)));
        }

        long count() {
            return faults.count;
        }
    }
}
