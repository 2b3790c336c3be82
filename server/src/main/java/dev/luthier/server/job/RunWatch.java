package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.Desired;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunDirectory.ProgressPage;
import dev.luthier.core.storage.StorageFault;
import dev.luthier.server.job.JobEvent.Level;
import dev.luthier.server.launch.Launcher;
import dev.luthier.server.model.AdapterShelf;
import dev.luthier.server.store.StorageHealth;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at one job that has, or had, a process, and takes the next step: takes over its progress, steers the trainer
 * towards what is wanted, and draws the conclusion once the process is gone.
 *
 * <p>"Is gone" is found out before the run directory is read, so whatever a trainer wrote before its end is seen.
 */
final class RunWatch {
    private static final Logger LOG = LoggerFactory.getLogger(RunWatch.class);
    private static final int LOG_TAIL_BYTES = 8 << 10;
    /** Pauses of a crashed run that make the pause of one whose disk is full. */
    private static final int BLOCKED_RETRIES = 8;
    /** A trainer that is to pause has this many times longer than one that is to cancel: it writes a checkpoint first. */
    private static final int PAUSE_PATIENCE = 10;

    private final JobStore jobs;
    private final ProgressRecorder recorder;
    private final RunPlanner planner;
    private final Launcher launcher;
    private final Publisher publisher;
    private final RunSettings settings;
    private final InstantSource clock;
    /* What must be free before a job goes on. Forgotten with the process: then one attempt more finds out. */
    private final Map<UUID, Long> needs = new ConcurrentHashMap<>();

    RunWatch(JobStore jobs, ProgressRecorder recorder, RunPlanner planner, Launcher launcher, Publisher publisher,
            RunSettings settings, InstantSource clock) {
        this.jobs = jobs;
        this.recorder = recorder;
        this.planner = planner;
        this.launcher = launcher;
        this.publisher = publisher;
        this.settings = settings;
        this.clock = clock;
    }

    /** Whether a trainer works on the job, started by this server or by an earlier one. */
    boolean isAlive(Job job) {
        return (job.process() != null && launcher.isAlive(job.process())) || planner.directory(job.id()).isLocked();
    }

    /** Ends whatever process works on the job, started by this server or by an earlier one, without a checkpoint. */
    void stop(Job job) {
        if (job.process() != null) {
            launcher.kill(job.process());
        }
        stop(planner.directory(job.id()));
    }

    /** Ends the process that holds the lock of a run directory, if one does. */
    void stop(RunDirectory run) {
        run.trainer().map(launcher::handleOf).ifPresent(launcher::kill);
    }

    /** Takes the job's next step. */
    void look(Job job) {
        RunDirectory run = planner.directory(job.id());
        boolean alive = isAlive(job);
        if (alive && !Files.exists(run.specFile())) {
            stop(job); // what it writes into a directory that is gone is lost
            return;
        }
        Job now = takeOver(job, run);
        if (now.progress().started()) {
            now = started(now);
        }
        if (alive) {
            steer(now, run);
        } else {
            conclude(now, run);
        }
    }

    private Job takeOver(Job job, RunDirectory run) {
        Job now = job;
        while (true) {
            ProgressPage page = run.readProgress(now.progressOffset());
            if (page.nextOffset() == now.progressOffset()) {
                return now;
            }
            if (page.lines().stream().anyMatch(Progress.Started.class::isInstance)) {
                now = started(now); // first, so that the events of steps come after the one that tells of the start
            }
            recorder.takeOver(now, run, page);
            now = jobs.find(job.id()).orElseThrow();
        }
    }

    private Job started(Job job) {
        if (job.state() != JobState.STARTING) {
            return job;
        }
        jobs.move(JobTransition.of(job, JobState.RUNNING, "Fine-tuning job started"));
        return jobs.find(job.id()).orElseThrow();
    }

    private void steer(Job job, RunDirectory run) {
        want(run, desired(job.state()));
        long waitedMillis = clock.millis() - job.modifiedAtMillis();
        if (waitedMillis > patienceMillis(job.state())) {
            stop(job);
        }
    }

