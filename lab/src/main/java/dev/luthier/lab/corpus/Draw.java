package dev.luthier.lab.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random choices of one document. Built on {@link Random}, whose every bit its specification fixes, so that a seed gives the same
 * text on every JVM.
 */
final class Draw {
    private final Random random;

    Draw(long seed) {
        this.random = new Random(seed);
    }

    /** The generator of document {@code index}: neighbouring indices get unrelated seeds (SplitMix64's finalizer). */
    static Draw ofDocument(long seed, long index) {
        long z = seed + (index + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return new Draw(z ^ (z >>> 31));
    }

    /** Uniform, both ends included. */
    int between(int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    @SafeVarargs
    final <T> T pick(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** {@code count} different elements in random order. */
    <T> List<T> sample(List<T> from, int count) {
        List<T> rest = new ArrayList<>(from);
        for (int i = 0; i < count; i++) {
            int j = between(i, rest.size() - 1);
            T chosen = rest.get(j);
            rest.set(j, rest.get(i));
            rest.set(i, chosen);
        }
        return List.copyOf(rest.subList(0, count));
    }

    <T> List<T> shuffled(List<T> list) {
        return sample(list, list.size());
    }
}
