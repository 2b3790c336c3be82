package dev.luthier.engine.decoder;

import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.TensorArena;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Named buffers that are allocated once and used again by every micro-batch: large allocations cost page faults, which
 * cost as much as the arithmetic in them. A buffer keeps its content until its name is used for something else.
 *
 * <p>Buffers with a row for each token have room for the largest micro-batch from the start: ones that grew would leave
 * holes behind. Rows that no micro-batch has used take no memory on the CPU.
 */
final class Scratch implements AutoCloseable {
    private final DType type;
    private final Map<String, Buffer> buffers = new HashMap<>();
    private long reservedRows;

    private record Buffer(TensorArena arena, Tensor flat, long size) {}

    Scratch(DType type) {
        this.type = type;
    }

    /** Gives buffers of {@link #rows} that are made from now on room for so many rows. */
    void reserve(long rows) {
        reservedRows = rows;
    }

    /** A contiguous tensor of so many rows of that shape; in the innermost scope. */
    Tensor rows(String name, long rows, long... rowShape) {
        return rows(name, type, rows, rowShape);
    }

    /** As {@link #rows}, in fp32. */
    Tensor wideRows(String name, long rows, long... rowShape) {
        return rows(name, DType.FP32, rows, rowShape);
    }

    /** A contiguous tensor of that shape, whose buffer grows as needed; in the innermost scope. */
    Tensor get(String name, long... shape) {
        return get(name, type, 0, shape);
    }

    /** As {@link #get}, in fp32. */
    Tensor wide(String name, long... shape) {
        return get(name, DType.FP32, 0, shape);
    }

    private Tensor rows(String name, DType of, long rows, long... rowShape) {
        long[] shape = new long[rowShape.length + 1];
        shape[0] = rows;
        System.arraycopy(rowShape, 0, shape, 1, rowShape.length);
        return get(name, of, reservedRows * size(rowShape), shape);
    }

    /** @param room elements of the buffer at least, should it be made now */
    private Tensor get(String name, DType of, long room, long[] shape) {
        long size = size(shape);
        Buffer buffer = buffers.get(name);
        if (buffer == null || buffer.size < size) {
            if (buffer != null) {
                buffer.arena.close();
            }
            TensorArena arena = new TensorArena();
            long made = Math.max(size, room);
            buffer = new Buffer(arena, arena.empty(of, made), made);
            buffers.put(name, buffer);
        }
        return buffer.flat.narrow(0, 0, size).view(shape);
    }

    private static long size(long[] shape) {
        long size = 1;
        for (long dimension : shape) {
            size *= dimension;
        }
        return size;
    }

    @Override
    public void close() {
        buffers.values().forEach(buffer -> buffer.arena.close());
        buffers.clear();
    }
}
