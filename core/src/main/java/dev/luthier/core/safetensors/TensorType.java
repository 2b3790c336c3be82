package dev.luthier.core.safetensors;

import java.util.Optional;
import java.util.stream.Stream;

/** Element type of a stored tensor. The names are those of the safetensors header. */
public enum TensorType {
    F64(8), F32(4), F16(2), BF16(2), I64(8), I32(4), I16(2), I8(1), U8(1), BOOL(1);

    private final int sizeBytes;

    TensorType(int sizeBytes) {
        this.sizeBytes = sizeBytes;
    }

    /** Bytes of one element. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /** The type of that header name, or empty for a name that is not supported (for example F8_E4M3). */
    public static Optional<TensorType> named(String name) {
        return Stream.of(values()).filter(type -> type.name().equals(name)).findFirst();
    }
}
