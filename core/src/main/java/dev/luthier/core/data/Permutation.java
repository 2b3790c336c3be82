package dev.luthier.core.data;

/**
 * A pseudo-random permutation of 0 .. size-1 that is computed entry by entry, so it needs no memory and a resumed run
 * can start in its middle.
 *
 * <p>This is the swap-or-not shuffle (Hoang, Morris, Rogaway: An Enciphering Scheme Based on a Card Shuffle, CRYPTO
 * 2012): in each round {@code x} has the partner {@code pivot - x mod size}, and a hash of the larger of the two decides
 * whether they change places. The hash is the finalizer of SplitMix64. It is integer arithmetic only: the same size and
 * key give the same permutation on every machine.
 *
 * <p>Immutable and thread-safe. Cheap to ask, about 100 rounds of a few nanoseconds; cheap to make, too.
 */
final class Permutation {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    /* The paper's bound asks for about 6 log2(size) rounds; tiny sizes need some more to look uniform. */
    private static final int EXTRA_ROUNDS = 24;
    private static final int ROUNDS_PER_BIT = 6;

    private final long size;
    private final long[] roundKeys;
    private final long[] pivots;

    /**
     * @param size at least 1
     * @param key which permutation
     */
    Permutation(long size, long key) {
        if (size < 1) {
            throw new IllegalArgumentException("size must be at least 1: " + size);
        }
        this.size = size;
        int rounds = EXTRA_ROUNDS + ROUNDS_PER_BIT * (Long.SIZE - Long.numberOfLeadingZeros(size));
        roundKeys = new long[rounds];
        pivots = new long[rounds];
        for (int round = 0; round < rounds; round++) {
            roundKeys[round] = mix(key + (round + 1) * GOLDEN_GAMMA);
            pivots[round] = Math.unsignedMultiplyHigh(roundKeys[round], size);
        }
    }

    /** The entry at {@code index}, 0 to size-1. */
    long at(long index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(index);
        }
        long x = index;
        for (int round = 0; round < roundKeys.length; round++) {
            long difference = pivots[round] - x;
            long partner = difference + (size & (difference >> 63));
            // The sign bit decides, without a branch that nobody could predict.
            long swap = mix(roundKeys[round] + (Math.max(x, partner) + 1) * GOLDEN_GAMMA) >> 63;
            x ^= (x ^ partner) & swap;
        }
        return x;
    }

    /** A key made of several numbers; each of them changes all of its bits. */
    static long key(long... parts) {
        long key = 0;
        for (long part : parts) {
            key = mix(key + GOLDEN_GAMMA + mix(part + GOLDEN_GAMMA));
        }
        return key;
    }

    /** Finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a bijection of 64-bit numbers. */
    private static long mix(long bits) {
        long z = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
