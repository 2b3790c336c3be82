package dev.luthier.core.data;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What was found in a data file. Its size does not grow with the file's.
 *
 * @param format null when no line shows it
 * @param lines of the file, blank ones included
 * @param samples lines that are not blank, faulty ones included
 * @param faultySamples samples with at least one fault
 * @param sizeBytes of the file
 * @param faults the first {@value DataFaults#KEPT}, in the order of the file
 * @param faultCount of all faults
 * @param tokens of the valid samples; null when the file was not tokenized
 * @param labels of the valid samples, by target in the order in which they appear; empty for samples without labels
 */
public record DataReport(@Nullable DataFormat format, long lines, long samples, long faultySamples, long sizeBytes,
        List<DataFault> faults, long faultCount, @Nullable TokenCounts tokens, Map<String, LabelCounts> labels) {
    /** Labels that a target may have; one more is counted, so that too many can be told. */
    public static final int MAX_LABELS = 1000;
    /** Targets that a file may have, alike. */
    public static final int MAX_TARGETS = 100;

    public DataReport {
        faults = List.copyOf(faults);
        labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    }

    /**
     * Tokens of the valid samples of a file.
     *
     * @param total all of them
     * @param targets those that count in the loss
     * @param longest of one sequence: a sample, or one answer of a pair behind its conversation
     * @param longestLine where that sequence is; 0 when there is no valid sample
     */
    public record TokenCounts(long total, long targets, int longest, long longestLine) {}

    /**
     * The labels of a target.
     *
     * @param labels how many samples have each, in the order in which they appear
     * @param samples that speak of the target
     * @param lists whether any writes its labels as a list
     */
    public record LabelCounts(Map<String, Long> labels, long samples, boolean lists) {
        public LabelCounts {
            labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
        }
    }

    /** Samples without fault. */
    public long validSamples() {
        return samples - faultySamples;
    }

    /** Whether there is no fault at all, as an upload must have it. */
    public boolean isValid() {
        return faultCount == 0;
    }

    /**
     * Whether a job may use the file and leave its faulty samples out.
     *
     * @param skipInvalidShare share of the samples that may be faulty, 0 to 0.5
     */
    public boolean passes(double skipInvalidShare) {
        return validSamples() > 0 && (double) faultySamples / samples <= skipInvalidShare;
    }

    /** One line for people: {@code 3 faults in 2 of 180 samples; the first: line 4: ...}, or what the file has. */
    public String summary() {
        if (isValid()) {
            return samples + (samples == 1 ? " sample" : " samples") + ", no faults";
        }
        if (samples == 0) {
            return faults.getFirst().toString();
        }
        return faultCount + (faultCount == 1 ? " fault" : " faults") + " in " + faultySamples + " of " + samples
                + (samples == 1 ? " sample" : " samples") + "; the first: " + faults.getFirst();
    }
}
