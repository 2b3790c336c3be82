package dev.luthier.server.serve;

import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.safetensors.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers of this server, at most one per base model, started when first asked for. When a further one does not fit
 * into the memory budget, the least recently used idle ones are stopped; idle ones are stopped after a while anyway. A
 * worker that crashed is started again by the next request. Safe for use by several threads.
 */
public final class WorkerPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);
    /** What a worker takes beside weights and cache: the virtual machine, libtorch, activations. */
    private static final long PROCESS_BYTES = 400L << 20;
    /** A model that could not be loaded is not tried again for this long. */
    private static final long FAILURE_MILLIS = 5_000;

    private final WorkerLauncher launcher;
    private final ServeLimits limits;
    private final Clock clock;
    /** By model directory. Guarded by this. */
    private final Map<Path, Slot> slots = new HashMap<>();
    private boolean closed;

    /** A worker, or one that is being started, or why it could not be. Fields that change are guarded by the pool. */
    private static final class Slot {
        final Path model;
        final long bytes;
        final CompletableFuture<Worker> worker = new CompletableFuture<>();
        int users;
        long lastUsedMillis;

        Slot(Path model, long bytes) {
            this.model = model;
            this.bytes = bytes;
        }

        @Nullable
        Worker ready() {
            return worker.isDone() && !worker.isCompletedExceptionally() ? worker.join() : null;
        }
    }

    WorkerPool(WorkerLauncher launcher, ServeLimits limits, Clock clock) {
        this.launcher = launcher;
        this.limits = limits;
        this.clock = clock;
    }

    /**
     * Starts a generation. A worker that dies before its first token is replaced once.
     *
     * @param model directory of the base model
     * @param adapter null for the base model itself
     * @return with the first token there; the caller closes it
     * @throws ProblemException RESOURCE when the model is still being loaded, cannot be loaded, does not fit into memory
     *     now, or its worker died
     */
    public TokenStream generate(Path model, @Nullable AdapterReference adapter, GenerationSpec spec) {
        return onWorker(model, (worker, slot) -> {
            TokenStream stream = worker.generate(adapter, spec);
            retain(slot);
            return stream.alsoOnClose(() -> release(slot));
        });
    }

    /**
     * How likely a model finds a prompt.
     *
     * @param field the request's field that the prompt comes from, which faults name
     * @param alternatives how many of the most likely tokens to tell in the place of each token
     * @return for each token of the prompt but the first
     * @throws ProblemException as {@link #generate} does
     */
    List<TokenScore> score(Path model, @Nullable AdapterReference adapter, int[] prompt, String field,
            int alternatives) {
        return onWorker(model, (worker, slot) -> worker.score(adapter, prompt, field, alternatives));
    }

    /**
     * How likely a classifier finds each of its labels.
     *
     * @param model directory of the base model
     * @return for each input a probability for each row of the head
     * @throws ProblemException as {@link #generate} does
     */
    List<double[]> classify(Path model, AdapterReference adapter, ClassifierInputs inputs) {
        return onWorker(model, (worker, slot) -> worker.classify(adapter, inputs));
    }

    /** What a worker is needed for; it is not stopped meanwhile. */
    private interface Use<T> {
        T of(Worker worker, Slot slot) throws IOException;
    }

    private <T> T onWorker(Path model, Use<T> use) {
        try {
            return attempt(model, use);
        } catch (IOException first) {
            LOG.warn("The worker of {} did not answer and is started again: {}", model.getFileName(),
                    first.getMessage());
            try {
                return attempt(model, use);
            } catch (IOException second) {
                throw new ProblemException(Problem.resource("worker_gone", "The inference worker of "
                        + model.getFileName() + " ends before it answers. The server's logs say why."), second);
            }
        }
    }

    /** Unloads a deleted adapter everywhere. */
    public void forget(String adapter) {
        List<Slot> all;
        synchronized (this) {
            all = List.copyOf(slots.values());
        }
        for (Slot slot : all) {
            Worker worker = slot.ready();
            if (worker != null) {
                worker.forget(adapter);
            }
        }
    }

    /** Whether a worker of the model, or one that is being loaded, is wanted by a request. */
    synchronized boolean isAnswering(Path model) {
        Slot slot = slots.get(model);
        return slot != null && slot.users > 0;
    }

    /** Ends the worker of a model that was removed. */
    synchronized void end(Path model) {
        Slot slot = slots.get(model);
        if (slot != null) {
            unload(slot, "its model was removed");
        }
    }

    private <T> T attempt(Path model, Use<T> use) throws IOException {
        Slot slot = take(model);
        try {
            Worker worker = await(slot);
            try {
                return use.of(worker, slot);
            } catch (IOException e) {
                if (worker.isGone()) {
                    drop(slot);
                }
                throw e;
            }
        } finally {
            release(slot);
        }
    }

    private synchronized Slot take(Path model) {
        if (closed) {
            throw Problem.resource("server_stopping", "The server is being stopped.").asException();
        }
        Slot slot = slots.get(model);
        if (slot == null) {
            slot = new Slot(model, estimate(model));
            makeRoom(slot);
            slots.put(model, slot);
            start(slot);
        }
        slot.users++;
        slot.lastUsedMillis = clock.millis();
        return slot;
    }

    private synchronized void retain(Slot slot) {
        slot.users++;
    }

    private synchronized void release(Slot slot) {
        slot.users--;
        slot.lastUsedMillis = clock.millis();
    }

    private synchronized void drop(Slot slot) {
        slots.remove(slot.model, slot);
    }

    /** Starts the worker and watches it until it ends, all on a thread of its own. */
    private void start(Slot slot) {
        Thread.ofVirtual().name("worker-" + slot.model.getFileName()).start(() -> {
            try {
                Worker worker = launcher.start(slot.model, weightBytes(slot.model));
                LOG.info("The worker of {} is ready, process {}", slot.model.getFileName(), worker.pid());
                slot.worker.complete(worker);
                stopIfUnwanted(slot, worker);
                worker.awaitExit();
                drop(slot);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                drop(slot);
                slot.worker.completeExceptionally(e);
            } catch (RuntimeException e) {
                LOG.warn("{}", e.getMessage());
                slot.worker.completeExceptionally(e);
                forgetFailureLater(slot);
            }
        });
    }

    private void stopIfUnwanted(Slot slot, Worker worker) {
        boolean wanted;
        synchronized (this) {
            wanted = slots.get(slot.model) == slot;
        }
        if (!wanted) {
            worker.stop();
        }
    }

    private void forgetFailureLater(Slot slot) {
        CompletableFuture.delayedExecutor(FAILURE_MILLIS, TimeUnit.MILLISECONDS).execute(() -> drop(slot));
    }

    private Worker await(Slot slot) {
        try {
            return slot.worker.get(limits.loadWait().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new ProblemException(Problem.resource("model_loading",
                    "The model " + slot.model.getFileName() + " is still being loaded. Try again in a few seconds."),
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ProblemException known) {
                throw new ProblemException(known.problem(), e);
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(Problem.resource("server_stopping", "The server is being stopped."), e);
        }
    }

    /** Stops idle workers, the least recently used first, until the new one fits. */
    private void makeRoom(Slot wanted) {
        if (wanted.bytes > limits.memoryBytes()) {
            throw Problem.resource("model_too_large",
                    "The model " + wanted.model.getFileName() + " needs about " + mebibytes(wanted.bytes)
                            + " MiB, but workers may take " + mebibytes(limits.memoryBytes())
                            + " MiB together. Raise serve.memory or lower serve.cache.")
                    .asException();
        }
        while (reserved() + wanted.bytes > limits.memoryBytes()) {
            Optional<Slot> idle = slots.values().stream().filter(slot -> slot.users == 0 && slot.worker.isDone())
                    .min(Comparator.comparingLong(slot -> slot.lastUsedMillis));
            if (idle.isEmpty()) {
                throw Problem.resource("workers_busy", "There is no memory for the model "
                        + wanted.model.getFileName() + " while other models are answering. Try again.").asException();
            }
            unload(idle.get(), "make room");
        }
    }

    private long reserved() {
        return slots.values().stream().mapToLong(slot -> slot.bytes).sum();
    }

    private void unload(Slot slot, String why) {
        slots.remove(slot.model, slot);
        Worker worker = slot.ready();
        if (worker != null) {
            LOG.info("The worker of {} is stopped: {}", slot.model.getFileName(), why);
            worker.stop();
        }
    }

    /** Stops workers that nobody has used for the idle time. Called from time to time. */
    synchronized void stopIdle() {
        long before = clock.millis() - limits.idle().toMillis();
        List<Slot> idle = slots.values().stream()
                .filter(slot -> slot.users == 0 && slot.worker.isDone() && slot.lastUsedMillis < before).toList();
        idle.forEach(slot -> unload(slot, "idle"));
    }

    @Override
    public void close() {
        List<Slot> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(slots.values());
            slots.clear();
        }
        for (Slot slot : all) {
            Worker worker = slot.ready();
            if (worker != null) {
                worker.stop();
            }
        }
    }

    private long estimate(Path model) {
        return weightBytes(model) + PROCESS_BYTES + limits.cacheBytes();
    }

    private long weightBytes(Path model) {
        int widened = limits.type().equals("fp32") && !isFp32(model) ? 2 : 1;
        try (Stream<Path> files = Files.list(model)) {
            return widened * files.filter(file -> file.toString().endsWith(".safetensors"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            throw Problem.resource("model_not_loaded", "The directory of the model " + model.getFileName()
                    + " cannot be read. Restore it, or remove the model with luthier models rm.").asException(e);
        }
    }

    private static boolean isFp32(Path model) {
        try {
            return ModelDirectory.open(model).config().type() == TensorType.F32;
        } catch (ProblemException e) {
            return false;
        }
    }

    private static long mebibytes(long bytes) {
        return bytes >> 20;
    }
}
