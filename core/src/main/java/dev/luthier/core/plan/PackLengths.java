package dev.luthier.core.plan;

import dev.luthier.core.data.Packer;
import dev.luthier.core.data.SampleOrder;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * How many tokens may pass through the model at once where nobody says it. The memory of a step grows with them, its time
 * does hardly, as long as a micro-batch has some thousand: each reads all weights once, whatever its tokens.
 */
public final class PackLengths {
    private static final List<Integer> ALL = List.of(2048, 1024, 512, 256);
    /** Beyond this the values of a token, twice as large in fp32, cost more memory than the time they save is worth. */
    private static final List<Integer> FP32 = ALL.subList(1, ALL.size());
    /** Part of the tokens that micro-batches have on average, at least, to be called full. */
    private static final double FULL = 7.0 / 8;
    private static final int SAMPLES = 10_000;

    private PackLengths() {}

    /**
     * The lengths to choose from, the fastest first: 2,048 tokens and less; in fp32 from 1,024, if the first samples fill micro-batches of that length.
     *
     * @param tokens length of the sample of a visit
     * @param samplesPerStep at least 1
     */
    public static List<Integer> suiting(String baseType, SampleOrder order, ToIntFunction<SampleOrder.Visit> tokens,
            int samplesPerStep) {
        return baseType.equals("fp32") && fill(FP32.getFirst(), order, tokens, samplesPerStep) ? FP32 : ALL;
    }

    private static boolean fill(int maxTokens, SampleOrder order, ToIntFunction<SampleOrder.Visit> tokens,
            int samplesPerStep) {
        int[] lengths = new int[samplesPerStep];
        int steps = Math.max(1, SAMPLES / samplesPerStep);
        long total = 0;
        long packs = 0;
        for (long position = 0; position < (long) steps * samplesPerStep; position++) {
            int place = (int) (position % samplesPerStep);
            lengths[place] = tokens.applyAsInt(order.at(position));
            total += lengths[place];
            if (place == samplesPerStep - 1) {
                packs += Packer.pack(lengths, maxTokens).size();
            }
        }
        return total >= FULL * maxTokens * packs;
    }
}
