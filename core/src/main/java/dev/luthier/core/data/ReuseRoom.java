package dev.luthier.core.data;

import java.util.function.IntUnaryOperator;

/**
 * Divides the room for what the layers below the adapted ones make of samples, in tokens, among files: each gets as much
 * as its first samples need, while there is any. Files whose samples come once need none. Not thread-safe.
 */
public final class ReuseRoom {
    private long tokens;

    /** @param tokens in all */
    public ReuseRoom(long tokens) {
        this.tokens = tokens;
    }

    /**
     * Gives room to a file.
     *
     * @param samples of the file
     * @param length tokens of each
     * @return how many samples have room, from the first on
     */
    public int give(int samples, IntUnaryOperator length) {
        for (int sample = 0; sample < samples; sample++) {
            int needed = length.applyAsInt(sample);
            if (needed > tokens) {
                return sample;
            }
            tokens -= needed;
        }
        return samples;
    }
}
