package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import dev.luthier.core.problem.Problem;
import dev.luthier.server.idempotency.Creation;
import dev.luthier.server.job.JobEvent.Level;
import dev.luthier.server.key.Principal;
import dev.luthier.server.store.Page;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What clients do with jobs, in either dialect. Safe for use by several threads. */
public final class JobService {
    private static final DataCheck.Note NOT_SENT = new DataCheck.Note(Level.WARN,
            "The wandb integration is stored, but metrics are not sent there yet. The job itself carries them.",
            Map.of("integration", "wandb"));

    private final JobStore jobs;
    private final JobHistory history;
    private final RunPlanner planner;
    private final Prerequisites prerequisites;
    private final Validations validations;
    private final ReconcileSignal signal;
    private final JobFollowers followers;
    private final InstantSource clock;

    JobService(JobStore jobs, JobHistory history, RunPlanner planner, Prerequisites prerequisites,
            Validations validations, ReconcileSignal signal, JobFollowers followers, InstantSource clock) {
        this.jobs = jobs;
        this.history = history;
        this.planner = planner;
        this.prerequisites = prerequisites;
        this.validations = validations;
        this.signal = signal;
        this.followers = followers;
        this.clock = clock;
    }

    /** Accepts a job under an id that the caller made, so that secrets can be sealed for it. */
    public Job create(UUID id, Principal caller, JobRequest request) {
        Optional<Job> earlier = Creation.earlier().flatMap(made -> find(caller, made));
        if (earlier.isPresent()) {
            return earlier.get();
        }
        planner.keepStart(id, request);
        Job job;
        try {
            job = jobs.create(id, caller, request, request.integrations().isEmpty() ? List.of() : List.of(NOT_SENT));
        } catch (RuntimeException e) {
            planner.remove(id);
            throw e;
        }
        signal.send();
        return job;
    }

    /** @throws dev.luthier.core.problem.ProblemException {@code job_not_found}, also for another tenant's */
    public Job get(Principal caller, UUID id) {
        return jobs.find(caller.sees(), id).orElseThrow(() -> notFound(id.toString()).asException());
    }

    /** The fault of naming a job that the caller does not have. */
    public static Problem notFound(String id) {
        return Problem.user("job_not_found", "There is no fine-tuning job " + id + ".");
    }

    /** The jobs of one page and the number of all that match. */
    public record Listing(List<Job> jobs, long total) {
        public Listing {
            jobs = List.copyOf(jobs);
        }
    }

    /** The caller's job, if there is one of that id. */
    public Optional<Job> find(Principal caller, UUID id) {
        return jobs.find(caller.sees(), id);
    }

    /** The newest jobs that match, newest first. */
    public List<Job> newest(Principal caller, JobFilter filter, int limit) {
        return jobs.list(caller.sees(), filter, new Page(0, limit));
    }

    /** The newest of the jobs that match and are older than one of the caller's, newest first. */
    public List<Job> olderThan(Principal caller, Job last, JobFilter filter, int limit) {
        return jobs.olderThan(caller.sees(), last, filter, limit);
    }

    public Listing list(Principal caller, JobFilter filter, Page page) {
        return new Listing(jobs.list(caller.sees(), filter, page), jobs.count(caller.sees(), filter));
    }

    /** Asks for the end of a job; a final one stays as it is. */
    public Job cancel(Principal caller, UUID id) {
        while (true) {
            Job job = get(caller, id);
            Optional<JobTransition> move = switch (job.state()) {
                case RECEIVED, VALIDATING, VALIDATED, WAITING, PAUSED ->
                    Optional.of(JobTransition.of(job, JobState.CANCELLED, "The job was cancelled"));
                case STARTING, RUNNING, PAUSING ->
                    Optional.of(JobTransition.of(job, JobState.CANCELLING, "The job is being cancelled"));
                case CANCELLING, SUCCEEDED, FAILED, INVALID, CANCELLED -> Optional.empty();
            };
            if (move.isEmpty()) {
                return job;
            }
            if (jobs.move(move.get())) {
                validations.cancel(id);
                signal.send();
                return get(caller, id);
            }
        }
    }

