package dev.luthier.server.job;

import dev.luthier.core.data.EncodingProcess;
import dev.luthier.core.plan.TrainingThreads;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.Settings;
import dev.luthier.server.file.FileService;
import dev.luthier.server.launch.EngineCommand;
import dev.luthier.server.launch.Launcher;
import dev.luthier.server.model.AdapterShelf;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.model.FineTunedModels;
import dev.luthier.server.model.ModelRegistry;
import dev.luthier.server.model.ModelUse;
import dev.luthier.server.model.RemovalListener;
import dev.luthier.server.store.Database;
import dev.luthier.server.store.StorageHealth;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
public class JobConfiguration {

    @Bean
    RunSettings runSettings(Settings settings, DataDirectory directory) {
        return new RunSettings(directory.runs(),
                ComputeDevice.valueOf(settings.get(KnownSettings.ENGINE_DEVICE).toUpperCase(Locale.ROOT)),
                settings.get(KnownSettings.RUNS_MAX),
                TrainingThreads.atMost(settings.get(KnownSettings.RUNS_THREADS)),
                settings.get(KnownSettings.RUNS_REUSE_BYTES),
                settings.get(KnownSettings.RUNS_MEMORY_BYTES),
                settings.get(KnownSettings.RUNS_FRUITLESS_ATTEMPTS),
                Duration.ofMillis(settings.get(KnownSettings.RUNS_RETRY_MILLIS)),
                Duration.ofSeconds(settings.get(KnownSettings.RUNS_KILL_SECONDS)),
                Duration.ofSeconds(settings.get(KnownSettings.RUNS_STOP_SECONDS)),
                Duration.ofMillis(settings.get(KnownSettings.RUNS_INTERVAL_MILLIS)));
    }

    @Bean
    TrainingResolver trainingResolver(Settings settings) {
        return new TrainingResolver(KnownSettings.trainingOf(settings), settings.get(KnownSettings.RECIPES),
                settings.get(KnownSettings.MODELS_ALIASES), settings.get(KnownSettings.RUNS_TYPE),
                settings.get(KnownSettings.RUNS_SAMPLES_PER_STEP));
    }

    @Bean
    JobFollowers jobFollowers(Settings settings) {
        return new JobFollowers(settings.get(KnownSettings.OPENAI_STREAMS));
    }

    /** Streams would keep a stopping server waiting until their jobs end. */
    @Bean
    ApplicationListener<ContextClosedEvent> endOfFollowing(JobFollowers followers) {
        return event -> followers.close();
    }

    @Bean
    JobHistory jobHistory(Database database, JobFollowers followers, Clock clock) {
        return new JobHistory(database, followers, clock);
    }

    @Bean
    JobStore jobStore(Database database, JobHistory history, FileService files, Clock clock) {
        return new JobStore(database, history, files, clock);
    }

    @Bean
    ModelUse jobUse(JobStore jobs) {
        return model -> {
            int live = model instanceof BaseModel base ? jobs.liveOn(base.name()) : 0;
            return live == 0
                    ? Optional.empty()
                    : Optional.of(live == 1 ? "a job that has not ended" : live + " jobs that have not ended");
        };
    }

    @Bean
    Prerequisites prerequisites(ModelRegistry models, FileService files) {
        return new Prerequisites(models, files::path);
    }

    @Bean
    StepTimes stepTimes(Database database, RunSettings settings, Clock clock) {
        return new StepTimes(database, settings, clock);
    }

    /** For the jobs, of which one is checked at a time. */
    @Bean
    EncodingProcess jobEncodings(DataDirectory directory) {
        return new EncodingProcess(directory.temporary(), Duration.ofDays(1));
    }

    /** For dry runs, whose callers wait. */
    @Bean
    EncodingProcess dryRunEncodings(DataDirectory directory) {
        return new EncodingProcess(directory.temporary(), Duration.ofSeconds(30));
    }

    @Bean
    MachineArithmetic machineArithmetic(Database database, EngineCommand command, RunSettings settings,
            DataDirectory directory, Clock clock) {
        return new MachineArithmetic(database, command, settings, directory.logs().resolve("probe.log"), clock);
    }

