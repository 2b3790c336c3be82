package dev.luthier.engine.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.engine.tensor.HostMemory;
import java.util.Arrays;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What libtorch's flash attention does, in plain tensor operations on the CPU, with its demands on the arguments.
 *
 * <p>Legend: T tokens, n those of one sample, H query heads, K kv heads, E headDim.
 */
final class PlainFlash implements FlashOperator {
    private int calls;

    /** Calls of forward and backward so far. */
    int calls() {
        return calls;
    }

    @Override
    public Output forward(Tensor query, Tensor key, Tensor value, SampleBounds bounds, int window) {
        check(query, key, value, bounds);
        Tensor attended = torch.empty_like(query);
        Tensor logSumExp = torch.empty(query.size(1), query.size(0));
        forSamples(bounds, (start, rows) -> {
            Tensor exponents = scores(query, key, start, rows, window).exp();
            Tensor sums = exponents.sum(new long[]{-1}, true, new ScalarTypeOptional()); // [H, n, 1]
            heads(attended, 1, start, rows).copy_(torch.bmm(exponents.div(sums), heads(value, group(query, key), start,
                    rows)));
            logSumExp.narrow(1, start, rows).copy_(sums.log().squeeze(-1));
        });
        return new Output(attended, logSumExp);
    }

    @Override
    public Tensor[] backward(Tensor gradient, Tensor query, Tensor key, Tensor value, Output output,
            SampleBounds bounds, int window) {
        check(query, key, value, bounds);
        assertThat(HostMemory.shape(gradient)).isEqualTo(HostMemory.shape(query));
        assertThat(HostMemory.shape(output.attended())).isEqualTo(HostMemory.shape(query));
        assertThat(HostMemory.shape(output.logSumExp())).containsExactly(query.size(1), query.size(0));
        assertThat(output.logSumExp().scalar_type().intern()).isEqualTo(ScalarType.Float);
        assertThat(output.logSumExp().is_contiguous()).isTrue();
        Tensor[] gradients = {torch.empty_like(query), torch.empty_like(key), torch.empty_like(value)};
        long group = group(query, key);
        forSamples(bounds, (start, rows) -> {
            Tensor probabilities = scores(query, key, start, rows, window)
                    .sub(output.logSumExp().narrow(1, start, rows).unsqueeze(-1)).exp();
            Tensor outRows = heads(gradient, 1, start, rows);
            Tensor agreement = outRows.mul(heads(output.attended(), 1, start, rows))
                    .sum(new long[]{-1}, true, new ScalarTypeOptional());
            Tensor scoreGradient = torch.bmm(outRows, heads(value, group, start, rows).transpose(1, 2)).sub(agreement)
                    .mul(probabilities);
            heads(gradients[0], 1, start, rows).copy_(torch.bmm(scoreGradient, heads(key, group, start, rows)));
            heads(gradients[1], 1, start, rows)
                    .copy_(overGroup(torch.bmm(scoreGradient.transpose(1, 2), heads(query, 1, start, rows)), group));
            heads(gradients[2], 1, start, rows)
                    .copy_(overGroup(torch.bmm(probabilities.transpose(1, 2), outRows), group));
        });
        return gradients;
    }

    @FunctionalInterface
    private interface Sample {
        void at(int start, int rows);
    }

    private static void forSamples(SampleBounds bounds, Sample sample) {
        int[] cumulative = Arrays.stream(HostMemory.toLongs(bounds.cumulative().to(ScalarType.Long)))
                .mapToInt(Math::toIntExact).toArray();
        for (int i = 0; i + 1 < cumulative.length; i++) {
            sample.at(cumulative[i], cumulative[i + 1] - cumulative[i]);
        }
    }

    private void check(Tensor query, Tensor key, Tensor value, SampleBounds bounds) {
        calls++;
        assertThat(query.dim()).isEqualTo(3);
        assertThat(query.size(1) % key.size(1)).isZero();
        assertThat(HostMemory.shape(key)).containsExactly(query.size(0), key.size(1), query.size(2));
        assertThat(HostMemory.shape(value)).isEqualTo(HostMemory.shape(key));
        for (Tensor tensor : new Tensor[]{query, key, value}) {
            assertThat(tensor.stride(2)).isEqualTo(1);
        }
        assertThat(bounds.cumulative().scalar_type().intern()).isEqualTo(ScalarType.Int);
        assertThat(bounds.cumulative().is_contiguous()).isTrue();
    }

    private static long group(Tensor query, Tensor key) {
        return query.size(1) / key.size(1);
    }

    /** q k' where a query sees a key, minus infinity elsewhere, [H, n, n]. */
    private static Tensor scores(Tensor query, Tensor key, int start, int rows, int window) {
        float[] mask = new float[rows * rows];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < rows; column++) {
                boolean visible = column <= row && (window == 0 || row - column < window);
                mask[row * rows + column] = visible ? 0 : Float.NEGATIVE_INFINITY;
            }
        }
        return torch.bmm(heads(query, 1, start, rows), heads(key, group(query, key), start, rows).transpose(1, 2))
                .add(HostMemory.floats(mask, rows, rows));
    }

    /** A sample's rows of a [T, heads, E] tensor, each head as many times as given: [heads x times, n, E]. */
    private static Tensor heads(Tensor tensor, long times, int start, int rows) {
        Tensor sample = tensor.narrow(0, start, rows);
        return (times == 1 ? sample : sample.repeat_interleave(times, new LongOptional(1), new LongOptional()))
                .transpose(0, 1);
    }

    /** [K x group, n, E] summed to [K, n, E]. */
    private static Tensor overGroup(Tensor tensor, long group) {
        return tensor.reshape(tensor.size(0) / group, group, tensor.size(1), tensor.size(2))
                .sum(new long[]{1}, false, new ScalarTypeOptional());
    }
}
