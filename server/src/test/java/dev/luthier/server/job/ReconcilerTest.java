package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.job.JobState;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.Desired;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunLock;
import dev.luthier.core.run.RunSpec;
import dev.luthier.server.launch.RunHandle;
import dev.luthier.server.model.AdapterShelf;
import dev.luthier.server.store.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the reconciler does beyond single transitions: order, crashes at bad moments, adoption, progress. */
final class ReconcilerTest {
    @TempDir
    private Path data;
    private Rig rig;

    @BeforeEach
    void open() {
        rig = new Rig(data);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void jobsRunOneAtATimeInTheOrderOfTheirArrival() {
        Job first = rig.running();
        Job second = rig.until(rig.create(true), JobState.WAITING);
        Job third = rig.until(rig.create(true), JobState.WAITING);
        rig.ends(first, rig.adapter(first));
        rig.until(first, JobState.SUCCEEDED);
        rig.until(second, JobState.STARTING);
        rig.pass();
        assertThat(rig.now(third).state()).isEqualTo(JobState.WAITING);
        assertThat(rig.launcher.started).hasSize(2);
    }

    @Test
    void everySettingIsResolvedIntoTheRunSpecOnce() {
        Job job = rig.starting();
        RunSpec spec = rig.run(job).readSpec();
        assertThat(spec.baseModel()).isEqualTo(rig.base.toAbsolutePath());
        assertThat(spec.lora()).isEqualTo(RunSpec.Lora.plain(16, 32,
                List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")));
        assertThat(spec.optimizer()).isEqualTo(new RunSpec.Optimizer(20, 1e-3, 0.1, 0.05, 0.9, 0.95, 1e-8, 1));
        assertThat(spec.batch()).isEqualTo(new RunSpec.Batch(4, 128, 64, 0));
        assertThat(spec.seed()).isEqualTo(42);
    }

    @Test
    void jobFailsAfterSoManyAttemptsWithoutANewStep() throws IOException {
        Job job = rig.starting();
        for (int attempt = 1; attempt <= 3; attempt++) {
            rig.until(job, JobState.STARTING);
            Files.writeString(rig.run(job).logFile(), "loading\nno memory left\n\n");
            rig.ends(job, null);
            rig.pass();
            rig.clock.move(Duration.ofMinutes(1));
        }
        Job failed = rig.now(job);
        assertThat(failed.state()).isEqualTo(JobState.FAILED);
        assertThat(failed.problem()).extracting(Problem::message).asString().contains("no memory left", "3 times");
        assertThat(failed.attempt()).isEqualTo(3);
    }

    @Test
    void attemptsThatMakeNewStepsAreNotCounted() {
        Job job = rig.starting();
        for (int attempt = 1; attempt <= 6; attempt++) {
            rig.says(job, new Progress.Started(attempt, 1, 0, attempt - 1, 20, "cpu", "none", 1));
            rig.says(job, rig.step(attempt, attempt));
            rig.until(job, JobState.RUNNING);
            rig.ends(job, null);
            rig.until(job, JobState.WAITING);
            rig.clock.move(Duration.ofSeconds(10));
            assertThat(rig.until(job, JobState.STARTING).fruitlessAttempts()).isEqualTo(1);
        }
        assertThat(rig.now(job).progress().step()).isEqualTo(6);
    }

    @Test
    void fullMachineIsRetriedAndNotAFailure() {
        rig.launcher.refuses = true;
        Job job = rig.until(rig.create(true), JobState.WAITING);
        rig.launcher.refuses = false;
        rig.clock.move(Duration.ofMinutes(1));
        rig.until(job, JobState.STARTING);
    }

    @Test
    void progressIsTakenOverOnceAndALaterAttemptSupersedes() {
        Job job = rig.running();
        rig.says(job, rig.step(1, 1));
        rig.says(job, new Progress.Metric(1, 3, 1_000, 10, 1.5, 1.75, 0.5, null, Map.of()));
        rig.pass();
        rig.pass();
        rig.says(job, new Progress.Metric(2, 3, 2_000, 10, 1.25, 1.5, 0.625, null, Map.of()));
        rig.says(job, new Progress.Note(2, 4, 3_000, "warn", "another CPU than before"));
        rig.pass();
        assertThat(rig.history.metrics(job.id())).containsExactly(new MetricPoint(10, 1.25, 1.5, 0.625, 2_000));
        assertThat(rig.history.events(job.id()).getFirst()).satisfies(event -> {
            assertThat(event.message()).isEqualTo("another CPU than before");
            assertThat(event.level()).isEqualTo(JobEvent.Level.WARN);
            assertThat(event.state()).isNull();
        });
        assertThat(rig.now(job).progress().validLoss()).isEqualTo(1.5);
    }

    @Test
    void tornLastLineIsLeftForTheNextLook() throws IOException {
        Job job = rig.running();
        Path progress = rig.run(job).progressFile();
        String before = Files.readString(progress);
        Files.writeString(progress, before + "{\"type\":\"step\",\"att");
        rig.pass();
        assertThat(rig.now(job).progress().step()).isZero();
        Files.writeString(progress, before);
        rig.says(job, rig.step(1, 1));
        rig.pass();
        assertThat(rig.now(job).progress().step()).isEqualTo(1);
    }

    @Test
    void trainerOfAnEarlierServerIsAdoptedAndNotStartedTwice() {
        Job job = rig.running();
        try (RunLock _ = rig.run(job).tryLock().orElseThrow()) {
            rig.launcher.alive.clear();
            rig.pass();
            assertThat(rig.now(job).state()).isEqualTo(JobState.RUNNING);
            rig.run(job).writeOutcome(rig.adapter(job));
        }
        rig.until(job, JobState.SUCCEEDED);
        assertThat(rig.launcher.started).hasSize(1);
    }

    @Test
    void processThatWasStartedButNotRecordedIsFoundByItsLock() {
        Job job = rig.starting();
        rig.database.writeVoid(jdbc -> jdbc.sql("update jobs set process = null").update());
        rig.launcher.alive.clear();
        try (RunLock _ = rig.run(job).tryLock().orElseThrow()) {
            rig.pass();
            assertThat(rig.launcher.started).hasSize(1);
        }
        rig.pass();
        assertThat(rig.launcher.started).hasSize(2);
    }

    @Test
    void serverKilledBetweenMovingTheAdapterAndTheRowPublishesOnTheNextLook() throws IOException {
        Job job = rig.running();
        Outcome.Trained trained = rig.adapter(job);
        rig.shelf.take(rig.run(job), AdapterShelf.modelOf(job.id()), trained.adapterSha256());
        rig.ends(job, trained);
        rig.until(job, JobState.SUCCEEDED);
        assertThat(rig.models.list("org-test")).hasSize(1);
    }

    @Test
    void adapterWhoseHashIsWrongIsNeverPublished() throws IOException {
        Job job = rig.running();
        Outcome trained = rig.adapter(job);
        Files.writeString(rig.run(job).adapter().resolve("adapter_model.safetensors"), "flipped bits");
        for (int attempt = 1; attempt <= 3; attempt++) {
            rig.until(job, attempt == 1 ? JobState.RUNNING : JobState.STARTING);
            rig.ends(job, trained);
            rig.pass();
            rig.clock.move(Duration.ofMinutes(1));
        }
        assertThat(rig.now(job).problem()).extracting(Problem::code).isEqualTo("adapter_damaged");
        assertThat(rig.models.list("org-test")).isEmpty();
    }

    @Test
    void trainerThatIgnoresACancelIsKilled() {
        Job job = rig.running();
        rig.service.cancel(Rig.CALLER, job.id());
        rig.pass();
        assertThat(rig.launcher.killed).isEmpty();
        rig.clock.move(Duration.ofSeconds(61));
        rig.until(job, JobState.CANCELLED);
        assertThat(rig.launcher.killed).hasSize(1);
    }

    @Test
    void trainerThatIgnoresAPauseIsKilledInTheEnd() {
        Job job = rig.running();
        rig.service.pause(Rig.CALLER, job.id());
        rig.clock.move(Duration.ofSeconds(599));
        rig.pass();
        assertThat(rig.launcher.killed).isEmpty();
        rig.clock.move(Duration.ofSeconds(2));
        rig.until(job, JobState.PAUSED);
        assertThat(rig.launcher.killed).hasSize(1);
    }

    @Test
    void leftOverPauseOfAStoppedServerIsTakenBack() {
        Job job = rig.running();
        rig.run(job).writeDesired(Desired.PAUSE);
        rig.pass();
        assertThat(rig.run(job).readDesired()).isEqualTo(Desired.RUN);
        rig.ends(job, new Outcome.Paused(4));
        Job again = rig.until(job, JobState.STARTING);
        assertThat(again.attempt()).isEqualTo(2);
        assertThat(again.fruitlessAttempts()).isZero();
    }

    @Test
    void runThatSomebodyCancelledByHandIsCancelled() {
        Job job = rig.running();
        rig.ends(job, new Outcome.Cancelled(4));
        rig.until(job, JobState.CANCELLED);
    }

    @Test
    void bytesOfADeletedFileStayUntilTheJobIsFinal() {
        Job job = rig.running();
        UUID file = job.request().trainingFiles().getFirst().id();
        rig.files.delete(Rig.CALLER.sees(), file);
        assertThat(rig.files.path(file)).exists();
        assertThat(rig.files.find(Rig.CALLER.sees(), file)).isEmpty();
        rig.ends(job, rig.adapter(job));
        rig.until(job, JobState.SUCCEEDED);
        assertThat(rig.files.path(file)).doesNotExist();
    }

    @Test
    void processOfAJobThatFailsIsStopped() {
        Job job = rig.running();
        try (RunLock _ = rig.run(job).lockForTrainer().orElseThrow()) {
            rig.database.writeVoid(jdbc -> jdbc.sql("update jobs set progress_offset = -1").update());
            while (!rig.now(job).state().isFinal()) {
                rig.pass();
            }
            assertThat(rig.now(job).problem()).extracting(Problem::code).isEqualTo("server_fault");
            assertThat(rig.launcher.alive).isEmpty();
            assertThat(rig.launcher.killed).extracting(RunHandle::launcher).containsExactly("fake", "found");
        }
    }

    @Test
    void deafTrainerThatWasStartedButNotRecordedIsKilledToo() {
        Job job = rig.running();
        rig.database.writeVoid(jdbc -> jdbc.sql("update jobs set process = null").update());
        rig.launcher.alive.clear();
        try (RunLock _ = rig.run(job).lockForTrainer().orElseThrow()) {
            rig.service.cancel(Rig.CALLER, job.id());
            rig.clock.move(Duration.ofSeconds(61));
            rig.pass();
            assertThat(rig.launcher.killed).containsExactly(
                    new RunHandle("found", ProcessHandle.current().pid(),
                            rig.launcher.killed.getFirst().startMillis()));
        }
        rig.until(job, JobState.CANCELLED);
    }

    @Test
    void processThatCannotBeRecordedIsStoppedAndNotStartedTwice() {
        Job job = rig.create(true);
        rig.database.writeVoid(jdbc -> jdbc.sql("create trigger no_process before update of process on jobs when "
                + "new.process is not null begin select raise(abort, 'no'); end").update());
        rig.until(job, JobState.STARTING);
        assertThat(rig.launcher.killed).isNotEmpty().isEqualTo(rig.launcher.started);
        assertThat(rig.launcher.alive).isEmpty();
        rig.database.writeVoid(jdbc -> jdbc.sql("drop trigger no_process").update());
        rig.pass();
        rig.pass();
        assertThat(rig.launcher.alive).hasSize(1);
    }

    @Test
    void orphansOfEarlierServersAreStoppedAtTheStartAndOthersLeftAlone() {
        Job ended = rig.running();
        rig.ends(ended, rig.adapter(ended));
        rig.until(ended, JobState.SUCCEEDED);
        Job running = rig.running();
        RunDirectory unknown = rig.planner.directory(UUID.randomUUID());
        unknown.create(rig.run(running).readSpec());
        try (RunLock _ = rig.run(ended).lockForTrainer().orElseThrow();
                RunLock _ = rig.run(running).lockForTrainer().orElseThrow()) {
            rig.stopOrphans();
            assertThat(rig.launcher.killed).singleElement().extracting(RunHandle::launcher).isEqualTo("found");
            assertThat(rig.run(ended).readDesired()).isEqualTo(Desired.CANCEL);
            assertThat(rig.run(running).readDesired()).isEqualTo(Desired.RUN);
            try (RunLock _ = unknown.lockForTrainer().orElseThrow()) {
                rig.stopOrphans();
                assertThat(unknown.readDesired()).isEqualTo(Desired.CANCEL);
                assertThat(rig.launcher.killed).hasSize(3);
            }
        }
    }

    @Test
    void orphanOfAJobThatARestoredDatabaseHasWaitingIsPutOff() {
        Job job = rig.running();
        rig.launcher.alive.clear();
        rig.database.writeVoid(jdbc -> jdbc.sql("update jobs set state = 'WAITING', process = null").update());
        try (RunLock _ = rig.run(job).lockForTrainer().orElseThrow()) {
            rig.stopOrphans();
            assertThat(rig.run(job).readDesired()).isEqualTo(Desired.PAUSE);
            assertThat(rig.launcher.killed).hasSize(1);
        }
        rig.until(job, JobState.STARTING);
        assertThat(rig.run(job).readDesired()).isEqualTo(Desired.RUN);
    }

    @Test
    void jobWhoseRowIsDamagedDoesNotBlockTheOthers() {
        Job damaged = rig.running();
        rig.launcher.alive.clear();
        rig.database.writeVoid(jdbc -> jdbc.sql("update jobs set plan = '{\"steps\": 2' where id = ?")
                .param(damaged.id().toString()).update());
        Job other = rig.create(true);
        rig.until(other, JobState.STARTING);
        assertThat(rig.jobs.list(Rig.CALLER.sees(), JobFilter.ALL, new Page(0, 10))).extracting(Job::id)
                .containsExactly(other.id());
        assertThatThrownBy(() -> rig.now(damaged)).hasMessageContaining("the plan of job " + damaged.id());
    }

    @Test
    void damagedProgressLineIsToldOfAndLeftOut() throws IOException {
        Job job = rig.running();
        Files.writeString(rig.run(job).progressFile(), "this is not JSON\n", StandardOpenOption.APPEND);
        rig.says(job, rig.step(1, 1));
        rig.pass();
        assertThat(rig.now(job).progress().step()).isEqualTo(1);
        assertThat(rig.history.events(job.id())).filteredOn(event -> event.level() == JobEvent.Level.WARN)
                .singleElement().satisfies(event -> assertThat(event.message()).contains("progress.jsonl", "damaged"));
        rig.ends(job, rig.adapter(job));
        rig.until(job, JobState.SUCCEEDED);
    }

    @Test
    void damagedOutcomeIsNoneAndTheRunIsMadeToItsEndAgain() throws IOException {
        Job job = rig.running();
        rig.ends(job, rig.adapter(job));
        Files.writeString(rig.run(job).path().resolve("outcome.json"), "{\"outcome\" : \"trai");
        rig.until(job, JobState.WAITING);
        rig.clock.move(Duration.ofMinutes(1));
        rig.until(job, JobState.STARTING);
        rig.ends(job, rig.adapter(job));
        rig.until(job, JobState.SUCCEEDED);
    }
}
