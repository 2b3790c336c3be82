package dev.luthier.engine.generate;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Keys and values of all rows, in fp32: scaled dot product attention of few queries is several times slower in bf16 on
 * CPUs. Slots and their capacity grow by doubling as rows need it, and shrink when the last row is gone.
 *
 * <p>Legend: S slots, K kv heads, C capacity in tokens, E = headDim. One thread.
 */
final class KvCache implements AutoCloseable {
    private static final int FIRST_CAPACITY = 32;

    private final ModelConfig config;
    private final int maxCapacity;
    private final BitSet used = new BitSet();
    private TensorArena arena = new TensorArena();
    private List<LayerCache> layers = new ArrayList<>();
    private int slots;
    private int capacity;

    /** The cache of one layer; both are [S, K, C, E]. */
    private record LayerCache(Tensor keys, Tensor values) {}

    /** @param maxCapacity tokens that a row may hold at most */
    KvCache(ModelConfig config, int maxCapacity) {
        this.config = config;
        this.maxCapacity = maxCapacity;
    }

    /** Bytes that one token of one row takes in all layers. */
    static long bytesPerToken(ModelConfig config) {
        return 2L * config.layers() * config.kvHeads() * config.headDim() * DType.FP32.sizeBytes();
    }

    /** Takes the lowest free slot; its content is undefined. */
    int acquire() {
        int slot = used.nextClearBit(0);
        used.set(slot);
        return slot;
    }

    void release(int slot) {
        used.clear(slot);
        if (used.isEmpty() && capacity > FIRST_CAPACITY) {
            close();
        }
    }

    /**
     * Makes room for rows of that many tokens in all used slots. When it throws, for want of memory, the cache is as it
     * was.
     */
    void ensure(int tokens) {
        int wantedSlots = slots;
        while (wantedSlots < used.length()) {
            wantedSlots = Math.max(1, 2 * wantedSlots);
        }
        int wantedCapacity = Math.max(capacity, Math.min(FIRST_CAPACITY, maxCapacity));
        while (wantedCapacity < tokens) {
            wantedCapacity = Math.min(2 * wantedCapacity, maxCapacity);
        }
        if (wantedSlots > slots || wantedCapacity > capacity) {
            grow(wantedSlots, wantedCapacity);
        }
    }

    private void grow(int newSlots, int newCapacity) {
        TensorArena grownArena = new TensorArena();
        List<LayerCache> grown = new ArrayList<>();
        try {
            for (int layer = 0; layer < config.layers(); layer++) {
                // Zeros, because attention multiplies masked places by zero, which does not undo an infinity.
                grown.add(new LayerCache(zeros(grownArena, newSlots, newCapacity),
                        zeros(grownArena, newSlots, newCapacity)));
            }
        } catch (RuntimeException e) {
            grownArena.close();
            throw e;
        }
        try (TensorScope _ = TensorScope.open()) {
            for (int layer = 0; layer < layers.size(); layer++) {
                copy(layers.get(layer).keys(), grown.get(layer).keys());
                copy(layers.get(layer).values(), grown.get(layer).values());
            }
        }
        arena.close();
        arena = grownArena;
        layers = grown;
        slots = newSlots;
        capacity = newCapacity;
    }

    private Tensor zeros(TensorArena owner, int newSlots, int newCapacity) {
        return owner.zeros(DType.FP32, newSlots, config.kvHeads(), newCapacity, config.headDim());
    }

    private static void copy(Tensor from, Tensor to) {
        to.narrow(0, 0, from.size(0)).narrow(2, 0, from.size(2)).copy_(from);
    }

    int capacity() {
        return capacity;
    }

    /** [S, K, C, E]. */
    Tensor keys(int layer) {
        return layers.get(layer).keys();
    }

    /** [S, K, C, E]. */
    Tensor values(int layer) {
        return layers.get(layer).values();
    }

    /** Frees the memory; slots stay taken. */
    @Override
    public void close() {
        arena.close();
        layers.clear();
        slots = 0;
        capacity = 0;
    }
}
