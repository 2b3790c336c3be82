package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.Desired;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunDirectory.ProgressPage;
import dev.luthier.server.job.JobEvent.Level;
import dev.luthier.server.launch.Launcher;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
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

    private final JobStore jobs;
    private final ProgressRecorder recorder;
    private final RunPlanner planner;
    private final Launcher launcher;
    private final Publisher publisher;
    private final RunSettings settings;
    private final InstantSource clock;

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
        jobs.move(Move.of(job, JobState.RUNNING, "Fine-tuning job started"));
        return jobs.find(job.id()).orElseThrow();
    }

    private void steer(Job job, RunDirectory run) {
        want(run, desired(job.state()));
        boolean patienceIsOver = clock.millis() - job.modifiedAtMillis() > settings.killAfter().toMillis();
        if (job.state() == JobState.CANCELLING && patienceIsOver) {
            stop(job);
        }
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
                    crashed(job, lastLine(run));
                }
            }
            case RECEIVED, VALIDATING, VALIDATED, WAITING, PAUSED, SUCCEEDED, FAILED, INVALID, CANCELLED -> {
            }
        }
    }

    /* One that is damaged is none: the run is made to its end again, with the same bytes. */
    private static Optional<Outcome> readOutcome(RunDirectory run) {
        try {
            return run.readOutcome();
        } catch (ProblemException e) {
            LOG.warn("{}", e.getMessage());
            return Optional.empty();
        }
    }

    private void cancelled(Job job, RunDirectory run) {
        publisher.discard(job, run);
        jobs.move(Move.of(job, JobState.CANCELLED, "The job was cancelled"));
    }

    private void ended(Job job, RunDirectory run, Outcome outcome) {
        switch (outcome) {
            case Outcome.Trained trained -> publish(job, run, trained);
            case Outcome.Paused paused -> {
                if (job.state() == JobState.PAUSING) {
                    jobs.move(Move.of(job, JobState.PAUSED, "Job paused").data("step", paused.step()).set("process",
                            null));
                } else {
                    jobs.move(Move.of(job, JobState.WAITING, "The run wrote a checkpoint and is back in the queue")
                            .data("step", paused.step()).set("process", null));
                }
            }
            case Outcome.Cancelled cancelled -> {
                // Somebody wrote "cancel" into the run directory by hand.
                jobs.move(Move.of(job, JobState.CANCELLING, "The run was cancelled in its run directory"));
                cancelled(jobs.find(job.id()).orElseThrow(), run);
            }
            case Outcome.Failed failed -> {
                if (failed.problem().kind() == Problem.Kind.RESOURCE) {
                    crashed(job, failed.problem().message());
                } else {
                    fail(job, failed.problem());
                }
            }
        }
    }

    private void publish(Job job, RunDirectory run, Outcome.Trained trained) {
        // The first progress line may be lost with its disk page; the outcome says that steps were made.
        Job running = started(job);
        try {
            publisher.publish(running, run, trained);
        } catch (ProblemException e) {
            fail(running, e.problem());
        }
    }

    /** Killed, crashed, or short of something that may be there next time. */
    void crashed(Job job, @Nullable String lastWords) {
        int fruitless = job.fruitlessAttempts() + 1;
        String said = lastWords == null ? "" : " Its last words: \"" + lastWords + "\".";
        String what = "Attempt " + job.attempt() + " ended without a result." + said;
        if (job.state() == JobState.PAUSING) {
            jobs.move(Move.of(job, JobState.PAUSED, what).at(Level.WARN).set("process", null));
        } else if (fruitless >= settings.fruitlessAttempts()) {
            fail(job, Problem.internal("trainer_crashed", "The trainer ended " + fruitless
                    + " times without making a new step." + said + " The run's log has the rest."));
        } else {
            long delayMillis = settings.retryDelay().toMillis() << Math.min(fruitless - 1, 6);
            jobs.move(Move.of(job, JobState.WAITING, what).at(Level.WARN).data("attempt", job.attempt())
                    .set("process", null).set("fruitless_attempts", fruitless)
                    .set("not_before", clock.millis() + delayMillis));
        }
    }

    /** Ends the job, and its process with it. */
    void fail(Job job, Problem why) {
        LOG.warn("job {} failed: {}", job.id(), why.message());
        if (jobs.move(Move.of(job, JobState.FAILED, why.message()).at(Level.ERROR).because(why))) {
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