    private long patienceMillis(JobState state) {
        return switch (desired(state)) {
            case CANCEL -> settings.killAfter().toMillis();
            case PAUSE -> PAUSE_PATIENCE * settings.killAfter().toMillis();
            case RUN -> Long.MAX_VALUE;
        };
    }

    private static Desired desired(JobState state) {
        return switch (state) {
            case PAUSING -> Desired.PAUSE;
            case CANCELLING -> Desired.CANCEL;
            case RECEIVED, VALIDATING, VALIDATED, WAITING, STARTING, RUNNING, PAUSED, SUCCEEDED, FAILED, INVALID,
                    CANCELLED ->
                Desired.RUN;
        };
    }

    /** Writes what is wanted unless it stands there already. */
    static void want(RunDirectory run, Desired wanted) {
        boolean known;
        try {
            known = run.readDesired() == wanted;
        } catch (ProblemException e) {
            known = false; // unreadable: written anew
        }
        if (!known) {
            run.writeDesired(wanted);
        }
    }

    /** The process is gone; what it left behind decides. */
    private void conclude(Job job, RunDirectory run) {
        Optional<Outcome> outcome = readOutcome(run);
        switch (job.state()) {
            case CANCELLING -> cancelled(job, run);
            case STARTING, RUNNING, PAUSING -> {
                if (outcome.isPresent()) {
                    ended(job, run, outcome.get());
                } else {
                    Optional<StorageFault> fault = StorageHealth.probe(run.path().resolve("storage-probe"));
                    if (fault.isPresent()) {
                        blocked(job, fault.get().problem(run.path(), 0), 0);
                    } else {
                        crashed(job, lastLine(run));
                    }
                }
            }
            case RECEIVED, VALIDATING, VALIDATED, WAITING, PAUSED, SUCCEEDED, FAILED, INVALID, CANCELLED -> {
            }
        }
    }

    /* One that is damaged is none: the run is made to its end again, with the same bytes. */
    static Optional<Outcome> readOutcome(RunDirectory run) {
        try {
            return run.readOutcome();
        } catch (ProblemException e) {
            LOG.warn("{}", e.getMessage());
            return Optional.empty();
        }
    }

    private void cancelled(Job job, RunDirectory run) {
        publisher.discard(job, run);
        jobs.move(JobTransition.of(job, JobState.CANCELLED, "The job was cancelled"));
    }

    private void ended(Job job, RunDirectory run, Outcome outcome) {
        switch (outcome) {
            case Outcome.Trained trained -> publish(job, run, trained);
            case Outcome.Paused paused -> {
                if (job.state() == JobState.PAUSING) {
                    jobs.move(JobTransition.of(job, JobState.PAUSED, "Job paused").data("step", paused.step()).set(
                            JobColumn.PROCESS,
                            null));
                } else {
                    jobs.move(JobTransition
                            .of(job, JobState.WAITING, "The run wrote a checkpoint and is back in the queue")
                            .data("step", paused.step()).set(JobColumn.PROCESS, null));
                }
            }
            case Outcome.Cancelled cancelled -> {
                // Somebody wrote "cancel" into the run directory by hand.
                jobs.move(JobTransition.of(job, JobState.CANCELLING, "The run was cancelled in its run directory"));
                cancelled(jobs.find(job.id()).orElseThrow(), run);
            }
            case Outcome.Failed failed -> {
                if (StorageFault.ofCode(failed.problem().code()).isPresent()) {
                    blocked(job, failed.problem(), 0);
                } else if (failed.problem().kind() == Problem.Kind.RESOURCE) {
                    crashed(job, failed.problem().message());
                } else {
                    fail(job, failed.problem());
                }
            }
            case Outcome.Blocked blocked -> blocked(job, blocked.problem(), blocked.neededBytes());
        }
    }

    private void publish(Job job, RunDirectory run, Outcome.Trained trained) {
        // The first progress line may be lost with its disk page; the outcome says that steps were made.
        Job running = started(job);
        try {
            publisher.publish(running, run, trained);
        } catch (ProblemException e) {
            if (StorageHealth.faultIn(e).isPresent()) {
                throw e; // published at a later look
            }
            if (!AdapterShelf.isDamage(e.problem())) {
                fail(running, e.problem());
                return;
            }
            run.clearOutcome();
            again(running, "The adapter that the run ended with is damaged or missing; the run makes it anew. "
                    + e.problem().message(), e.problem());
        }
    }

