package dev.luthier.engine.tensor;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Owner of long-lived native objects: weights, moments, caches, preallocated buffers. They outlive every
 * {@link TensorScope} and are freed together by {@link #close}. Not thread-safe.
 */
public final class TensorArena implements AutoCloseable {
    private final List<Pointer> kept = new ArrayList<>();

    /** Takes over a native object, which from now on lives as long as this arena. */
    public <P extends Pointer> P keep(P pointer) {
        pointer.retainReference();
        kept.add(pointer);
        return pointer;
    }

    /** An uninitialised contiguous tensor. */
    public Tensor empty(DType type, long... shape) {
        try (TensorScope _ = TensorScope.open()) {
            return keep(torch.empty(shape, type.options(), null));
        }
    }

    /** A contiguous tensor of zeros. */
    public Tensor zeros(DType type, long... shape) {
        try (TensorScope _ = TensorScope.open()) {
            return keep(torch.zeros(shape, type.options()));
        }
    }

    @Override
    public void close() {
        for (int i = kept.size() - 1; i >= 0; i--) {
            kept.get(i).releaseReference();
        }
        kept.clear();
    }
}
