package dev.luthier.server.job;

import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.Settings;
import dev.luthier.server.file.FileService;
import dev.luthier.server.launch.EngineCommand;
import dev.luthier.server.launch.Launcher;
import dev.luthier.server.model.AdapterShelf;
import dev.luthier.server.model.FineTunedModels;
import dev.luthier.server.model.ModelRegistry;
import dev.luthier.server.store.Database;
import java.time.Clock;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
public class JobConfiguration {

    @Bean
    RunSettings runSettings(Settings settings, DataDirectory directory) {
        return new RunSettings(directory.runs(), settings.get(KnownSettings.RUNS_MAX),
                settings.get(KnownSettings.RUNS_SAMPLES_PER_STEP), settings.get(KnownSettings.RUNS_MICRO_BATCH_TOKENS),
                settings.get(KnownSettings.RUNS_THREADS),
                settings.get(KnownSettings.RUNS_TYPE), settings.get(KnownSettings.RUNS_LORA_RANK),
                settings.get(KnownSettings.RUNS_LORA_ALPHA), settings.get(KnownSettings.RUNS_FRUITLESS_ATTEMPTS),
                Duration.ofMillis(settings.get(KnownSettings.RUNS_RETRY_MILLIS)),
                Duration.ofSeconds(settings.get(KnownSettings.RUNS_KILL_SECONDS)),
                Duration.ofSeconds(settings.get(KnownSettings.RUNS_STOP_SECONDS)),
                Duration.ofMillis(settings.get(KnownSettings.RUNS_INTERVAL_MILLIS)));
    }

    @Bean
    JobHistory jobHistory(Database database, Clock clock) {
        return new JobHistory(database, clock);
    }

    @Bean
    JobStore jobStore(Database database, JobHistory history, FileService files, Clock clock) {
        return new JobStore(database, history, files, clock);
    }

    @Bean
    Prerequisites prerequisites(ModelRegistry models, FileService files) {
        return new Prerequisites(models, files::path);
    }

    @Bean
    StepTimes stepTimes(Database database, RunSettings settings, Clock clock) {
        return new StepTimes(database, settings, clock);
    }

    @Bean
    DataCheck dataCheck(Prerequisites prerequisites, FileService files, RunSettings settings, StepTimes times) {
        return new FileDataCheck(prerequisites, files::path,
                new DataPlanner(settings.samplesPerStep(), settings.microBatchTokens(), times),
                Runtime.getRuntime().availableProcessors());
    }

    @Bean
    DryRun dryRun(DataCheck check) {
        return new DryRun(check);
    }

    @Bean
    RunPlanner runPlanner(RunSettings settings, FileService files) {
        return new RunPlanner(settings, files::path);
    }

    @Bean
    Bell bell() {
        return new Bell();
    }

    @Bean
    Validations validations(JobStore jobs, JobHistory history, DataCheck check, Clock clock, Bell bell) {
        return new Validations(jobs, history, check, clock, bell);
    }

    @Bean
    Publisher publisher(JobStore jobs, FineTunedModels models, AdapterShelf shelf, Clock clock) {
        return new Publisher(jobs, models, shelf, clock);
    }

    @Bean
    RunWatch runWatch(JobStore jobs, JobHistory history, RunPlanner planner, Launcher launcher, Publisher publisher,
            RunSettings settings, Clock clock) {
        return new RunWatch(jobs, history, planner, launcher, publisher, settings, clock);
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
            Bell bell) {
        return new Reconciler(jobs, validations, watch, planner, launcher, prerequisites, settings, clock, prober,
                bell);
    }

    @Bean
    ReconcilerLifecycle reconcilerLifecycle(Reconciler reconciler, Settings settings) {
        return new ReconcilerLifecycle(reconciler, settings.get(KnownSettings.DETACH));
    }

    @Bean
    JobService jobService(JobStore jobs, JobHistory history, RunPlanner planner, Prerequisites prerequisites,
            Validations validations, Bell bell, Clock clock) {
        return new JobService(jobs, history, planner, prerequisites, validations, bell, clock);
    }
}
