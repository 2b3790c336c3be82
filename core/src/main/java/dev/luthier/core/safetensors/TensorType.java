package dev.luthier.core.safetensors;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * Element type of a stored tensor. The names are those of the safetensors header, the order is that of the format's
 * reference implementation, narrow to wide.
 */
public enum TensorType {
    BOOL(1), U8(1), I8(1), F8_E5M2(1), F8_E4M3(1), F8_E8M0(1), F8_E4M3FNUZ(1), F8_E5M2FNUZ(1), I16(2), U16(2), F16(
            2),
    BF16(2), I32(4), U32(4), F32(4), C64(8), F64(8), I64(8), U64(8);

    private final int sizeBytes;

    TensorType(int sizeBytes) {
        this.sizeBytes = sizeBytes;
    }

    /** Bytes of one element. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /** The type of that header name, or empty for a name that is not supported (for example F4, whose elements are no whole bytes). */
    public static Optional<TensorType> named(String name) {
        return Stream.of(values()).filter(type -> type.name().equals(name)).findFirst();
    }
}
