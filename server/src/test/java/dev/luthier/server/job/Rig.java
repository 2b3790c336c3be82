package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.core.plan.SampleWork;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.Task;
import dev.luthier.core.run.TrainerProcess;
import dev.luthier.server.MovableClock;
import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.file.FileService;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Role;
import dev.luthier.server.launch.EngineCommand;
import dev.luthier.server.launch.Launcher;
import dev.luthier.server.launch.RunHandle;
import dev.luthier.server.model.AdapterShelf;
import dev.luthier.server.model.BaseModels;
import dev.luthier.server.model.FineTunedModels;
import dev.luthier.server.model.Model;
import dev.luthier.server.model.ModelPermissions;
import dev.luthier.server.model.Models;
import dev.luthier.server.model.RemovalListener;
import dev.luthier.server.store.Database;
import dev.luthier.server.store.StorageHealth;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything of this package on a real database, with the outside world in the test's hand: processes exist only as the
 * test says, time passes only when it says so, and the reconciler looks when it is told to.
 */
final class Rig implements AutoCloseable {
    static final Principal CALLER = Principal.of(UUID.randomUUID(), "org-test", "proj_test", Role.MEMBER, true);

    final DataDirectory directory;
    final Database database;
    final FakeLauncher launcher = new FakeLauncher();
    final MovableClock clock = new MovableClock();
    final JobHistory history;
    final JobStore jobs;
    final JobService service;
    final RunPlanner planner;
    final FineTunedModels models;
    final AdapterShelf shelf;
    final Snapshots snapshots;
    final List<Model> removed = new ArrayList<>();
    final FileService files;
    final Path base;
    final StorageHealth storage;
    volatile DataCheck check = request -> new DataCheck.Result.Valid(plan(20), List.of());
    private Reconciler reconciler;
    private Validations validations;

    Rig(Path data) {
        directory = DataDirectory.open(data);
        base = TinyModel.write(directory.models().resolve("tiny"));
        database = Database.open(directory.db());
        files = new FileService(database, directory, clock);
        JobFollowers followers = new JobFollowers(16);
        history = new JobHistory(database, followers, clock);
        jobs = new JobStore(database, history, files, clock);
        models = new FineTunedModels(database, directory.adapters());
        shelf = new AdapterShelf(directory.adapters());
        RunSettings settings = settings(directory.runs(), ComputeDevice.CPU);
        planner = new RunPlanner(settings, files::path, models::find);
        Models registry = new Models(new BaseModels(List.of(directory.models()), Map.of(), clock), models,
                new ModelPermissions(database, clock), false);
        Prerequisites prerequisites = new Prerequisites(registry, files::path);
        ReconcileSignal signal = new ReconcileSignal();
        storage = new StorageHealth(data, directory.temporary(), clock);
        validations = new Validations(jobs, history, request -> check.check(request), settings, clock, signal, storage);
        snapshots = new Snapshots(database, models, shelf, () -> Stream.<RemovalListener>of(removed::add));
        RunWatch watch = new RunWatch(jobs, new ProgressRecorder(database, history, snapshots), planner, launcher,
                new Publisher(jobs, models, shelf,
                        new ResultFiles(files, directory.temporary(), false), clock),
                settings, clock);
        StepTimes times = new StepTimes(database, settings, clock);
        Prober prober = new Prober(times, registry, new EngineCommand(null), settings,
                directory.logs().resolve("probe.log"), () -> {});
        reconciler = new Reconciler(jobs, validations, watch, planner, launcher, prerequisites, settings, clock,
                prober, signal, history, storage);
        service = new JobService(jobs, history, planner, prerequisites, validations, signal, followers, clock);
        database.writeVoid(jdbc -> {
            jdbc.sql("insert into organizations (id, name, created_at) values ('org-test', 'test', 0)").update();
            jdbc.sql("insert into projects (id, organization_id, name, created_at) "
                    + "values ('proj_test', 'org-test', 'test', 0)").update();
        });
    }

    static RunSettings settings(Path runs, ComputeDevice device) {
        return new RunSettings(runs, device, 1, 1, 0, 0, 3, Duration.ofSeconds(10),
                Duration.ofSeconds(60), Duration.ofSeconds(1), Duration.ofMillis(100));
    }

    static JobPlan plan(int steps) {
        return new JobPlan(Task.SUPERVISED, steps, 1, 4, 128, 64, 1e-3, 8, 0, 0, 80, 40, 40L * steps, 12, null,
                MemoryTier.KEEP, null, null,
                TrainingWork.ofSteps(new SampleWork(40L * steps, 20.0 * steps, 400.0 * steps)), null);
    }