    /** Puts a VALIDATED job into the run queue; INVALID when what it needs went away meanwhile. */
    public Job start(Principal caller, UUID id) {
        Job job = get(caller, id);
        JobTransition move = job.state() != JobState.VALIDATED
                ? null
                : prerequisites.missing(job.request())
                        .map(why -> JobTransition.of(job, JobState.INVALID, why.message()).at(Level.ERROR).because(why))
                        .orElseGet(() -> JobTransition
                                .of(job, JobState.WAITING, "The job was started and is in the run queue")
                                .set(JobColumn.QUEUED_AT, clock.millis()));
        if (move == null || !jobs.move(move)) {
            throw Problem.user("job_not_validated", "Only a job that is VALIDATED can be started; this one is "
                    + get(caller, id).state() + ".").asException();
        }
        signal.send();
        return get(caller, id);
    }

    /** Asks a run to write a checkpoint and end, or keeps a waiting job out of the queue. */
    public Job pause(Principal caller, UUID id) {
        Job job = get(caller, id);
        JobState to = switch (job.state()) {
            case WAITING -> JobState.PAUSED;
            case STARTING, RUNNING -> JobState.PAUSING;
            case RECEIVED, VALIDATING, VALIDATED, PAUSING, PAUSED, CANCELLING, SUCCEEDED, FAILED, INVALID, CANCELLED ->
                null;
        };
        if (to == null
                || !jobs.move(JobTransition.of(job, to, to == JobState.PAUSED ? "Job paused" : "Pausing the job"))) {
            throw Problem.user("job_not_pausable", "Only a job that is queued or running can be paused; this one is "
                    + get(caller, id).state() + ".").asException();
        }
        signal.send();
        return get(caller, id);
    }

    /** Puts a PAUSED job back at the end of the run queue; a VALIDATED one, which waits too, is started. */
    public Job resume(Principal caller, UUID id) {
        Job job = get(caller, id);
        if (job.state() == JobState.VALIDATED) {
            return start(caller, id);
        }
        if (job.state() != JobState.PAUSED || !jobs.move(JobTransition.of(job, JobState.WAITING, "Job resumed")
                .set(JobColumn.QUEUED_AT, clock.millis()).set(JobColumn.NOT_BEFORE, 0))) {
            throw Problem.user("job_not_paused",
                    "Only a job that is paused can be resumed; this one is " + get(caller, id).state() + ".")
                    .asException();
        }
        signal.send();
        return get(caller, id);
    }

    /** Removes a final job with its events, metrics and run directory; its model stays. */
    public void remove(Principal caller, UUID id) {
        Job job = get(caller, id);
        if (!jobs.remove(id)) {
            throw Problem.user("job_not_final", "Only a job that has ended can be removed; this one is " + job.state()
                    + ". Cancel it first.").asException();
        }
        planner.remove(id);
    }

    /** What people are told about the job, newest first; without metrics. */
    public List<JobEvent> events(Job job) {
        return history.events(job.id());
    }

    /** The newest events of any type before one of them, by its number, newest first. */
    public List<JobEvent> eventsBefore(Job job, int sequence, int limit) {
        return history.before(job.id(), sequence, limit);
    }

    /** The first events of any type after one of them, by its number, oldest first. */
    public List<JobEvent> eventsAfter(Job job, int sequence, int limit) {
        return history.after(job.id(), sequence, limit);
    }

    /** Begins to wait for events of a job; the caller closes what it gets. */
    public JobFollowers.Follower follow(Principal caller, Job job) {
        return followers.follow(caller.keyId(), job.id());
    }

    /** The job as it is now; empty when it was removed. */
    public Optional<Job> reread(Job job) {
        return jobs.find(job.id());
    }

    public List<MetricPoint> metrics(Job job) {
        return history.metrics(job.id());
    }

    /**
     * The checkpoints of a job that are models, the latest first.
     *
     * @param after key of the checkpoint that the list follows; null for the first
     * @return empty when the job never had that checkpoint
     */
    public Optional<List<JobCheckpoint>> checkpoints(Job job, @Nullable UUID after, int limit) {
        return after == null
                ? Optional.of(history.checkpoints(job.id(), null, limit))
                : history.checkpointStep(job.id(), after).map(step -> history.checkpoints(job.id(), step, limit));
    }

    /** Where the job's trainer writes, there or not yet. */
    public Path log(Job job) {
        return planner.directory(job.id()).logFile();
    }
}
