package dev.luthier.bench.train.input;

import java.util.Arrays;
import java.util.Locale;

/** What the samples of a data set are like. */
public enum DataKind {
    /** Instructions: log-normal lengths of mean 180 and 99th percentile 900, 30 % of the tokens are targets. */
    D1("instruct, log-normal lengths (mean 180, p99 900), 30 % targets", 8, 4, 1024, 4096),
    /** Text of 512 tokens, all of them targets. */
    D2("512 tokens, all targets", 8, 2, 512, 1024),
    /** Text of 2,048 tokens, all of them targets. */
    D3("2,048 tokens, all targets", 2, 2, 2048, 2048),
    /** Preference pairs: two answers of 128 tokens to a prompt of 128. */
    PAIRS("preference pairs, 2 x 256 tokens, of which 128 are a common prompt", 8, 2, 256, 2048);

    private static final int SHORTEST = 16;

    private final String title;
    private final int samplesPerStep;
    private final int stepsPerRound;
    private final int longest;
    private final int peerMicroBatchTokens;

    DataKind(String title, int samplesPerStep, int stepsPerRound, int longest, int peerMicroBatchTokens) {
        this.title = title;
        this.samplesPerStep = samplesPerStep;
        this.stepsPerRound = stepsPerRound;
        this.longest = longest;
        this.peerMicroBatchTokens = peerMicroBatchTokens;
    }

    /** The name on the command line and of files. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What the samples are, in words. */
    public String title() {
        return title;
    }

    /** Samples of an optimizer step unless others are asked for: 8 is TRL's default. */
    public int samplesPerStep() {
        return samplesPerStep;
    }

    /** Steps of a round unless others are asked for: more where steps differ. */
    public int stepsPerRound() {
        return stepsPerRound;
    }

    /** Whether samples are pairs of answers to one prompt, to learn a preference from. */
    public boolean isPairs() {
        return this == PAIRS;
    }

    /** Sequences of a sample. */
    public int sequences() {
        return isPairs() ? 2 : 1;
    }

    /** Tokens that no sequence exceeds. That of D1 is TRL's default limit, beyond which it would cut samples. */
    public int longest() {
        return longest;
    }

    /**
     * Tokens of a pass, padding counted, with which TRL's tuned recipe is fastest on SmolLM2-135M: measured for passes of
     * 1, 2, 4 and 8 samples of D1 and of D2.
     */
    public int peerMicroBatchTokens() {
        return peerMicroBatchTokens;
    }

    /** Whether samples are conversations, of which only the answer counts. */
    boolean isChat() {
        return this == D1 || isPairs();
    }

    /** Tokens of each sample. */
    int[] lengths(int samples) {
        if (this == D1) {
            return LogNormalLengths.of(180, 900).quantiles(samples, SHORTEST, longest);
        }
        int[] lengths = new int[samples];
        Arrays.fill(lengths, longest);
        return lengths;
    }
}
