package dev.luthier.server.job;

import org.jspecify.annotations.Nullable;

/**
 * How far training is: the newest step, and the newest metric point's validation loss.
 *
 * @param started whether this attempt has loaded its model and begun
 * @param loss of the newest step, nats per target token; null before the first
 * @param tokens of all steps so far
 * @param tokensPerSecond of the newest step
 * @param secondsLeft from the speed of this attempt; null before its second step
 * @param attemptStartMillis when this attempt made its first step
 * @param attemptFirstStep number of that step
 */
public record JobProgress(boolean started, int step, int totalSteps, @Nullable Double loss, @Nullable Double validLoss,
        long tokens,
        @Nullable Double tokensPerSecond, @Nullable Double secondsLeft, long attemptStartMillis,
        int attemptFirstStep) {
    static final JobProgress NONE = new JobProgress(false, 0, 0, null, null, 0, null, null, 0, 0);

    /** What is known when another attempt is about to start. */
    JobProgress beforeNextAttempt() {
        return new JobProgress(false, step, totalSteps, loss, validLoss, tokens, null, null, 0, 0);
    }
}
