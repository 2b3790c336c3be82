package dev.luthier.engine.decoder;

import dev.luthier.engine.tensor.BoxedOperator;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * libtorch's flash attention, for 16-bit types on NVIDIA GPUs from the Ampere generation on.
 *
 * <p>Its window counts the keys to the left of a query's own, -1 for all. Without dropout, backward does not read the
 * random state that it takes.
 */
final class LibtorchFlash implements FlashOperator {
    static final BoxedOperator FORWARD = BoxedOperator.find("aten::_flash_attention_forward", "");
    static final BoxedOperator BACKWARD = BoxedOperator.find("aten::_flash_attention_backward", "");

    private static final double NO_DROPOUT = 0;
    private static final boolean CAUSAL = true;
    private static final boolean NO_DEBUG_MASK = false;
    private static final double SCALED_ALREADY = 1;
    private static final long NOTHING_TO_THE_RIGHT = 0;

    /** Whether the device of this process has the operator; a GPU does not change while a process runs. */
    private static @Nullable Boolean works;

    /** The operator, if the device of this process has it for heads of that shape and type; else null. */
    static @Nullable FlashOperator find(HeadShape heads, DType type) {
        if (!Libtorch.usesCuda() || !takes(heads, type)) {
            return null;
        }
        LibtorchFlash flash = new LibtorchFlash();
        if (works == null) {
            works = flash.works();
        }
        return works ? flash : null;
    }

    /** Whether there are kernels, forward and backward on all GPUs, for heads of that shape and type. */
    static boolean takes(HeadShape heads, DType type) {
        long width = heads.headDim();
        return type == DType.BF16 && width % 8 == 0 && (width <= 192 || width == 256);
    }

    /** Whether one token can be attended to: older GPUs and builds without the kernels refuse. */
    private boolean works() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor token = torch.zeros(new long[]{1, 1, 64}, DType.BF16.options());
            forward(token, token, token, new SampleBounds(HostMemory.ints(new int[]{0, 1}), 1), 0);
            return true;
        } catch (RuntimeException refused) {
            return false;
        }
    }

    @Override
    public Output forward(Tensor query, Tensor key, Tensor value, SampleBounds bounds, int window) {
        Tensor[] results = FORWARD.results(forwardArguments(query, key, value, bounds, window));
        return new Output(results[0], results[1]);
    }

    @Override
    public Tensor[] backward(Tensor gradient, Tensor query, Tensor key, Tensor value, Output output,
            SampleBounds bounds, int window) {
        return BACKWARD.results(backwardArguments(gradient, query, key, value, output, bounds, window));
    }

    static IValue[] forwardArguments(Tensor query, Tensor key, Tensor value, SampleBounds bounds, int window) {
        IValue none = new IValue();
        IValue cumulative = new IValue(bounds.cumulative());
        IValue longest = new IValue((long) bounds.longest());
        return new IValue[]{new IValue(query), new IValue(key), new IValue(value), cumulative, cumulative, longest,
                longest, new IValue(NO_DROPOUT), new IValue(CAUSAL), new IValue(NO_DEBUG_MASK),
                new IValue(SCALED_ALREADY), new IValue(window - 1L), new IValue(NOTHING_TO_THE_RIGHT), none, none};
    }

    static IValue[] backwardArguments(Tensor gradient, Tensor query, Tensor key, Tensor value, Output output,
            SampleBounds bounds, int window) {
        IValue cumulative = new IValue(bounds.cumulative());
        IValue longest = new IValue((long) bounds.longest());
        IValue randomState = new IValue(torch.zeros(new long[]{2}, Libtorch.options(ScalarType.Long)));
        return new IValue[]{new IValue(gradient), new IValue(query), new IValue(key), new IValue(value),
                new IValue(output.attended()), new IValue(output.logSumExp()), cumulative, cumulative, longest, longest,
                new IValue(NO_DROPOUT), new IValue(CAUSAL), randomState, randomState, new IValue(SCALED_ALREADY),
                new IValue(window - 1L), new IValue(NOTHING_TO_THE_RIGHT)};
    }
}
