package dev.luthier.engine.tensor;

import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element type of a computation. */
public enum DType {
    BF16("bf16", 2, ScalarType.BFloat16),
    FP32("fp32", 4, ScalarType.Float);

    private final String label;
    private final int sizeBytes;
    private final ScalarType scalarType;

    DType(String label, int sizeBytes, ScalarType scalarType) {
        this.label = label;
        this.sizeBytes = sizeBytes;
        this.scalarType = scalarType;
    }

    /**
     * The type of a name in settings.
     *
     * @param label {@code bf16} or {@code fp32}
     * @throws IllegalArgumentException for any other name
     */
    public static DType of(String label) {
        for (DType type : values()) {
            if (type.label.equals(label)) {
                return type;
            }
        }
        throw new IllegalArgumentException("element type '" + label + "' is unknown; use bf16 or fp32");
    }

    /** The name in settings: {@code bf16} or {@code fp32}. */
    public String label() {
        return label;
    }

    /** Bytes of one element. */
    public int sizeBytes() {
        return sizeBytes;
    }

    public ScalarType scalarType() {
        return scalarType;
    }

    /** Options for a new tensor of this type on the device of this process; a native object of the innermost scope. */
    public TensorOptions options() {
        return Libtorch.options(scalarType);
    }
}
