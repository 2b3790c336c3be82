package dev.luthier.engine.decoder;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * Values that are functions of a name, a seed and an index, the same here and in {@code make_matrix.py}: so models,
 * adapters and samples of golden values need not be stored.
 */
final class DrawnValues {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;
    private static final int HALF = 1 << 23;

    private DrawnValues() {}

    /** Whole numbers below 2^24, uniform. */
    static int[] draw(String name, int seed, int count) {
        CRC32 hash = new CRC32();
        hash.update(name.getBytes(StandardCharsets.UTF_8));
        long state = mix(((long) seed << 32) | hash.getValue());
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (int) (mix(state + (i + 1) * GAMMA) >>> 40);
        }
        return numbers;
    }

    /** The finalizer of SplitMix64. */
    private static long mix(long bits) {
        long z = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** The values of a tensor, uniform around a centre that fits its name. */
    static float[] values(String name, int seed, int count) {
        float centre = name.contains("norm") || name.contains("magnitude") ? 1 : 0;
        float reach = reach(name);
        int[] numbers = draw(name, seed, count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = centre + reach * ((float) (numbers[i] - HALF) / HALF);
        }
        return values;
    }

    private static float reach(String name) {
        if (name.contains("magnitude")) {
            return 0.4f;
        }
        if (name.contains("norm")) {
            return 0.35f;
        }
        if (name.endsWith("bias")) {
            return 0.5f;
        }
        return name.contains("lora_") ? 0.15f : 0.25f;
    }
}
