package dev.luthier.bench.train.input;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.SplittableRandom;

/** Weights of a tensor in bf16, a function of its name: ones in norms, zeros in biases, else N(0, 0.02). */
final class RandomWeights {
    private static final ValueLayout.OfShort BF16 = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final double DEVIATION = 0.02;

    private RandomWeights() {}

    /** Row-major bytes. */
    static MemorySegment of(String name, List<Long> shape) {
        long elements = shape.stream().reduce(1L, Math::multiplyExact);
        MemorySegment bytes = Arena.ofAuto().allocate(elements * Short.BYTES, Long.BYTES);
        if (name.endsWith(".bias")) {
            return bytes;
        }
        boolean norm = name.endsWith("norm.weight");
        SplittableRandom random = new SplittableRandom(name.hashCode());
        for (long i = 0; i < elements; i++) {
            bytes.setAtIndex(BF16, i, bf16(norm ? 1 : (float) (DEVIATION * random.nextGaussian())));
        }
        return bytes;
    }

    /** Rounded to the nearest, to even on a tie. */
    static short bf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }
}
