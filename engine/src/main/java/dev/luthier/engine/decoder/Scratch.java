package dev.luthier.engine.decoder;

import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.TensorArena;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Named buffers that are allocated once and used again by every micro-batch: large allocations cost page faults, which
 * cost as much as the arithmetic in them. A buffer keeps its content until its name is used for something else.
 */
final class Scratch implements AutoCloseable {
    private final DType type;
    private final Map<String, Buffer> buffers = new HashMap<>();

    private record Buffer(TensorArena arena, Tensor flat, long size) {}

    Scratch(DType type) {
        this.type = type;
    }

    /** A contiguous tensor of that shape at the start of the named buffer, which grows as needed; in the innermost scope. */
    Tensor get(String name, long... shape) {
        return get(name, type, shape);
    }

    /** As {@link #get}, in fp32. */
    Tensor wide(String name, long... shape) {
        return get(name, DType.FP32, shape);
    }

    private Tensor get(String name, DType of, long... shape) {
        long size = 1;
        for (long dimension : shape) {
            size *= dimension;
        }
        Buffer buffer = buffers.get(name);
        if (buffer == null || buffer.size < size) {
            if (buffer != null) {
                buffer.arena.close();
            }
            TensorArena arena = new TensorArena();
            buffer = new Buffer(arena, arena.empty(of, size), size);
            buffers.put(name, buffer);
        }
        return buffer.flat.narrow(0, 0, size).view(shape);
    }

    @Override
    public void close() {
        buffers.values().forEach(buffer -> buffer.arena.close());
        buffers.clear();
    }
}
