package dev.luthier.engine.tensor;

import org.bytedeco.javacpp.PointerScope;

/**
 * Frees every tensor and other native object that its thread makes while it is the innermost open scope. One per
 * micro-batch, per optimizer step, per generated token. What must outlive it is handed to a {@link TensorArena}.
 */
public final class TensorScope implements AutoCloseable {
    private final PointerScope scope = new PointerScope();

    private TensorScope() {}

    public static TensorScope open() {
        return new TensorScope();
    }

    @Override
    public void close() {
        scope.close();
    }
}