    /** A job in its first state, on an uploaded file of its own. */
    Job create(boolean autoStart) {
        return create(autoStart, null);
    }

    /** A job that trains a fine-tuned model further. */
    Job createFrom(UUID startModel) {
        return create(true, startModel);
    }

    private Job create(boolean autoStart, @Nullable UUID startModel) {
        UUID file = upload();
        JobRequest request = new JobRequest("mistral", "tiny", "tiny", Method.SUPERVISED,
                List.of(new JobFile(file, 1, "")), List.of(),
                new Hyperparameters(20, null, 1e-3, 0.1, 0.05, null, null), null, autoStart, 0, List.of(), 42,
                startModel, null, TrainingSettings.BUILT_IN, new JobRules(0, false));
        clock.move(Duration.ofMillis(1));
        return service.create(UUID.randomUUID(), CALLER, request);
    }

    private UUID upload() {
        try {
            Path received = Files.createTempFile(directory.temporary(), "upload", ".jsonl");
            Files.writeString(received, "{\"text\":\"one two three\"}\n".repeat(8));
            return files.add(CALLER, new FileService.Upload("train.jsonl", null, null), received).id();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a server does about trainers before its first look. */
    void stopOrphans() {
        reconciler.stopOrphans();
    }

    /** Looks at all jobs once. */
    void pass() {
        reconciler.pass();
    }

    /** Looks until the job has reached a state; validation runs on a thread of its own. */
    Job until(Job job, JobState state) {
        for (int i = 0; i < 500; i++) {
            pass();
            Job now = jobs.find(job.id()).orElseThrow();
            if (now.state() == state) {
                return now;
            }
            if (now.state().isFinal()) {
                throw new AssertionError("the job ended " + now.state() + ": " + now.problem());
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new AssertionError("the job stayed " + jobs.find(job.id()).orElseThrow().state());
    }

    Job now(Job job) {
        return jobs.find(job.id()).orElseThrow();
    }

    /** A job whose process is there, STARTING. */
    Job starting() {
        return until(create(true), JobState.STARTING);
    }

    /** A job whose trainer has begun. */
    Job running() {
        Job job = starting();
        says(job, new Progress.Started(1, 1, clock.millis(), 0, 20, "cpu", "none", 1));
        return until(job, JobState.RUNNING);
    }

    RunDirectory run(Job job) {
        return planner.directory(job.id());
    }

    /** The trainer appends to its progress. */
    void says(Job job, Progress line) {
        try {
            Files.writeString(run(job).progressFile(), Json.write(line) + "\n", StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Progress.Step step(int attempt, int step) {
        return new Progress.Step(attempt, step + 1, clock.millis(), step, 20, 1.5, 0.5, 1e-3, 1, step * 10L, 900, 0.1,
                Map.of());
    }

    /** The trainer's process ends, leaving the outcome, if there is one, behind. */
    void ends(Job job, @Nullable Outcome outcome) {
        if (outcome != null) {
            run(job).writeOutcome(outcome);
        }
        launcher.alive.clear();
    }

    /** The trainer writes an adapter; the outcome that tells of it. */
    Outcome.Trained adapter(Job job) {
        try {
            Path adapter = Files.createDirectories(run(job).adapter());
            Files.writeString(adapter.resolve("adapter_config.json"), "{}");
            Path weights = Files.writeString(adapter.resolve("adapter_model.safetensors"), "weights");
            return new Outcome.Trained(AdapterShelf.sha256(weights), 20, 800, 0.1, 3.5, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Outcome failed(Problem.Kind kind) {
        return new Outcome.Failed(new Problem(kind, "broken", "It broke at step 3.", null));
    }

    @Override
    public void close() {
        validations.close();
        reconciler.detach();
        database.close();
        directory.close();
    }

    /** Processes as the test says. */
    static final class FakeLauncher implements Launcher {
        final List<RunHandle> started = new ArrayList<>();
        final List<RunHandle> alive = new ArrayList<>();
        final List<RunHandle> killed = new ArrayList<>();
        boolean refuses;

        @Override
        public RunHandle start(RunDirectory run, int threads) {
            if (refuses) {
                throw Problem.resource("trainer_not_started", "No more processes.").asException();
            }
            RunHandle handle = new RunHandle("fake", started.size() + 1L, 0);
            started.add(handle);
            alive.add(handle);
            return handle;
        }

        @Override
        public RunHandle handleOf(TrainerProcess trainer) {
            return new RunHandle("found", trainer.pid(), trainer.startMillis());
        }

        @Override
        public boolean isAlive(RunHandle handle) {
            return alive.contains(handle);
        }

        @Override
        public void kill(RunHandle handle) {
            killed.add(handle);
            alive.remove(handle);
        }
    }
}
