package dev.luthier.server.serve;

import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A worker process with one base model, and the adapters it has loaded. Safe for use by several threads.
 */
final class Worker {
    private static final long STOP_MILLIS = 3_000;
    private static final long DYING_MILLIS = 500;

    private final Process process;
    private final WorkerClient client;
    private final int maxContext;
    private final int maxAdapters;
    /** How many generations use each loaded adapter; the least recently used first. Guarded by this. */
    private final Map<String, Integer> adapters = new LinkedHashMap<>(16, 0.75f, true);

    Worker(Process process, WorkerClient client, int maxContext, int maxAdapters) {
        this.process = process;
        this.client = client;
        this.maxContext = maxContext;
        this.maxAdapters = maxAdapters;
    }

    /** Waits for the end of the process. */
    void awaitExit() throws InterruptedException {
        process.waitFor();
    }

    /** Whether the process has ended, or does so in a moment: connections break before the process is seen to end. */
    boolean isGone() {
        try {
            return process.waitFor(DYING_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    long pid() {
        return process.pid();
    }

    /**
     * Starts a generation, loading its adapter first if need be.
     *
     * @return once the first token is there, or the end
     * @throws IOException if the process does not answer
     * @throws dev.luthier.core.problem.ProblemException USER if the prompt fills the context
     */
    TokenStream generate(@Nullable AdapterReference adapter, GenerationSpec spec) throws IOException {
        int room = room(spec.prompt(), spec.promptField());
        take(adapter);
        TokenStream stream = null;
        try {
            Integer wanted = spec.maxTokens();
            boolean endsWithContext = wanted == null || wanted > room;
            InputStream body = client.complete(adapter == null ? null : adapter.name(), spec,
                    wanted == null ? room : Math.min(wanted, room));
            Integer alternatives = spec.logprobs();
            stream = new TokenStream(body, alternatives == null ? 0 : alternatives, endsWithContext,
                    () -> giveBack(adapter));
            stream.awaitFirst();
            return stream;
        } catch (IOException | RuntimeException e) {
            if (stream == null) {
                giveBack(adapter);
            } else {
                stream.close();
            }
            throw e;
        }
    }

    /**
     * How likely the model finds a prompt: for each token but the first.
     *
     * @throws IOException if the process does not answer
     * @throws dev.luthier.core.problem.ProblemException USER if the prompt fills the context
     */
    List<TokenScore> score(@Nullable AdapterReference adapter, int[] prompt, String field, int alternatives)
            throws IOException {
        room(prompt, field);
        take(adapter);
        try {
            return client.score(adapter == null ? null : adapter.name(), prompt, alternatives);
        } finally {
            giveBack(adapter);
        }
    }

    /**
     * How likely a classifier finds each of its labels.
     *
     * @return for each input a probability for each row of the head
     * @throws IOException if the process does not answer
     * @throws dev.luthier.core.problem.ProblemException USER if an input does not fit into the context
     */
    List<double[]> classify(AdapterReference adapter, ClassifierInputs inputs) throws IOException {
        for (int[] input : inputs.tokens()) {
            if (input.length > maxContext) {
                throw Problem.user("context_length_exceeded", "An input has " + input.length
                        + " tokens, but the model's context is " + maxContext + " tokens. Shorten it.", "input")
                        .asException();
            }
        }
        take(adapter);
        try {
            return client.classify(adapter.name(), inputs.tokens(), inputs.classifier().task().labels());
        } finally {
            giveBack(adapter);
        }
    }

    /** Tokens that the context has left for an answer. */
    private int room(int[] prompt, String field) {
        int room = maxContext - prompt.length;
        if (room <= 0) {
            throw Problem.user("context_length_exceeded", "The prompt has " + prompt.length
                    + " tokens, but the model's context is " + maxContext
                    + " tokens, prompt and answer together. Shorten the " + field + ".", field).asException();
        }
        return room;
    }

    private synchronized void take(@Nullable AdapterReference adapter) throws IOException {
        if (adapter == null) {
            return;
        }
        Integer users = adapters.get(adapter.name());
        if (users == null) {
            adapter.requireSound();
            unloadBeyond(maxAdapters - 1);
            client.loadAdapter(adapter);
            users = 0;
        }
        adapters.put(adapter.name(), users + 1);
    }

    private synchronized void giveBack(@Nullable AdapterReference adapter) {
        if (adapter != null) {
            adapters.computeIfPresent(adapter.name(), (name, users) -> users - 1);
        }
    }

    /** Unloads unused adapters, the least recently used first, until at most this many are left. */
    private void unloadBeyond(int kept) throws IOException {
        List<String> unused = new ArrayList<>();
        adapters.forEach((name, users) -> {
            if (users == 0) {
                unused.add(name);
            }
        });
        for (String name : unused) {
            if (adapters.size() <= kept) {
                return;
            }
            adapters.remove(name);
            client.unloadAdapter(name);
        }
    }

    /** Unloads an adapter that will not be asked for again; generations that use it go on. */
    synchronized void forget(String adapter) {
        if (adapters.remove(adapter) != null) {
            try {
                client.unloadAdapter(adapter);
            } catch (IOException e) {
                // A worker that does not answer has no adapters for long.
            }
        }
    }

    /** Ends the process. */
    void stop() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_MILLIS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
