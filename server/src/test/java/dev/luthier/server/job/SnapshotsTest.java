package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.Progress;
import dev.luthier.server.model.AdapterShelf;
import dev.luthier.server.model.FineTunedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The models of a run's epochs, whatever dies when. */
final class SnapshotsTest {
    private Rig rig;

    @BeforeEach
    void open(@TempDir Path folder) {
        rig = new Rig(folder);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /** The trainer has written an epoch's adapter; it says so in the line that is returned. */
    private Progress.Snapshot snapshot(Job job, int attempt, int step, String weights) {
        String directory = "snapshots/step-" + step;
        try {
            Path path = Files.createDirectories(rig.run(job).path().resolve(directory));
            for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
                Files.deleteIfExists(path.resolve(name));
            }
            Files.writeString(path.resolve("adapter_config.json"), "{}");
            Files.writeString(path.resolve("adapter_model.safetensors"), weights);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Progress.Snapshot(attempt, step, rig.clock.millis(), step, step / 5, directory);
    }

    private void epoch(Job job, int attempt, int step) {
        rig.says(job, snapshot(job, attempt, step, "weights after " + step));
        rig.pass();
    }

    private Optional<FineTunedModel> model(Job job, int step) {
        return rig.models.find(AdapterShelf.snapshotOf(job.id(), step));
    }

    private List<Integer> checkpoints(Job job) {
        return rig.service.checkpoints(job, null, 10).orElseThrow().stream().map(JobCheckpoint::step).toList();
    }

    private List<String> told(Job job) {
        return rig.history.events(job.id()).stream().map(JobEvent::message)
                .filter(message -> message.startsWith("Checkpoint created")).toList();
    }

    private static String weights(FineTunedModel model) {
        try {
            return Files.readString(model.adapter().resolve("adapter_model.safetensors"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void epochIsAModelWhileTheJobRunsAndOutlivesItsRunDirectory() {
        Job job = rig.running();
        epoch(job, 1, 5);
        FineTunedModel model = model(job, 5).orElseThrow();
        assertThat(model.openaiName()).matches("ft:tiny:test::[0-9A-Za-z]{8}:ckpt-step-5");
        assertThat(model.mistralName()).endsWith(job.id().toString().substring(0, 8) + ":ckpt-step-5");
        assertThat(rig.models.find("org-test", model.openaiName())).contains(model);
        assertThat(told(job)).containsExactly("Checkpoint created at step 5 with Snapshot ID: " + model.openaiName());
        AdapterShelf.deleteTree(rig.run(job).path());
        assertThat(weights(model)).isEqualTo("weights after 5");
    }

    @Test
    void lastThreeEpochsAreKeptAndARepeatedStepBringsNoneBack() {
        Job job = rig.running();
        for (int step : new int[]{5, 10, 15, 20}) {
            epoch(job, 1, step);
        }
        assertThat(checkpoints(job)).containsExactly(20, 15, 10);
        assertThat(rig.removed).extracting(model -> ((FineTunedModel) model).step()).containsExactly(5);
        assertThat(rig.shelf.place(AdapterShelf.snapshotOf(job.id(), 5))).doesNotExist();
        epoch(job, 2, 5);
        epoch(job, 2, 10);
        assertThat(checkpoints(job)).containsExactly(20, 15, 10);
        assertThat(told(job)).hasSize(4);
        assertThat(rig.service.checkpoints(job, AdapterShelf.snapshotOf(job.id(), 15), 10).orElseThrow())
                .extracting(JobCheckpoint::step).containsExactly(10);
        assertThat(rig.service.checkpoints(job, AdapterShelf.snapshotOf(job.id(), 5), 10)).contains(List.of());
        assertThat(rig.service.checkpoints(job, UUID.randomUUID(), 10)).isEmpty();
    }

    @Test
    void epochsOfOnePageArePublishedTogetherAndOnlyTheLastOnes() {
        Job job = rig.running();
        for (int step : new int[]{3, 6, 9, 12, 15}) {
            rig.says(job, snapshot(job, 1, step, "w"));
        }
        rig.pass();
        assertThat(checkpoints(job)).containsExactly(15, 12, 9);
        assertThat(rig.removed).isEmpty();
    }

    @Test
    void snapshotThatTheTrainerHasRemovedSinceIsLeftOut() {
        Job job = rig.running();
        Progress.Snapshot line = snapshot(job, 1, 5, "w");
        AdapterShelf.deleteTree(rig.run(job).snapshots());
        rig.says(job, line);
        rig.pass();
        assertThat(checkpoints(job)).isEmpty();
        assertThat(told(job)).isEmpty();
        epoch(job, 2, 5);
        assertThat(checkpoints(job)).containsExactly(5);
    }

    @Test
    void serverThatDiedBetweenFileAndRowPublishesWhatItHadPlaced() {
        Job job = rig.running();
        Progress.Snapshot line = snapshot(job, 1, 5, "weights after 5");
        UUID key = AdapterShelf.snapshotOf(job.id(), 5);
        rig.shelf.keep(rig.run(job).path().resolve(line.directory()), key);
        AdapterShelf.deleteTree(rig.run(job).snapshots());
        rig.says(job, line);
        rig.pass();
        assertThat(weights(model(job, 5).orElseThrow())).isEqualTo("weights after 5");
    }

    @Test
    void filesThatADeadServerLeftBehindAreSweptAway() throws IOException {
        Job job = rig.running();
        for (int step : new int[]{5, 10, 15, 20}) {
            epoch(job, 1, step);
        }
        Path left = Files.createDirectories(rig.shelf.place(AdapterShelf.snapshotOf(job.id(), 5)));
        rig.snapshots.sweep();
        assertThat(left).doesNotExist();
        assertThat(weights(model(job, 10).orElseThrow())).isEqualTo("weights after 10");
    }

    @Test
    void modelThatItsUserDeletedStaysDeleted() {
        Job job = rig.running();
        epoch(job, 1, 5);
        rig.models.delete(AdapterShelf.snapshotOf(job.id(), 5));
        epoch(job, 2, 5);
        assertThat(checkpoints(job)).isEmpty();
    }

    @Test
    void firstAttemptsWeightsKeepTheName() {
        Job job = rig.running();
        epoch(job, 1, 5);
        rig.says(job, snapshot(job, 2, 5, "other weights"));
        rig.pass();
        assertThat(weights(model(job, 5).orElseThrow())).isEqualTo("weights after 5");
    }

    @Test
    void jobThatGoesOnFromAnEpochKeepsItThoughLaterEpochsReplaceIt() {
        Job job = rig.running();
        epoch(job, 1, 5);
        UUID start = AdapterShelf.snapshotOf(job.id(), 5);
        Job next = rig.createFrom(start);
        for (int step : new int[]{10, 15, 20}) {
            epoch(job, 1, step);
        }
        assertThat(model(job, 5)).isEmpty();
        assertThat(rig.run(next).startAdapter().resolve("adapter_model.safetensors")).hasContent("weights after 5");
    }

    @Test
    void jobCannotGoOnFromAModelThatHasJustGone() {
        assertThatThrownBy(() -> rig.createFrom(UUID.randomUUID()))
                .isInstanceOf(ProblemException.class).hasMessageContaining("has just been deleted");
        assertThat(rig.jobs.live()).isEmpty();
    }
}
