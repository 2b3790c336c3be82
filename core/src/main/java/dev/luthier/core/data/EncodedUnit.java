package dev.luthier.core.data;

import java.util.Arrays;
import java.util.List;

/**
 * One encoded line of a data file. Its sequences are always in the same micro-batch.
 *
 * @param sequences one; of a preference pair two, that of the preferred answer first
 * @param labels of a line to classify, as {@link LabelCodes} has them; empty for other lines. Shared, not copied: whoever
 *     holds a unit only reads it.
 */
@SuppressWarnings("ArrayRecordComponent") // As the samples' own arrays.
public record EncodedUnit(List<EncodedSample> sequences, int[] labels) {
    /** The most sequences of a unit. */
    public static final int MAX_SEQUENCES = 2;
    private static final int[] NO_LABELS = {};

    public EncodedUnit {
        sequences = List.copyOf(sequences);
        if (sequences.isEmpty() || sequences.size() > MAX_SEQUENCES) {
            throw new IllegalArgumentException("a unit has one or two sequences, not " + sequences.size());
        }
    }

    /** A line that is one sequence and has no labels. */
    public static EncodedUnit of(EncodedSample sequence) {
        return new EncodedUnit(List.of(sequence), NO_LABELS);
    }

    /** Tokens of all sequences. */
    public int length() {
        return sequences.stream().mapToInt(EncodedSample::length).sum();
    }

    /** Tokens of all sequences that count in the loss. */
    public int targetTokens() {
        return sequences.stream().mapToInt(EncodedSample::targetTokens).sum();
    }

    /** Tokens of the longest sequence. */
    public int longest() {
        return sequences.stream().mapToInt(EncodedSample::length).max().orElseThrow();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EncodedUnit that && sequences.equals(that.sequences)
                && Arrays.equals(labels, that.labels);
    }

    @Override
    public int hashCode() {
        return 31 * sequences.hashCode() + Arrays.hashCode(labels);
    }

    @Override
    public String toString() {
        return "EncodedUnit[" + sequences + ", labels " + Arrays.toString(labels) + "]";
    }
}
