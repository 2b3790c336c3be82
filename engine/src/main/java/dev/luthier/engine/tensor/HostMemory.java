package dev.luthier.engine.tensor;

import dev.luthier.core.safetensors.TensorEntry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Copies between tensors and Java's own memory. */
public final class HostMemory {
    private static final long PIECE_BYTES = 8 << 20;

    private HostMemory() {}

    /** An uninitialised tensor on the CPU, whatever the device of this process. */
    public static Tensor empty(ScalarType type, long... shape) {
        return torch.empty(shape, new TensorOptions(type), null);
    }

    /** An int64 tensor of one dimension on the device of this process. */
    public static Tensor longs(long[] values) {
        Tensor tensor = empty(ScalarType.Long, values.length);
        MemorySegment.copy(values, 0, bytesOf(tensor), ValueLayout.JAVA_LONG, 0, values.length);
        return Libtorch.toDevice(tensor);
    }

    /** An int64 tensor of one dimension on the device of this process. */
    public static Tensor longs(int[] values) {
        long[] wide = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return longs(wide);
    }

    /** An int32 tensor of one dimension on the device of this process. */
    public static Tensor ints(int[] values) {
        Tensor tensor = empty(ScalarType.Int, values.length);
        MemorySegment.copy(values, 0, bytesOf(tensor), ValueLayout.JAVA_INT, 0, values.length);
        return Libtorch.toDevice(tensor);
    }

    /** An fp32 tensor on the device of this process; the product of the dimensions is the number of values. */
    public static Tensor floats(float[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Float, shape);
        MemorySegment.copy(values, 0, bytesOf(tensor), ValueLayout.JAVA_FLOAT, 0, values.length);
        return Libtorch.toDevice(tensor);
    }

    /** All elements of a tensor of any floating type, row-major. */
    public static float[] toFloats(Tensor tensor) {
        Tensor source = tensor.to(ScalarType.Float).cpu().contiguous();
        return bytesOf(source).toArray(ValueLayout.JAVA_FLOAT);
    }

    /** All elements of an int64 tensor, row-major. */
    public static long[] toLongs(Tensor tensor) {
        return bytesOf(tensor.cpu().contiguous()).toArray(ValueLayout.JAVA_LONG);
    }

    /**
     * The bytes of a contiguous CPU tensor, shared with it and valid while it lives.
     *
     * @throws IllegalArgumentException if the tensor is not contiguous
     */
    public static MemorySegment bytesOf(Tensor tensor) {
        if (!tensor.is_contiguous()) {
            throw new IllegalArgumentException("only a contiguous tensor has its bytes in one piece");
        }
        if (tensor.numel() == 0) {
            return MemorySegment.NULL;
        }
        return MemorySegment.ofAddress(tensor.data_ptr().address()).reinterpret(tensor.numel() * tensor.element_size());
    }

    /**
     * The bytes of a contiguous tensor of any device: shared with one of the CPU and valid while it lives, else a copy.
     */
    public static MemorySegment hostBytes(Tensor tensor) {
        if (!tensor.is_cuda()) {
            return bytesOf(tensor);
        }
        try (TensorScope _ = TensorScope.open()) {
            MemorySegment source = bytesOf(tensor.cpu());
            return Arena.ofAuto().allocate(source.byteSize(), Long.BYTES).copyFrom(source);
        }
    }

    /**
     * Copies a stored tensor into a tensor of the same shape and any floating type, which may be a view. The pages read are
     * released on the way, so that the tensor is not in memory twice.
     */
    public static void copyInto(Tensor destination, TensorEntry stored) {
        ScalarType type = scalarType(stored);
        long rowBytes = Math.max(1, stored.sizeBytes() / Math.max(1, destination.size(0)));
        long rows = Math.max(1, PIECE_BYTES / rowBytes);
        for (long row = 0; row < destination.size(0); row += rows) {
            TensorEntry piece = stored.rows(row, Math.min(rows, destination.size(0) - row));
            try (TensorScope _ = TensorScope.open()) {
                destination.narrow(0, row, piece.shape().getFirst())
                        .copy_(wrap(piece.data(), type, piece.dimensions()));
            }
            piece.release();
        }
    }

    /** Copies bytes of that type, row-major, into a tensor of as many elements, which may be a view. */
    public static void copyInto(Tensor destination, MemorySegment bytes, DType type) {
        try (TensorScope _ = TensorScope.open()) {
            destination.copy_(wrap(bytes, type.scalarType(), shape(destination)));
        }
    }

    private static ScalarType scalarType(TensorEntry stored) {
        return switch (stored.type()) {
            case F32 -> ScalarType.Float;
            case BF16 -> ScalarType.BFloat16;
            case F16 -> ScalarType.Half;
            case F64 -> ScalarType.Double;
            case I64, U64, I32, U32, I16, U16, I8, U8, BOOL, C64, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ ->
                throw new IllegalArgumentException(
                        "tensor '" + stored.name() + "' has type " + stored.type() + "; use F64, F32, BF16 or F16");
        };
    }

    /** The dimensions of a tensor. */
    public static long[] shape(Tensor tensor) {
        return LongStream.range(0, tensor.dim()).map(tensor::size).toArray();
    }

    /** A tensor over foreign bytes, which must outlive it. */
    private static Tensor wrap(MemorySegment bytes, ScalarType type, long[] shape) {
        return torch.from_blob(new Address(bytes.address()), shape, new TensorOptions(type));
    }

    /** A bare address for calls that take a {@code void*}. */
    private static final class Address extends Pointer {
        Address(long address) {
            this.address = address;
        }
    }
}
