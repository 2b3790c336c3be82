package dev.luthier.server.job;

import java.util.Arrays;

/** Tokens of each valid sample of a file: 4 bytes a sample. Filled by one thread, then read. */
final class SampleLengths {
    private int[] lengths = new int[1024];
    private int count;

    void add(int tokens) {
        if (count == lengths.length) {
            lengths = Arrays.copyOf(lengths, Math.multiplyExact(count, 2));
        }
        lengths[count++] = tokens;
    }

    int get(int sample) {
        if (sample >= count) {
            throw new IndexOutOfBoundsException(sample);
        }
        return lengths[sample];
    }

    /** Number of samples. */
    int count() {
        return count;
    }
}
