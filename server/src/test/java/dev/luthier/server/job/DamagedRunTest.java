package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunSpec;
import dev.luthier.server.model.AdapterShelf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is missing or damaged in a run directory is made again, and the job's events say so. */
final class DamagedRunTest {
    private Rig rig;

    @BeforeEach
    void open(@TempDir Path directory) {
        rig = new Rig(directory);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private String events(Job job) {
        StringBuilder all = new StringBuilder();
        rig.history.events(job.id()).forEach(event -> all.append(event.message()).append('\n'));
        return all.toString();
    }

    /** A job whose first attempt was killed after three steps, in the queue. */
    private Job interrupted() {
        Job job = rig.running();
        rig.says(job, rig.step(1, 1));
        rig.says(job, rig.step(1, 2));
        rig.says(job, rig.step(1, 3));
        rig.ends(job, null);
        Job waiting = rig.until(job, JobState.WAITING);
        rig.clock.move(Duration.ofMinutes(1));
        return waiting;
    }

    private void succeeds(Job job) {
        rig.until(job, JobState.STARTING);
        rig.says(job, new Progress.Started(1, 1, 0, 0, 20, "cpu", "none", 1));
        rig.says(job, rig.step(1, 1));
        assertThat(rig.until(job, JobState.RUNNING).progress().step()).isEqualTo(1);
        rig.ends(job, rig.adapter(job));
        rig.until(job, JobState.SUCCEEDED);
    }

    @Test
    void missingRunDirectoryIsMadeAnewAndToldOf() {
        Job job = interrupted();
        AdapterShelf.deleteTree(rig.run(job).path());
        rig.until(job, JobState.STARTING);
        assertThat(events(job)).contains("starts anew from its first step: run.json is missing");
        assertThat(rig.now(job).progress().step()).isZero();
        succeeds(job);
    }

    @Test
    void allRunDirectoriesMayBeMissing() {
        Job begun = interrupted();
        Job fresh = rig.create(true);
        AdapterShelf.deleteTree(rig.directory.runs());
        succeeds(begun);
        rig.until(fresh, JobState.STARTING);
        assertThat(events(fresh)).doesNotContain("anew");
    }

    @Test
    void damagedSpecIsSetAsideUntilTheJobIsRemoved() throws IOException {
        Job job = interrupted();
        Files.writeString(rig.run(job).specFile(), "{\"version\":1,\"baseModel\":");
        succeeds(job);
        assertThat(events(job)).contains("run.json in its run directory is damaged")
                .doesNotContain("Unexpected", "JSON", "Exception");
        Path aside = rig.directory.runs().resolve(job.id() + ".damaged-2");
        assertThat(aside.resolve("run.json")).exists();
        rig.service.remove(Rig.CALLER, job.id());
        assertThat(aside).doesNotExist();
        assertThat(rig.run(job).path()).doesNotExist();
    }

    @Test
    void damagedLinesOfProgressAreLeftOutAndTheOthersCount() throws IOException {
        Job job = rig.running();
        Files.writeString(rig.run(job).progressFile(), "this is not JSON\n{\"type\":\"step\"\n",
                StandardOpenOption.APPEND);
        rig.says(job, rig.step(1, 1));
        rig.pass();
        assertThat(rig.now(job).progress().step()).isEqualTo(1);
        assertThat(events(job)).contains("progress.jsonl", "damaged");
        rig.ends(job, rig.adapter(job));
        rig.until(job, JobState.SUCCEEDED);
    }

    @Test
    void progressThatWasCutOffIsReadFromItsStart() throws IOException {
        Job job = rig.running();
        for (int step = 1; step <= 5; step++) {
            rig.says(job, rig.step(1, step));
        }
        rig.pass();
        Files.writeString(rig.run(job).progressFile(), "");
        rig.says(job, rig.step(1, 6));
        rig.pass();
        assertThat(rig.now(job).progress().step()).isEqualTo(6);
    }

    @Test
    void damagedOutcomeCountsAsNone() throws IOException {
        Job job = rig.running();
        rig.ends(job, null);
        Files.writeString(rig.run(job).path().resolve("outcome.json"), "{\"outcome\":\"tra\u0000");
        rig.until(job, JobState.WAITING);
        rig.clock.move(Duration.ofMinutes(1));
        rig.until(job, JobState.STARTING);
        rig.ends(job, rig.adapter(job));
        rig.until(job, JobState.SUCCEEDED);
    }

    @Test
    void adapterThatIsMissingIsTrainedAgain() {
        Job job = rig.running();
        Outcome trained = rig.adapter(job);
        AdapterShelf.deleteTree(rig.run(job).adapter());
        rig.ends(job, trained);
        rig.until(job, JobState.WAITING);
        assertThat(events(job)).contains("damaged or missing; the run makes it anew");
        rig.clock.move(Duration.ofMinutes(1));
        rig.until(job, JobState.STARTING);
        rig.ends(job, rig.adapter(job));
        rig.until(job, JobState.SUCCEEDED);
    }

    @Test
    void trainerWhoseDirectoryIsGoneIsStoppedAndTheRunStartsAnew() {
        Job job = rig.running();
        AdapterShelf.deleteTree(rig.run(job).path());
        rig.pass();
        assertThat(rig.launcher.killed).hasSize(1);
        rig.until(job, JobState.WAITING);
        rig.clock.move(Duration.ofMinutes(1));
        succeeds(job);
    }

    @Test
    void runThatEndedAfterTheDatabaseWasBackedUpIsNotTrainedAgain() {
        Job job = interrupted();
        rig.run(job).writeOutcome(rig.adapter(job));
        rig.until(job, JobState.STARTING);
        rig.ends(job, null);
        rig.until(job, JobState.SUCCEEDED);
    }

    @Test
    void specFollowsADataDirectoryThatWasMoved() {
        Job job = interrupted();
        RunSpec spec = rig.run(job).readSpec();
        Path elsewhere = Path.of("/elsewhere/model");
        rig.run(job).create(spec.at(elsewhere, null, List.of(Path.of("/elsewhere/file")),
                List.of()));
        rig.until(job, JobState.STARTING);
        assertThat(rig.run(job).readSpec()).isEqualTo(spec);
        assertThat(events(job)).doesNotContain("anew");
    }
}
