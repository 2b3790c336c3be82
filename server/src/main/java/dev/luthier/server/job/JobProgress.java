package dev.luthier.server.job;

import dev.luthier.core.run.Progress;
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

    /** What is known after one more line. A resumed attempt repeats steps; what is shown never goes back. */
    JobProgress with(Progress line) {
        return switch (line) {
            case Progress.Started begun ->
                new JobProgress(true, step, begun.totalSteps(), loss, validLoss, tokens, null, null, 0, 0);
            case Progress.Step made -> {
                long start = attemptStartMillis == 0 ? made.timeMillis() : attemptStartMillis;
                int first = attemptStartMillis == 0 ? made.step() : attemptFirstStep;
                int since = made.step() - first;
                Double left = since < 1
                        ? null
                        : (made.timeMillis() - start) / 1000.0 / since * (made.totalSteps() - made.step());
                yield new JobProgress(true, Math.max(step, made.step()), made.totalSteps(), made.loss(), validLoss,
                        made.tokens(), made.tokensPerSecond(), left, start, first);
            }
            case Progress.Metric metric ->
                new JobProgress(started, step, totalSteps, loss, metric.validLoss() == null
                        ? validLoss
                        : metric.validLoss(), tokens, tokensPerSecond, secondsLeft, attemptStartMillis,
                        attemptFirstStep);
            case Progress.Snapshot snapshot -> this;
            case Progress.Note note -> this;
        };
    }
}
