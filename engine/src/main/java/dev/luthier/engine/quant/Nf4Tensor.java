package dev.luthier.engine.quant;

import org.bytedeco.pytorch.Tensor;

/**
 * A tensor in {@link Nf4}.
 *
 * @param codes uint8, two elements a byte, the first in the high half
 * @param scales fp32, one per block
 * @param elements of the tensor that was quantised
 */
public record Nf4Tensor(Tensor codes, Tensor scales, long elements) {
    public Nf4Tensor {
        if (codes.numel() != Nf4.codeBytes(elements) || scales.numel() != Nf4.blocks(elements)) {
            throw new IllegalArgumentException(elements + " elements do not have " + codes.numel()
                    + " bytes of codes and " + scales.numel() + " scales");
        }
    }

    /** Bytes of codes and scales. */
    public long sizeBytes() {
        return codes.numel() + Float.BYTES * scales.numel();
    }
}
