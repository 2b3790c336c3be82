package dev.luthier.engine.quant;

import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Turns codes back into values: number of the code times scale of the block, in fp32, rounded once to the destination's
 * type. Works in chunks that stay in the cache, with buffers of its own. One thread, that of all tensor work.
 */
public final class Nf4Dequantizer implements AutoCloseable {
    /** Measured: half a million values; with fewer the calls cost, with more memory does. */
    private static final long CHUNK_BLOCKS = 8192;
    private static final long BLOCK_BYTES = Nf4.BLOCK / 2;

    private final TensorArena arena = new TensorArena();
    private final Tensor pairs;
    private final Tensor index;
    private final Tensor values;
    private final Tensor valuePairs;

    public Nf4Dequantizer() {
        float[] numbers = new float[512];
        for (int code = 0; code < 256; code++) {
            numbers[2 * code] = Nf4.number(code >> 4);
            numbers[2 * code + 1] = Nf4.number(code & 15);
        }
        try (TensorScope _ = TensorScope.open()) {
            // A pair of fp32 numbers passes as one fp64: libtorch then copies it with one move, not with a memcpy.
            pairs = arena.keep(HostMemory.floats(numbers, numbers.length).view(ScalarType.Double)); // [256]
            index = arena.own(torch.empty(new long[]{CHUNK_BLOCKS * BLOCK_BYTES}, Libtorch.options(ScalarType.Int),
                    null));
            values = arena.own(torch.empty(new long[]{CHUNK_BLOCKS * Nf4.BLOCK}, Libtorch.options(ScalarType.Float),
                    null));
            valuePairs = arena.keep(values.view(ScalarType.Double));
        }
    }

    /**
     * Writes all values of a tensor.
     *
     * @param destination as many elements, contiguous, bf16 or fp32
     */
    public void dequantize(Nf4Tensor source, Tensor destination) {
        if (destination.numel() != source.elements()) {
            throw new IllegalArgumentException("the destination has " + destination.numel() + " elements, not "
                    + source.elements());
        }
        try (TensorScope _ = TensorScope.open()) {
            Tensor flat = destination.view(-1);
            long whole = source.elements() / Nf4.BLOCK;
            for (long block = 0; block < whole; block += CHUNK_BLOCKS) {
                chunk(source, block, Math.min(CHUNK_BLOCKS, whole - block), Nf4.BLOCK, flat);
            }
            long rest = source.elements() % Nf4.BLOCK;
            if (rest > 0) {
                chunk(source, whole, 1, rest, flat);
            }
        }
    }

    /** @param size values of each of the blocks */
    private void chunk(Nf4Tensor source, long block, long blocks, long size, Tensor flat) {
        long bytes = blocks * Nf4.codeBytes(size);
        Tensor codes = index.narrow(0, 0, bytes);
        codes.copy_(source.codes().narrow(0, block * BLOCK_BYTES, bytes)); // uint8 to int32
        torch.index_select_out(valuePairs.narrow(0, 0, bytes), pairs, 0, codes);
        Tensor chunk = values.narrow(0, 0, blocks * size).view(blocks, size);
        chunk.mul_(source.scales().narrow(0, block, blocks).unsqueeze(1));
        flat.narrow(0, block * Nf4.BLOCK, blocks * size).view(blocks, size).copy_(chunk);
    }

    @Override
    public void close() {
        arena.close();
    }
}
