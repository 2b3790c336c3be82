package dev.luthier.core.data;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Seeded randomness for property tests; the seed goes into the assertion's description. */
final class Seeded {
    private Seeded() {}

    static RandomGenerator generator(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }
}
