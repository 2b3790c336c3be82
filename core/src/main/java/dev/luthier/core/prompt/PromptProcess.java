package dev.luthier.core.prompt;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes a model's tokens of prompts in a process of its own, which is started when it is needed and again when it has
 * ended. Template and tokenizer come with the model and work on what anybody sends: a regular expression of the
 * tokenizer may never end or abort its process, a template may want all the memory there is. Safe for use by several
 * threads, of which one is served at a time.
 */
public final class PromptProcess implements AutoCloseable {
    private final Path model;
    private final Duration limit;
    private final ReentrantLock turn = new ReentrantLock(true);
    /** Guarded by {@link #turn}, as the next one. */
    private @Nullable RunningPrompts running;
    private long lastUsedNanos = System.nanoTime();

    /**
     * @param model directory of the model
     * @param limit how long the template, and the tokenizer, may each take for one prompt, and how long one waits for
     *     those before it
     */
    public PromptProcess(Path model, Duration limit) {
        this.model = model;
        this.limit = limit;
    }

    /**
     * Loads the model, if that has not been done.
     *
     * @throws ProblemException USER, if the model's files are faulty
     */
    public void start() {
        takeTurn();
        try {
            loaded();
        } finally {
            turn.unlock();
        }
    }

    /**
     * The tokens of a prompt.
     *
     * @throws ProblemException USER: {@code context_length_exceeded}, what the template says against the conversation,
     *     or that template or tokenizer cannot cope with it; RESOURCE {@code tokenizer_busy} or {@code tokenizer_gone}
     */
    public PromptTokens encode(PromptSource source) {
        takeTurn();
        try {
            PromptTokens tokens = loaded().encode(source);
            lastUsedNanos = System.nanoTime();
            return tokens;
        } finally {
            turn.unlock();
        }
    }

    private void takeTurn() {
        try {
            if (turn.tryLock(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw Problem.resource("tokenizer_busy", "The tokenizer of " + model.getFileName()
                + " is busy with other requests. Try again in a few seconds.").asException();
    }

    private RunningPrompts loaded() {
        RunningPrompts current = running;
        if (current == null || !current.isAlive()) {
            current = RunningPrompts.start(model, limit);
            running = current;
        }
        return current;
    }

    /** Stops the process if nobody has used it for so long. */
    public void stopIdle(Duration idle) {
        if (turn.tryLock()) {
            try {
                if (System.nanoTime() - lastUsedNanos > idle.toNanos()) {
                    stop();
                }
            } finally {
                turn.unlock();
            }
        }
    }

    private void stop() {
        if (running != null) {
            running.close();
            running = null;
        }
    }

    /** Stops the process once the prompt in hand is done. A later prompt would start it again. */
    @Override
    public void close() {
        turn.lock();
        try {
            stop();
        } finally {
            turn.unlock();
        }
    }
}
