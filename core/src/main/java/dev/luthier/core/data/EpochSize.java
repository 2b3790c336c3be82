package dev.luthier.core.data;

import java.util.List;

/**
 * What one epoch over weighted files has: each file counts by the share that its weight is of the largest weight (see
 * {@link SampleOrder}).
 *
 * @param samples greater than 0; need not be a whole number
 * @param tokens of these samples
 * @param targetTokens those that count in the loss
 */
public record EpochSize(double samples, double tokens, double targetTokens) {
    public EpochSize {
        if (!(samples > 0)) {
            throw new IllegalArgumentException("no file has a sample");
        }
    }

    /**
     * A file of the training data.
     *
     * @param samples valid ones
     * @param tokens of all valid samples
     * @param targetTokens those that count in the loss
     * @param weight greater than 0
     */
    public record File(long samples, long tokens, long targetTokens, double weight) {}

    /** Adds up the files. */
    public static EpochSize of(List<File> files) {
        double largestWeight = files.stream().filter(file -> file.samples() > 0).mapToDouble(File::weight).max()
                .orElse(1);
        double samples = 0;
        double tokens = 0;
        double targetTokens = 0;
        for (File file : files) {
            double share = Math.min(1, file.weight() / largestWeight);
            samples += file.samples() * share;
            tokens += file.tokens() * share;
            targetTokens += file.targetTokens() * share;
        }
        return new EpochSize(samples, tokens, targetTokens);
    }
}
