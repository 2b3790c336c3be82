package dev.luthier.engine.generate;

import dev.luthier.core.problem.Problem;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * One continuation of one prompt, from its submission to its last token. The {@link GenerationLoop} writes events, one
 * other thread reads them; any thread may cancel.
 */
final class Generation {

    /**
     * What is asked for.
     *
     * @param prompt at least one token
     * @param adapter name of a loaded adapter, or null for the base model
     * @param maxTokens at least 1; the context limit may end the generation earlier
     * @param stopTokens tokens that end it, beside the model's own
     * @param ignoreEnd whether the model's own end tokens are tokens like any other
     * @param logprobs how many alternatives to report with each token's log-probability, or {@link #NO_LOGPROBS}
     * @param promptLogprobs the same for the tokens of the prompt
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Request(int[] prompt, @Nullable String adapter, int maxTokens, Sampling sampling, Set<Integer> stopTokens,
            boolean ignoreEnd, int logprobs, int promptLogprobs) {
        /** Reports none at all. */
        static final int NO_LOGPROBS = -1;

        Request {
            stopTokens = Set.copyOf(stopTokens);
        }

        boolean scoresPrompt() {
            return promptLogprobs != NO_LOGPROBS;
        }
    }

    /** Why a generation ended. */
    enum Finish {
        STOP, LENGTH
    }

    /** What happened. {@link Finished} or {@link Failed} is the last event. */
    sealed interface Event {
        /**
         * The prompt is read; comes once, before the first token, when its log-probabilities are wanted.
         *
         * @param logprobs of every token of the prompt but the first
         */
        record PromptScored(List<Logprob> logprobs) implements Event {}

        /** A new token; a token that stops the generation is reported too. */
        record Token(int id, @Nullable Logprob logprob) implements Event {}

        /** @param stopToken the requested stop token that ended it; null for the model's own and for LENGTH */
        record Finished(Finish reason, @Nullable Integer stopToken) implements Event {}

        record Failed(Problem problem) implements Event {}
    }

    /**
     * The log-probability of a token before penalties and temperature.
     *
     * @param rank 1 for the most likely token, one more for each token that is likelier than this one
     * @param top the most likely tokens, best first
     */
    record Logprob(int token, double logprob, int rank, List<Logprob> top) {}

    private final Request request;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private volatile boolean cancelled;

    Generation(Request request) {
        this.request = request;
    }

    Request request() {
        return request;
    }

    /** The loop drops a cancelled generation before its next token and writes no further event. */
    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    void publish(Event event) {
        events.add(event);
    }

    /** Waits for the next event, or returns null when the time is over. */
    @Nullable
    Event poll(long timeoutMillis) throws InterruptedException {
        return events.poll(timeoutMillis, TimeUnit.MILLISECONDS);
    }
}
