package dev.luthier.engine.decoder;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One layer's attention over a pack, with drawn inputs.
 *
 * @param window as the layer's
 * @param lengths of the samples
 */
record AttentionCase(HeadShape heads, int window, List<Integer> lengths) {

    /** Several samples, some longer than a block of queries, with kv heads that several query heads share. */
    static List<AttentionCase> all() {
        return List.of(new AttentionCase(new HeadShape(2, 3, 16), 0, List.of(5, 150, 1, 70)),
                new AttentionCase(new HeadShape(2, 3, 16), 17, List.of(5, 150, 1, 70)),
                new AttentionCase(new HeadShape(3, 1, 8), 1, List.of(64)),
                new AttentionCase(new HeadShape(1, 4, 64), 40, List.of(100, 28)));
    }

    /**
     * What attention made of the rows of samples, without filling, on the device of this process.
     *
     * @param values by name, row-major
     */
    record Result(Map<String, float[]> values) {}

    /** @param flash null for {@link BlockAttention} */
    Result run(DType type, @Nullable FlashOperator flash) {
        return run(type, flash, false);
    }

    /** {@link BlockAttention}. */
    Result run(DType type, boolean keepsProbabilities) {
        return run(type, null, keepsProbabilities);
    }

    private Result run(DType type, @Nullable FlashOperator flash, boolean keepsProbabilities) {
        try (TensorScope _ = TensorScope.open();
                TensorArena arena = new TensorArena();
                Scratch saved = new Scratch(type);
                Scratch scratch = new Scratch(type)) {
            Pack pack = pack();
            long rows = pack.rows();
            Attention attention = flash == null
                    ? new BlockAttention(heads, window, keepsProbabilities, saved, scratch)
                    : new FlashAttention(heads, window, flash, saved, scratch);
            PackTensors tensors = tensors(pack, type, flash == null, arena);
            long width = heads.heads() * heads.headDim();
            attention.query(rows).copy_(drawn("query", rows, heads.kvHeads(), heads.group(), heads.headDim()));
            attention.key(rows).copy_(drawn("key", rows, heads.kvHeads(), heads.headDim()));
            attention.value(rows).copy_(drawn("value", rows, heads.kvHeads(), heads.headDim()));
            Tensor attended = saved.get("attended", rows, width);
            attention.forward(tensors, attended);
            Tensor gradient = scratch.get("attendedGradient", rows, width);
            gradient.copy_(drawn("gradient", rows, width));
            gradient.narrow(0, pack.realTokens(), rows - pack.realTokens()).zero_();
            Attention.Gradients gradients = attention.backward(tensors, attended, gradient);
            return new Result(Map.of("attended", real(attended, pack), "query", real(gradients.query(), pack), "key",
                    real(gradients.key(), pack), "value", real(gradients.value(), pack)));
        }
    }

    private PackTensors tensors(Pack pack, DType type, boolean masks, TensorArena arena) {
        RotaryTable unused = new RotaryTable(arena.zeros(type, 1, 1), arena.zeros(type, 1, 1));
        return new PackTensors(pack.rows(), HostMemory.longs(pack.tokens()), unused, unused,
                masks ? Map.of(window, AttentionPlan.of(pack, window, type)) : Map.of(), SampleBounds.of(pack));
    }

    Pack pack() {
        List<EncodedSample> samples = new ArrayList<>();
        for (int length : lengths) {
            samples.add(new EncodedSample(new int[length], new float[length]));
        }
        return Pack.of(samples);
    }

    private static Tensor drawn(String name, long... shape) {
        int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        return HostMemory.floats(DrawnValues.values(name, 1, count), shape).mul_(new Scalar(4.0));
    }

    private static float[] real(Tensor rows, Pack pack) {
        return HostMemory.toFloats(rows.narrow(0, 0, pack.realTokens()));
    }
}
