package dev.luthier.engine.decoder;

import dev.luthier.engine.tensor.HostMemory;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Where the samples of a pack begin and end. The filling counts as one more sample: whatever it attends to, nobody reads
 * it, and its gradient is zero.
 *
 * @param cumulative the row at which each sample begins and, last, the number of rows; int32 [samples + 1] on the device
 *     of this process
 * @param longest rows of the longest sample
 */
record SampleBounds(Tensor cumulative, int longest) {

    /** The bounds of a pack, in the innermost scope. */
    static SampleBounds of(Pack pack) {
        int[] cumulative = cumulative(pack);
        int longest = IntStream.range(1, cumulative.length).map(i -> cumulative[i] - cumulative[i - 1]).max().orElse(0);
        return new SampleBounds(HostMemory.ints(cumulative), longest);
    }

    private static int[] cumulative(Pack pack) {
        int[] starts = pack.sampleStarts();
        IntStream samples = IntStream.range(0, pack.realTokens()).filter(row -> starts[row] == row);
        IntStream ends = IntStream.of(pack.realTokens(), pack.rows()).distinct();
        return IntStream.concat(samples, ends).toArray();
    }
}
