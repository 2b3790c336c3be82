package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.Desired;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.storage.StorageFault;
import dev.luthier.server.job.JobEvent.Level;
import dev.luthier.server.launch.Launcher;
import dev.luthier.server.launch.RunHandle;
import dev.luthier.server.store.StorageHealth;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings every live job one step nearer to what is wanted, again and again: it compares the database with run
 * directory, lock and process, and acts on the difference. It remembers nothing that matters, so it converges from any
 * row state after any crash. One thread does all of it; a signal makes it look now.
 */
public final class Reconciler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
    private static final Set<JobState> WITH_PROCESS = EnumSet.of(JobState.STARTING, JobState.RUNNING, JobState.PAUSING,
            JobState.CANCELLING);
    private static final Set<JobState> BEFORE_RUN = EnumSet.of(JobState.RECEIVED, JobState.VALIDATING,
            JobState.WAITING);
    /** After so many looks in a row that threw, a job fails rather than being looked at for ever. */
    private static final int TOLERATED_FAULTS = 20;

    private final JobStore jobs;
    private final Validations validations;
    private final RunWatch watch;
    private final RunPlanner planner;
    private final Launcher launcher;
    private final Prerequisites prerequisites;
    private final RunSettings settings;
    private final InstantSource clock;
    private final Prober prober;
    private final ReconcileSignal signal;
    private final JobHistory history;
    private final StorageHealth storage;
    private final Set<UUID> told = new HashSet<>();
    private final Map<UUID, Integer> faults = new HashMap<>();
    private @Nullable Thread thread;
    private volatile boolean stopping;

    Reconciler(JobStore jobs, Validations validations, RunWatch watch, RunPlanner planner, Launcher launcher,
            Prerequisites prerequisites, RunSettings settings, InstantSource clock, Prober prober,
            ReconcileSignal signal,
            JobHistory history, StorageHealth storage) {
        this.history = history;
        this.storage = storage;
        this.jobs = jobs;
        this.validations = validations;
        this.watch = watch;
        this.planner = planner;
        this.launcher = launcher;
        this.prerequisites = prerequisites;
        this.settings = settings;
        this.clock = clock;
        this.prober = prober;
        this.signal = signal;
    }

    /** Begins to look after jobs, once trainers that belong to none are stopped. */
    public synchronized void start() {
        if (thread == null) {
            stopOrphans();
            thread = Thread.ofPlatform().name("reconciler").daemon().start(this::loop);
        }
    }

    /**
     * Stops trainers of earlier servers whose jobs do not run any more, by what this database knows: it may be one that was
     * restored. Those of jobs that run are taken over by the first pass.
     */
    void stopOrphans() {
        for (UUID id : planner.runs()) {
            RunDirectory run = planner.directory(id);
            Optional<Job> job = jobs.find(id);
            if (run.isLocked() && job.map(Job::state).filter(WITH_PROCESS::contains).isEmpty()) {
                LOG.warn("the trainer of {}, which an earlier server has left, is stopped: its job {}", run.path(),
                        job.map(known -> "is " + known.state()).orElse("is not known"));
                // One that has not noted its process reads this between two steps.
                RunWatch.want(run, job.map(Job::state).filter(state -> !state.isFinal()).isPresent()
                        ? Desired.PAUSE
                        : Desired.CANCEL);
                watch.stop(run);
            }
        }
    }

    /** Whether jobs are looked after now. */
    public synchronized boolean isRunning() {
        return thread != null && thread.isAlive() && !stopping;
    }

    private void loop() {
        while (!stopping) {
            try {
                pass();
            } catch (RuntimeException e) {
                if (storage.note(e).isEmpty()) {
                    LOG.error("the jobs could not be looked at; trying again", e);
                }
            }
            try {
                signal.await(settings.interval());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** One look at every live job. Called by the reconciler's thread, and by tests that run without it. */
    void pass() {
        storage.recheck();
        List<Job> live = jobs.live();
        faults.keySet().retainAll(live.stream().map(Job::id).toList());
        for (Job job : live) {
            guarded(job);
        }
        Optional<Problem> diskFault = storage.problem();
        if (diskFault.isPresent()) {
            live.forEach(job -> tell(job, diskFault.get()));
            return;
        }
        told.clear();
        startWaiting();
        if (live.stream().noneMatch(job -> WITH_PROCESS.contains(job.state()) || job.state() == JobState.WAITING)) {
            prober.whileIdle();
        }
    }

    private void guarded(Job job) {
        try {
            look(job);
            faults.remove(job.id());
        } catch (RuntimeException e) {
            if (storage.note(e).isPresent()) {
                return; // passes; the look is taken again
            }
            int count = faults.merge(job.id(), 1, Integer::sum);
            LOG.error("job {} could not be looked at ({} times in a row)", job.id(), count, e);
            if (count >= TOLERATED_FAULTS && job.state().next().contains(JobState.FAILED)) {
                watch.fail(job, Problem.internal("server_fault", "The server could not handle the job's run directory"
                        + " or its row, " + count + " times in a row. Its log has the details under the job's id."));
            }
        }
    }

    /** Tells a job's user once each time that the disk fails. */
    private void tell(Job job, Problem why) {
        boolean concerned = WITH_PROCESS.contains(job.state()) || BEFORE_RUN.contains(job.state());
        if (!concerned || told.contains(job.id())) {
            return;
        }
        try {
            history.note(job.id(), Level.WARN, why.message() + " The job goes on by itself once that is over.",
                    Map.of("code", why.code(), "free_bytes", StorageFault.freeBytes(settings.runs())));
            told.add(job.id());
        } catch (RuntimeException e) {
            storage.note(e); // no room for the event either
        }
    }

    private void look(Job job) {
        switch (job.state()) {
            case RECEIVED -> {
                if (jobs.move(JobTransition.of(job, JobState.VALIDATING, validating(job)))) {
                    jobs.find(job.id()).ifPresent(validations::ensure);
                }
            }
            case VALIDATING -> {
                if (storage.problem().isEmpty()) {
                    validations.ensure(job);
                }
            }
            case STARTING -> {
                if (job.process() == null && !watch.isAlive(job)) {
                    launch(job);
                } else {
                    watch.look(job);
                }
            }
            case RUNNING, PAUSING, CANCELLING -> watch.look(job);
            case VALIDATED, WAITING, PAUSED, SUCCEEDED, FAILED, INVALID, CANCELLED -> {
            }
        }
    }

    private static String validating(Job job) {
        String training = job.request().trainingFiles().getFirst().id().toString();
        return "Validating training file: " + training + (job.request().validationFiles().isEmpty()
                ? ""
                : " and validation file: " + job.request().validationFiles().getFirst().id());
    }

    /** Starts the longest waiting jobs while there is room for their processes. */
    private void startWaiting() {
        List<Job> live = jobs.live();
        long room = settings.maxRuns() - live.stream().filter(job -> WITH_PROCESS.contains(job.state())).count();
        long now = clock.millis();
        List<Job> next = live.stream()
                .filter(job -> job.state() == JobState.WAITING && job.notBeforeMillis() <= now)
                .filter(watch::hasRoom).limit(Math.max(0, room))
                .toList();
        for (Job job : next) {
            Optional<Problem> obstacle = prerequisites.missing(job.request());
            if (obstacle.isPresent()) {
                watch.fail(job, obstacle.get());
                continue;
            }
            JobTransition move = JobTransition.of(job, JobState.STARTING, "The run's process is being started")
                    .data("attempt", job.attempt() + 1).set(JobColumn.ATTEMPT, job.attempt() + 1)
                    .set(JobColumn.PROCESS, null)
                    .set(JobColumn.PROGRESS, JobDocuments.PROGRESS.write(job.progress().beforeNextAttempt()));
            if (jobs.move(move)) {
                prober.makeRoom();
                watch.starts(job);
                jobs.find(job.id()).ifPresent(this::guarded);
            }
        }
    }

    private void launch(Job job) {
        RunDirectory run = planner.directory(job.id());
        try {
            planner.prepare(job, prerequisites.base(job.request()))
                    .ifPresent(fault -> jobs.beginAnew(job.id(), "The run starts anew from its first step: " + fault
                            + "."));
            if (!(RunWatch.readOutcome(run).orElse(null) instanceof Outcome.Trained)) {
                run.clearOutcome();
            }
            run.writeDesired(Desired.RUN);
            record(job, launcher.start(run, run.readSpec().numerics().threads()));
        } catch (ProblemException e) {
            if (StorageHealth.faultIn(e).isPresent()) {
                throw e;
            }
            if (e.problem().kind() == Problem.Kind.RESOURCE) {
                watch.crashed(job, e.problem().message());
            } else {
                watch.fail(job, e.problem());
            }
        }
    }

    /* A process that the row does not know would be started a second time. */
    private void record(Job job, RunHandle process) {
        try {
            jobs.setProcess(job.id(), process);
        } catch (RuntimeException e) {
            launcher.kill(process);
            throw e;
        }
    }

    /** Stops looking; trainers stay as they are. */
    public void detach() {
        stopping = true;
        signal.send();
        Thread current = thread;
        if (current != null) {
            try {
                current.join(TimeUnit.SECONDS.toMillis(30));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        validations.close();
        prober.close();
    }

    /** Stops looking, has every trainer write a checkpoint and end, and puts its job back into the queue. */
    @Override
    public void close() {
        detach();
        long deadline = clock.millis() + settings.stopWithin().toMillis();
        boolean killed = false;
        while (true) {
            List<Job> left = jobs.live().stream().filter(job -> WITH_PROCESS.contains(job.state())).toList();
            if (left.isEmpty()) {
                return;
            }
            boolean kill = !killed && clock.millis() > deadline;
            for (Job job : left) {
                try {
                    letGo(job, kill);
                } catch (RuntimeException e) {
                    if (storage.note(e).isEmpty()) {
                        LOG.warn("job {} could not be put back into the queue; the next server does it", job.id(), e);
                    }
                }
            }
            killed |= kill;
            if (clock.millis() > deadline + TimeUnit.SECONDS.toMillis(5)) {
                LOG.warn("{} trainers did not end in time; the next server takes them over", left.size());
                return;
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void letGo(Job job, boolean kill) {
        Optional<RunHandle> process = Optional.ofNullable(job.process());
        if (!watch.isAlive(job)) {
            if (job.state() == JobState.STARTING && process.isEmpty()) {
                jobs.move(JobTransition.of(job, JobState.WAITING, "The server stopped; the run is back in the queue"));
            } else {
                watch.look(job);
            }
        } else if (kill) {
            watch.stop(job);
            if (job.state().next().contains(JobState.WAITING)) {
                jobs.move(JobTransition.of(job, JobState.WAITING,
                        "The server stopped; the run goes on from its last checkpoint").at(Level.WARN));
            }
        } else if (job.state() != JobState.CANCELLING) {
            RunWatch.want(planner.directory(job.id()), Desired.PAUSE);
        }
    }
}