    /**
     * The disk did not take what the run had to write. That is no fault of the run: however often it happens, the job
     * goes on from the last checkpoint once there is room.
     *
     * @param neededBytes that must be free first; 0 when that is not known
     */
    void blocked(Job job, Problem why, long neededBytes) {
        if (needs.put(job.id(), neededBytes) == null) {
            LOG.warn("job {} waits: {}", job.id(), why.message());
        }
        JobTransition move = JobTransition.of(job, job.state() == JobState.PAUSING ? JobState.PAUSED : JobState.WAITING,
                "Attempt " + job.attempt() + " could not go on: " + why.message()
                        + " The run goes on from its last checkpoint once that is over.");
        jobs.move(move.at(Level.WARN).set(JobColumn.PROCESS, null).data("attempt", job.attempt())
                .data("code", why.code())
                .data("needed_bytes", neededBytes).data("free_bytes", StorageFault.freeBytes(settings.runs()))
                .set(JobColumn.NOT_BEFORE, clock.millis() + BLOCKED_RETRIES * settings.retryDelay().toMillis()));
    }

    /** Whether the disk has room for what a job's last attempt could not write. */
    boolean hasRoom(Job job) {
        Long needed = needs.get(job.id());
        if (needed == null) {
            return true;
        }
        long free = StorageFault.freeBytes(settings.runs());
        return free < 0 || free >= needed;
    }

    /** Another attempt of a job starts. */
    void starts(Job job) {
        if (needs.remove(job.id()) != null) {
            LOG.info("job {} goes on: the disk has room for it again", job.id());
        }
    }

    /** Killed, crashed, or short of something that may be there next time. */
    void crashed(Job job, @Nullable String lastWords) {
        String said = lastWords == null ? "" : " Its last words: \"" + lastWords + "\".";
        again(job, "Attempt " + job.attempt() + " ended without a result." + said,
                Problem.internal("trainer_crashed", "The trainer ended " + settings.fruitlessAttempts()
                        + " times without making a new step." + said + " The run's log has the rest."));
    }

    /**
     * Has another attempt made.
     *
     * @param what the event that tells why
     * @param last why the job fails when there were enough attempts
     */
    private void again(Job job, String what, Problem last) {
        int fruitless = job.fruitlessAttempts() + 1;
        if (job.state() == JobState.PAUSING) {
            jobs.move(JobTransition.of(job, JobState.PAUSED, what).at(Level.WARN).set(JobColumn.PROCESS, null));
        } else if (fruitless >= settings.fruitlessAttempts()) {
            fail(job, last);
        } else {
            long delayMillis = settings.retryDelay().toMillis() << Math.min(fruitless - 1, 6);
            jobs.move(JobTransition.of(job, JobState.WAITING, what).at(Level.WARN).data("attempt", job.attempt())
                    .set(JobColumn.PROCESS, null).set(JobColumn.FRUITLESS_ATTEMPTS, fruitless)
                    .set(JobColumn.NOT_BEFORE, clock.millis() + delayMillis));
        }
    }

    /** Ends the job, and its process with it. */
    void fail(Job job, Problem why) {
        LOG.warn("job {} failed: {}", job.id(), why.message());
        if (jobs.move(JobTransition.of(job, JobState.FAILED, why.message()).at(Level.ERROR).because(why))) {
            stop(job);
        }
    }

    /** The last line that is not blank of the trainer's log. */
    private static @Nullable String lastLine(RunDirectory run) {
        Path log = run.logFile();
        if (!Files.exists(log)) {
            return null;
        }
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            byte[] tail = new byte[(int) Math.min(LOG_TAIL_BYTES, file.length())];
            file.seek(file.length() - tail.length);
            file.readFully(tail);
            return new String(tail, StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank())
                    .reduce((first, second) -> second).map(String::strip).orElse(null);
        } catch (IOException e) {
            return null;
        }
    }
}
