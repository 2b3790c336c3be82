package dev.luthier.engine.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Owner of long-lived native objects: weights, moments, caches, preallocated buffers. They outlive every
 * {@link TensorScope} and are freed together by {@link #close}. Not thread-safe.
 */
public final class TensorArena implements AutoCloseable {
    private static final AtomicLong HELD = new AtomicLong();

    private final List<Pointer> kept = new ArrayList<>();
    private long bytes;

    /** Bytes of the tensors that the arenas of this process own; thread-safe. */
    public static long heldBytes() {
        return HELD.get();
    }

    /** Takes over a native object, which from now on lives as long as this arena. */
    public <P extends Pointer> P keep(P pointer) {
        pointer.retainReference();
        kept.add(pointer);
        return pointer;
    }

    /** An uninitialised contiguous tensor. */
    public Tensor empty(DType type, long... shape) {
        try (TensorScope _ = TensorScope.open()) {
            return own(torch.empty(shape, type.options(), null));
        }
    }

    /** A contiguous tensor of zeros. */
    public Tensor zeros(DType type, long... shape) {
        try (TensorScope _ = TensorScope.open()) {
            return own(torch.zeros(shape, type.options()));
        }
    }

    /** Takes over a tensor that is no view of another one. */
    public Tensor own(Tensor tensor) {
        long size = tensor.nbytes();
        bytes += size;
        HELD.addAndGet(size);
        return keep(tensor);
    }

    @Override
    public void close() {
        for (int i = kept.size() - 1; i >= 0; i--) {
            kept.get(i).releaseReference();
        }
        kept.clear();
        HELD.addAndGet(-bytes);
        bytes = 0;
    }
}
