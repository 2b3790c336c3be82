package dev.luthier.core.plan;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.RunSpec;

/**
 * Peak memory of a trainer in bytes, by what takes it. Every buffer of a training step has a size that follows from the
 * model's shape and the run's settings; {@code bench/run train} compares the sum with what trainers really take.
 *
 * @param process code, Java heap and libraries, which every trainer has
 * @param base frozen weights
 * @param adapter adapter weights, their gradients, moments and copies
 * @param kept what forward keeps for backward
 * @param scratch buffers that all layers share, and the head's
 */
public record StepMemory(long process, long base, long adapter, long kept, long scratch) {
    private static final long PROCESS = 280_000_000;
    /** Micro-batches are filled up to a multiple of this. */
    private static final long ROW_MULTIPLE = 64;
    private static final long QUERY_ROWS = 128;
    /** Attention probabilities that are kept per query and token, at most. */
    private static final long KEPT_KEYS = 384;
    private static final long LOGITS = 1L << 24;
    private static final long MAX_LOGIT_ROWS = 1024;
    /** fp32: weights, gradients, two moments, and the update's denominator. */
    private static final long OPTIMIZER_COPIES = 5;
    private static final double BF16_BYTES = 2;
    /** Four bits, and a scale for each block of 64. */
    private static final double NF4_BYTES = 0.5 + 4.0 / 64;

    /**
     * The memory of a run.
     *
     * @param longestSample tokens of the longest sequence
     */
    public static StepMemory of(ModelConfig model, RunSpec.Lora lora, RunSpec.Numerics numerics, int microBatchTokens,
            int longestSample) {
        LayerShape shape = LayerShape.of(model);
        long elementBytes = numerics.baseType().equals("fp32") ? 4 : 2;
        long layers = lora.topLayers() == 0 ? model.layers() : Math.min(lora.topLayers(), model.layers());
        long tokens = (Math.max(microBatchTokens, longestSample) + ROW_MULTIPLE - 1) / ROW_MULTIPLE * ROW_MULTIPLE;
        long adapter = layers * (shape.adapterElements(lora) * Float.BYTES * OPTIMIZER_COPIES
                + shape.adapterCopies(lora) * elementBytes);
        return new StepMemory(PROCESS, base(model, shape, numerics, elementBytes), adapter,
                tokens * kept(model, shape, lora, numerics.memoryTier(), layers, longestSample) * elementBytes,
                elementBytes * scratch(model, shape, lora, numerics.memoryTier(), tokens, longestSample,
                        Float.BYTES / elementBytes));
    }

    /** All of it. */
    public long total() {
        return process + base + adapter + kept + scratch;
    }

    private static long base(ModelConfig model, LayerShape shape, RunSpec.Numerics numerics, long elementBytes) {
        return switch (numerics.quantization()) {
            case NONE -> model.parameterCount() * elementBytes;
            case BF16 -> ofOneLayer(model, shape, BF16_BYTES, elementBytes);
            case NF4 -> ofOneLayer(model, shape, NF4_BYTES, elementBytes);
        };
    }

    /** Matrices of all layers as they are stored, those of one layer as they are computed with. */
    private static long ofOneLayer(ModelConfig model, LayerShape shape, double storedBytes, long elementBytes) {
        long linear = model.layers() * shape.linearElements();
        return (long) (linear * storedBytes)
                + (model.parameterCount() - linear + shape.linearElements()) * elementBytes;
    }

    /** Elements per token: what backward reads of each trained layer, or of one layer where layers run again. */
    private static long kept(ModelConfig model, LayerShape shape, RunSpec.Lora lora, MemoryTier tier, long layers,
            long longestSample) {
        long products = 2 * shape.query() + 2 * shape.key() + shape.hidden() + 2 * shape.intermediate()
                + shape.lowRankWidth(lora) + (lora.dora() ? shape.adaptedOutputs(lora) : 0)
                + (model.queryKeyNorm() ? shape.qkv() : 0);
        // Half a sample, and what a block of queries reads around it.
        long probabilities = model.heads()
                * Math.min(KEPT_KEYS, longestSample / 2 + QUERY_ROWS + ROW_MULTIPLE / 2);
        return switch (tier) {
            case KEEP -> layers * (3 * shape.hidden() + products + probabilities);
            case RECOMPUTE_ELEMENTWISE -> layers * (shape.hidden() + products);
            case RECOMPUTE_LAYERS -> layers * shape.hidden() + products;
        };
    }

    /**
     * Elements.
     *
     * @param wide elements in the room of one of fp32
     */
    private static long scratch(ModelConfig model, LayerShape shape, RunSpec.Lora lora, MemoryTier tier, long tokens,
            long longestSample, long wide) {
        long perToken = 7 * shape.hidden() + 5 * shape.intermediate() + 4 * shape.query() + 2 * shape.key()
                + 2 * shape.qkv() + (tier == MemoryTier.KEEP ? 0 : 2 * shape.hidden())
                + (tier == MemoryTier.RECOMPUTE_LAYERS ? shape.hidden() : 0)
                + (model.queryKeyNorm() ? shape.query() + shape.key() : 0)
                + (lora.dora() ? Math.max(2 * shape.intermediate(), shape.qkv()) : 0)
                + 2 * wide * Math.max(shape.hidden(), model.queryKeyNorm() ? shape.query() : 0);
        long keys = Math.min(tokens, longestSample + QUERY_ROWS + ROW_MULTIPLE);
        long scores = 2L * model.heads() * QUERY_ROWS * keys;
        long masks = (1 + wide) * tokens * keys;
        long logits = Math.clamp(LOGITS / model.vocabSize(), 32, MAX_LOGIT_ROWS) * model.vocabSize();
        return tokens * perToken + scores + masks + logits;
    }
}