    @Bean
    DataPlanner dataPlanner(StepTimes times, RunSettings runs, MachineArithmetic machine) {
        return new DataPlanner(times, new RunMemory(runs), machine);
    }

    @Bean
    DataCheck dataCheck(Prerequisites prerequisites, FileService files, DataPlanner planner,
            @Qualifier("jobEncodings") EncodingProcess encodings, Settings settings) {
        return check(prerequisites, files, planner, encodings, settings);
    }

    @Bean
    DryRun dryRun(Prerequisites prerequisites, FileService files, DataPlanner planner,
            @Qualifier("dryRunEncodings") EncodingProcess encodings, Settings settings) {
        return new DryRun(check(prerequisites, files, planner, encodings, settings));
    }

    private static DataCheck check(Prerequisites prerequisites, FileService files, DataPlanner planner,
            EncodingProcess encodings, Settings settings) {
        return new FileDataCheck(prerequisites, files::path, planner, encodings,
                Runtime.getRuntime().availableProcessors(), settings.get(KnownSettings.FILES_LINE_SECONDS));
    }

    @Bean
    RunPlanner runPlanner(RunSettings settings, FileService files, FineTunedModels models) {
        return new RunPlanner(settings, files::path, models::find);
    }

    @Bean
    ReconcileSignal reconcileSignal() {
        return new ReconcileSignal();
    }

    @Bean
    Validations validations(JobStore jobs, JobHistory history, DataCheck check, RunSettings settings, Clock clock,
            ReconcileSignal signal, StorageHealth storage) {
        return new Validations(jobs, history, check, settings, clock, signal, storage);
    }

    @Bean
    Publisher publisher(JobStore jobs, FineTunedModels models, AdapterShelf shelf, FileService files,
            DataDirectory directory, Settings settings, Clock clock) {
        boolean base64 = settings.get(KnownSettings.OPENAI_RESULT_FILES).equals("base64");
        return new Publisher(jobs, models, shelf, new ResultFiles(files, directory.temporary(), base64), clock);
    }

    @Bean
    Snapshots snapshots(Database database, FineTunedModels models, AdapterShelf shelf,
            ObjectProvider<RemovalListener> listeners) {
        Snapshots snapshots = new Snapshots(database, models, shelf, listeners::stream);
        snapshots.sweep();
        return snapshots;
    }

    @Bean
    ProgressRecorder progressRecorder(Database database, JobHistory history, Snapshots snapshots) {
        return new ProgressRecorder(database, history, snapshots);
    }

    @Bean
    RunWatch runWatch(JobStore jobs, ProgressRecorder recorder, RunPlanner planner, Launcher launcher,
            Publisher publisher, RunSettings settings, Clock clock) {
        return new RunWatch(jobs, recorder, planner, launcher, publisher, settings, clock);
    }

    @Bean
    Estimates estimates(JobStore jobs, JobHistory history, StepTimes times, ModelRegistry models) {
        return new Estimates(jobs, history, times, models);
    }

    @Bean
    Prober prober(StepTimes times, ModelRegistry models, EngineCommand command, RunSettings settings,
            DataDirectory directory, Estimates estimates) {
        return new Prober(times, models, command, settings, directory.logs().resolve("probe.log"), estimates::fillIn);
    }

    @Bean(destroyMethod = "")
    Reconciler reconciler(JobStore jobs, Validations validations, RunWatch watch, RunPlanner planner,
            Launcher launcher, Prerequisites prerequisites, RunSettings settings, Clock clock, Prober prober,
            ReconcileSignal signal, JobHistory history, StorageHealth storage) {
        return new Reconciler(jobs, validations, watch, planner, launcher, prerequisites, settings, clock, prober,
                signal, history, storage);
    }

    @Bean
    ReconcilerLifecycle reconcilerLifecycle(Reconciler reconciler, Settings settings) {
        return new ReconcilerLifecycle(reconciler, settings.get(KnownSettings.DETACH));
    }

    @Bean
    JobService jobService(JobStore jobs, JobHistory history, RunPlanner planner, Prerequisites prerequisites,
            Validations validations, ReconcileSignal signal, JobFollowers followers, Clock clock) {
        return new JobService(jobs, history, planner, prerequisites, validations, signal, followers, clock);
    }
}
