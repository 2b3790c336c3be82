package dev.luthier.core.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Packs the samples of one optimizer step into micro-batches by first-fit decreasing: the longest first, each into the
 * first micro-batch that still has room. At most 11/9 of the best possible number of micro-batches, plus one (Johnson,
 * 1973). The same lengths always give the same packs.
 */
public final class Packer {

    private Packer() {}

    /**
     * Each sample is in exactly one micro-batch, whole.
     *
     * @param lengths tokens of each sample, each at least 1
     * @param maxTokens of a micro-batch, at least 1; a longer sample gets a micro-batch of its own
     * @return the micro-batches, each the indices into {@code lengths} of its samples, longest first; of samples of the
     *     same length the earlier one comes first
     */
    public static List<int[]> pack(int[] lengths, int maxTokens) {
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens must be at least 1: " + maxTokens);
        }
        int[] longestFirst = IntStream.range(0, lengths.length).boxed()
                .sorted(Comparator.<Integer>comparingInt(i -> lengths[i]).reversed()).mapToInt(Integer::intValue)
                .toArray();
        List<MicroBatch> batches = new ArrayList<>();
        for (int sample : longestFirst) {
            int length = lengths[sample];
            if (length < 1) {
                throw new IllegalArgumentException("sample " + sample + " has " + length + " tokens");
            }
            MicroBatch room = batches.stream().filter(batch -> length <= maxTokens - batch.tokens).findFirst()
                    .orElse(null);
            if (room == null) {
                room = new MicroBatch();
                batches.add(room);
            }
            room.add(sample, length);
        }
        return batches.stream().map(MicroBatch::indices).toList();
    }

    private static final class MicroBatch {
        private final List<Integer> samples = new ArrayList<>();
        private int tokens;

        void add(int sample, int length) {
            samples.add(sample);
            tokens += length;
        }

        int[] indices() {
            return samples.stream().mapToInt(Integer::intValue).toArray();
        }
    }
}
