package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.job.JobEvent.Level;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the data of VALIDATING jobs, one job at a time, on a platform thread: the tokenizer is native code and would
 * block a carrier of virtual threads. Nothing is lost with the process: a later server reads anew.
 */
final class Validations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Validations.class);

    private final JobStore jobs;
    private final JobHistory history;
    private final DataCheck check;
    private final InstantSource clock;
    private final Bell bell;
    private final Map<UUID, Future<?>> running = new ConcurrentHashMap<>();
    private final ExecutorService thread = Executors
            .newSingleThreadExecutor(Thread.ofPlatform().name("validation").daemon().factory());

    Validations(JobStore jobs, JobHistory history, DataCheck check, InstantSource clock, Bell bell) {
        this.jobs = jobs;
        this.history = history;
        this.check = check;
        this.clock = clock;
        this.bell = bell;
    }

    /** Sees to it that the job's data is being read. */
    void ensure(Job job) {
        running.computeIfAbsent(job.id(), id -> thread.submit(() -> {
            try {
                validate(job);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // cancelled, or the server stops
            } catch (RuntimeException e) {
                LOG.error("job {}: its data could not be read", id, e);
                jobs.move(failed(job, Problem.internal("validation_failed",
                        "The data could not be read because of a fault in the server. Its log has the details.")));
            } finally {
                running.remove(id);
                bell.ring();
            }
        }));
    }

    /** Ends the reading for a job that was cancelled. */
    void cancel(UUID job) {
        Future<?> future = running.get(job);
        if (future != null) {
            future.cancel(true);
        }
    }

    private void validate(Job job) throws InterruptedException {
        if (jobs.find(job.id()).filter(now -> now.state() == JobState.VALIDATING).isEmpty()) {
            return; // done or cancelled since it was handed over
        }
        DataCheck.Result result;
        try {
            result = check.check(job.request());
        } catch (ProblemException e) {
            jobs.move(e.problem().kind() == Problem.Kind.USER
                    ? Move.of(job, JobState.INVALID, e.problem().message()).at(Level.ERROR).because(e.problem())
                    : failed(job, e.problem()));
            return;
        }
        switch (result) {
            case DataCheck.Result.Valid valid -> {
                long now = clock.millis();
                jobs.move(accepted(job, valid.plan()),
                        client -> valid.notes().forEach(note -> history.append(client, job.id(), null, note.level(),
                                note.message(), Json.MAPPER.valueToTree(note.facts()), now)));
            }
            case DataCheck.Result.Invalid invalid -> {
                Move move = Move.of(job, JobState.INVALID, invalid.problem().message()).at(Level.ERROR)
                        .because(invalid.problem());
                for (Map.Entry<String, Object> fact : invalid.facts().entrySet()) {
                    move = move.data(fact.getKey(), fact.getValue());
                }
                jobs.move(move);
            }
        }
    }

    private Move accepted(Job job, JobPlan plan) {
        Move move = job.request().autoStart()
                ? Move.of(job, JobState.WAITING, "Files validated, moving job to queued state").set("queued_at",
                        clock.millis())
                : Move.of(job, JobState.VALIDATED, "Files validated, waiting for the job to be started");
        return move.plan(plan).data("training_samples", plan.trainingSamples()).data("data_tokens", plan.dataTokens())
                .data("training_steps", plan.steps())
                .data("training", job.request().training().facts(plan));
    }

    private static Move failed(Job job, Problem why) {
        return Move.of(job, JobState.FAILED, why.message()).at(Level.ERROR).because(why);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
