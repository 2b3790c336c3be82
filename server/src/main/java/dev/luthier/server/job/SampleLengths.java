package dev.luthier.server.job;

import java.util.Arrays;

/** Tokens of each sequence of the valid samples of a file: 4 bytes a sequence. Filled by one thread, then read. */
final class SampleLengths {
    private int[] lengths = new int[1024];
    private int count;

    void add(int tokens) {
        if (count == lengths.length) {
            lengths = Arrays.copyOf(lengths, Math.multiplyExact(count, 2));
        }
        lengths[count++] = tokens;
    }

    int get(int sequence) {
        if (sequence >= count) {
            throw new IndexOutOfBoundsException(sequence);
        }
        return lengths[sequence];
    }

    /** Number of sequences. */
    int count() {
        return count;
    }
}
