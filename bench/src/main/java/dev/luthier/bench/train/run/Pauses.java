package dev.luthier.bench.train.run;

import java.util.ArrayList;
import java.util.List;

/** When a program was stopped: wall-clock intervals that are not part of its steps. Times are epoch milliseconds. */
final class Pauses {
    private final List<Interval> intervals = new ArrayList<>();

    private record Interval(long from, long to) {
        long overlap(long start, long end) {
            return Math.max(0, Math.min(to, end) - Math.max(from, start));
        }
    }

    /** @param to at least {@code from} */
    void add(long from, long to) {
        if (to < from) {
            throw new IllegalArgumentException("a pause from " + from + " to " + to);
        }
        intervals.add(new Interval(from, to));
    }

    /** Milliseconds from {@code start} to {@code end} in which the program ran. */
    long running(long start, long end) {
        return end - start - intervals.stream().mapToLong(interval -> interval.overlap(start, end)).sum();
    }
}
