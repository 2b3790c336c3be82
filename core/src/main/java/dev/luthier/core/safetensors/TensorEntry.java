package dev.luthier.core.safetensors;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * One tensor of a file: name, element type, shape and bytes.
 *
 * @param shape sizes of the dimensions, outermost first; empty for a scalar
 * @param data the elements, row-major, little-endian, not always aligned; read-only, and valid until the file is closed
 */
public record TensorEntry(String name, TensorType type, List<Long> shape, MemorySegment data) {

    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    public TensorEntry {
        shape = List.copyOf(shape);
    }

    /** Product of the dimensions; 1 for a scalar. */
    public long elements() {
        return data.byteSize() / type.sizeBytes();
    }

    public long sizeBytes() {
        return data.byteSize();
    }

    /** The shape as an array of the caller's own. */
    public long[] dimensions() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    /**
     * Copies the elements as floats, row-major. F32, BF16 and F16 widen without loss, F64 is rounded.
     *
     * @throws IllegalArgumentException if the type is another one or the tensor has more than 2^31 - 9 elements
     */
    public float[] toFloats() {
        if (elements() > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(name + " has " + elements() + " elements: too many for one array.");
        }
        float[] values = new float[(int) elements()];
        copyFloats(0, values, values.length);
        return values;
    }

    /**
     * Copies some elements to the start of an array, as {@link #toFloats} does.
     *
     * @param first index of the first element
     * @throws IllegalArgumentException if the type is not F64, F32, BF16 or F16
     */
    public void copyFloats(long first, float[] values, int count) {
        MemorySegment source = data.asSlice(first * type.sizeBytes(), (long) count * type.sizeBytes());
        switch (type) {
            case F32 -> {
                for (int i = 0; i < count; i++) {
                    values[i] = Float.intBitsToFloat(source.get(INT, 4L * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    values[i] = Float.intBitsToFloat(source.get(SHORT, 2L * i) << 16);
                }
            }
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    values[i] = Float.float16ToFloat(source.get(SHORT, 2L * i));
                }
            }
            case F64 -> {
                for (int i = 0; i < count; i++) {
                    values[i] = (float) source.get(DOUBLE, 8L * i);
                }
            }
            case I64, U64, I32, U32, I16, U16, I8, U8, BOOL, C64, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ ->
                throw new IllegalArgumentException(
                        name + " has type " + type + "; floats come from F64, F32, BF16 or F16.");
        }
    }

    /** Some slices along the first dimension. */
    public TensorEntry rows(long first, long count) {
        List<Long> rows = new ArrayList<>(shape);
        long rowBytes = sizeBytes() / Math.max(1, rows.set(0, count));
        return new TensorEntry(name, type, rows, data.asSlice(first * rowBytes, count * rowBytes));
    }

    /**
     * Lets go of the memory into which reading has brought mapped bytes; they can be read again. Does nothing for bytes
     * that are not those of a mapped file.
     */
    public void release() {
        if (data.isMapped()) {
            data.unload();
        }
    }
}
