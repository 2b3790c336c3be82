package dev.luthier.core.data;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a line turned out to be: a sample, or faults.
 *
 * @param line from 1, blank lines included
 * @param format what the line is meant to be, also when it has faults; null when that cannot be told
 * @param sample null exactly when there are faults
 * @param faults at most {@value DataFaults#KEPT}
 * @param faultCount of all faults
 */
public record ParsedLine(long line, @Nullable DataFormat format, @Nullable Sample sample, List<DataFault> faults,
        long faultCount) {
    public ParsedLine {
        faults = List.copyOf(faults);
        if ((sample == null) == (faultCount == 0)) {
            throw new IllegalArgumentException("a line has either a sample or faults");
        }
    }
}
