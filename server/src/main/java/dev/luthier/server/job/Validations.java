package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.job.JobEvent.Level;
import dev.luthier.server.store.StorageHealth;
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
 * Checks the data of VALIDATING jobs, one job at a time. Nothing is lost with the process: a later server checks anew.
 * Attempts are counted before they begin, so that data which ends the process that checks it, or this one, fails its job
 * after some of them and the others go on.
 */
final class Validations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Validations.class);

    private final JobStore jobs;
    private final JobHistory history;
    private final DataCheck check;
    private final RunSettings settings;
    private final InstantSource clock;
    private final ReconcileSignal signal;
    private final StorageHealth storage;
    /** When a job whose check ended early is tried again, in epoch milliseconds. */
    private final Map<UUID, Long> notBefore = new ConcurrentHashMap<>();
    private final Map<UUID, Future<?>> running = new ConcurrentHashMap<>();
    private final ExecutorService thread = Executors
            .newSingleThreadExecutor(Thread.ofPlatform().name("validation").daemon().factory());

    Validations(JobStore jobs, JobHistory history, DataCheck check, RunSettings settings, InstantSource clock,
            ReconcileSignal signal, StorageHealth storage) {
        this.storage = storage;
        this.jobs = jobs;
        this.history = history;
        this.check = check;
        this.settings = settings;
        this.clock = clock;
        this.signal = signal;
    }

    /** Sees to it that the job's data is being read. */
    void ensure(Job job) {
        if (notBefore.getOrDefault(job.id(), 0L) > clock.millis()) {
            return;
        }
        running.computeIfAbsent(job.id(), id -> thread.submit(() -> {
            try {
                validate(job);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // cancelled, or the server stops
            } catch (RuntimeException e) {
                if (storage.note(e).isPresent()) {
                    uncount(id);
                } else {
                    LOG.error("job {}: its data could not be read", id, e);
                    jobs.move(failed(job, Problem.internal("validation_failed",
                            "The data could not be read because of a fault in the server. Its log has the details.")));
                }
            } finally {
                running.remove(id);
                signal.send();
            }
        }));
    }

    /* A fault of the disk is none of the data's. */
    private void uncount(UUID job) {
        try {
            jobs.uncountValidation(job);
        } catch (RuntimeException e) {
            storage.note(e);
        }
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
        int attempt = jobs.beginValidation(job.id());
        if (attempt > settings.fruitlessAttempts()) {
            jobs.move(failed(job, givenUp(attempt - 1, "")));
            return;
        }
        DataCheck.Result result;
        try {
            result = check.check(job.request());
        } catch (InterruptedException e) {
            jobs.uncountValidation(job.id());
            throw e;
        } catch (ProblemException e) {
            if (StorageHealth.faultIn(e).isPresent()) {
                throw e; // says nothing of the data, which is read again once the fault is over
            }
            if (e.problem().kind() == Problem.Kind.RESOURCE && attempt < settings.fruitlessAttempts()) {
                tryAgain(job, attempt, e.problem());
                return;
            }
            if (e.problem().kind() == Problem.Kind.RESOURCE) {
                jobs.move(failed(job, givenUp(attempt, " " + e.problem().message())));
                return;
            }
            jobs.move(e.problem().kind() == Problem.Kind.USER
                    ? JobTransition.of(job, JobState.INVALID, e.problem().message()).at(Level.ERROR)
                            .because(e.problem())
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
                JobTransition move = JobTransition.of(job, JobState.INVALID, invalid.problem().message())
                        .at(Level.ERROR)
                        .because(invalid.problem());
                for (Map.Entry<String, Object> fact : invalid.facts().entrySet()) {
                    move = move.data(fact.getKey(), fact.getValue());
                }
                jobs.move(move);
            }
        }
    }

    private void tryAgain(Job job, int attempt, Problem why) {
        long delay = settings.retryDelay().toMillis() << Math.min(attempt - 1, 6);
        notBefore.put(job.id(), clock.millis() + delay);
        LOG.warn("job {}: attempt {} to check its data ended: {}", job.id(), attempt, why.message());
        history.note(job.id(), Level.WARN, "Attempt " + attempt + " to check the data ended: " + why.message(),
                Map.of("attempt", attempt));
    }

    private static Problem givenUp(int attempts, String why) {
        return Problem.internal("validation_crashed", "The data could not be checked: " + attempts
                + " attempts ended their process." + why + " Look for a sample that is very large or odd.");
    }

    private JobTransition accepted(Job job, JobPlan plan) {
        JobTransition move = job.request().autoStart()
                ? JobTransition.of(job, JobState.WAITING, "Files validated, moving job to queued state").set(
                        JobColumn.QUEUED_AT,
                        clock.millis())
                : JobTransition.of(job, JobState.VALIDATED, "Files validated, waiting for the job to be started");
        return move.plan(plan).data("training_samples", plan.trainingSamples()).data("data_tokens", plan.dataTokens())
                .data("training_steps", plan.steps())
                .data("training", job.request().training().facts(plan));
    }

    private static JobTransition failed(Job job, Problem why) {
        return JobTransition.of(job, JobState.FAILED, why.message()).at(Level.ERROR).because(why);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
