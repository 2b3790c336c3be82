package dev.luthier.engine.generate;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.engine.generate.Generation.Event;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * The one thread that drives the model. Generations join and leave between two tokens: each step takes the last token
 * of every running row and a bounded share of the prompts that are still being read, so a long prompt does not hold up
 * the others.
 *
 * <p>A fault of the model fails the generations that it concerns and nothing else: when a step throws, its pieces are
 * tried again one by one.
 */
final class GenerationLoop implements AutoCloseable {
    /** Prompt tokens read per step beside the running rows: how long running generations may be held up. */
    static final int PROMPT_TOKENS_PER_STEP = 512;
    /** Bounds the memory for the logits of prompts whose log-probabilities are wanted: 32 MiB. */
    private static final int LOGITS_PER_STEP = 8 << 20;

    private final BlockingQueue<Consumer<TokenModel>> commands = new LinkedBlockingQueue<>();
    private final Deque<Consumer<TokenModel>> betweenSteps = new ArrayDeque<>();
    private final Deque<Generation> waiting = new ArrayDeque<>();
    private final List<ActiveRow> active = new ArrayList<>();
    private final Thread thread;
    private volatile boolean closed;
    private final CompletableFuture<TokenModel> loaded = new CompletableFuture<>();

    private GenerationLoop(Supplier<TokenModel> factory) {
        thread = Thread.ofPlatform().name("generate").daemon().unstarted(() -> run(factory));
    }

    /**
     * Makes the model on the loop's thread and starts generating.
     *
     * @throws ProblemException if the model cannot be loaded
     */
    static GenerationLoop start(Supplier<TokenModel> factory) {
        GenerationLoop loop = new GenerationLoop(factory);
        loop.thread.start();
        loop.await(loop.loaded);
        return loop;
    }

    /** Queues a generation. Its prompt must be shorter than the model's context; the adapter may turn out unknown. */
    Generation submit(Generation.Request request) {
        Generation generation = new Generation(request);
        commands.add(model -> waiting.add(generation));
        return generation;
    }

    /**
     * Runs work that needs the model between two steps and waits for its result.
     *
     * @throws ProblemException whatever the work threw; anything else as an INTERNAL problem
     */
    <T extends @Nullable Object> T call(Function<TokenModel, T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        commands.add(completing(result, work));
        return await(result);
    }

    /**
     * As {@link #call}, for work that takes as long as a step: of all such work one piece at a time is done between two
     * steps.
     */
    <T extends @Nullable Object> T callInTurn(Function<TokenModel, T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        commands.add(_ -> betweenSteps.add(completing(result, work)));
        return await(result);
    }

    private static <T extends @Nullable Object> Consumer<TokenModel> completing(CompletableFuture<T> result,
            Function<TokenModel, T> work) {
        return model -> {
            try {
                result.complete(work.apply(model));
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        };
    }

    /** Ends the thread; running generations fail. */
    @Override
    public void close() {
        closed = true;
        commands.add(model -> {});
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private <T extends @Nullable Object> T await(CompletableFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.internal("interrupted", "The worker is being stopped.").asException();
        } catch (java.util.concurrent.ExecutionException e) {
            throw new ProblemException(problemOf(e.getCause()), e);
        }
    }

    private void run(Supplier<TokenModel> factory) {
        try (TokenModel model = factory.get()) {
            loaded.complete(model);
            while (!closed) {
                turn(model);
            }
            Problem stopped = Problem.resource("worker_stopped", "The inference worker was stopped.");
            waiting.forEach(generation -> generation.publish(new Event.Failed(stopped)));
            active.forEach(row -> row.fail(stopped));
        } catch (RuntimeException | Error e) {
            loaded.completeExceptionally(e);
        }
    }

    private void turn(TokenModel model) {
        try {
            if (waiting.isEmpty() && active.isEmpty() && betweenSteps.isEmpty()) {
                commands.take().accept(model);
            }
        } catch (InterruptedException e) {
            closed = true;
            return;
        }
        for (Consumer<TokenModel> command = commands.poll(); command != null; command = commands.poll()) {
            command.accept(model);
        }
        Consumer<TokenModel> next = betweenSteps.poll();
        if (next != null) {
            next.accept(model);
        }
        waiting.removeIf(Generation::isCancelled);
        closeRowsThat(row -> row.generation().isCancelled());
        admit(model);
        List<ActiveRow> chosen = choose(model);
        if (!chosen.isEmpty()) {
            step(model, chosen);
        }
        closeRowsThat(ActiveRow::isDone);
    }

    private void closeRowsThat(java.util.function.Predicate<ActiveRow> condition) {
        for (Iterator<ActiveRow> rows = active.iterator(); rows.hasNext();) {
            ActiveRow row = rows.next();
            if (condition.test(row)) {
                row.close();
                rows.remove();
            }
        }
    }

    /** First come, first served: a generation that does not fit holds up those behind it until a row closes. */
    private void admit(TokenModel model) {
        while (!waiting.isEmpty()) {
            Generation next = waiting.element();
            int limit = (int) Math.min(model.maxContext(),
                    (long) next.request().prompt().length + next.request().maxTokens());
            try {
                if (!active.isEmpty() && !model.hasRoomFor(limit)) {
                    return;
                }
                active.add(new ActiveRow(next, model.open(next.request().adapter(), limit), limit, model.endTokens()));
            } catch (RuntimeException | Error e) {
                next.publish(new Event.Failed(problemOf(e)));
            }
            waiting.remove();
        }
    }

    private List<ActiveRow> choose(TokenModel model) {
        int promptTokens = PROMPT_TOKENS_PER_STEP;
        int scoredTokens = Math.max(1, LOGITS_PER_STEP / model.vocabSize());
        List<ActiveRow> chosen = new ArrayList<>(active.size());
        for (ActiveRow row : active) {
            boolean scores = row.scoresPrompt();
            int taken = row.plan(scores ? Math.min(promptTokens, scoredTokens) : promptTokens);
            promptTokens -= taken;
            scoredTokens -= scores ? taken : 0;
            if (row.hasPiece()) {
                chosen.add(row);
            }
        }
        return chosen;
    }

    private void step(TokenModel model, List<ActiveRow> rows) {
        float[][][] logits;
        try {
            logits = model.step(rows.stream().map(ActiveRow::piece).toList());
        } catch (RuntimeException | Error e) {
            if (rows.size() == 1) {
                rows.getFirst().fail(problemOf(e));
            } else {
                rows.forEach(row -> step(model, List.of(row)));
            }
            return;
        }
        for (int i = 0; i < rows.size(); i++) {
            try {
                rows.get(i).accept(logits[i]);
            } catch (RuntimeException e) {
                rows.get(i).fail(problemOf(e));
            }
        }
    }

    private static Problem problemOf(@Nullable Throwable fault) {
        if (fault instanceof ProblemException known) {
            return known.problem();
        }
        String what = fault == null
                ? "unknown fault"
                : fault.getMessage() == null
                        ? fault.toString()
                        : fault.getMessage().lines().findFirst().orElse(fault.toString());
        return Problem.internal("engine_fault", "The engine failed: " + what);
    }
}
