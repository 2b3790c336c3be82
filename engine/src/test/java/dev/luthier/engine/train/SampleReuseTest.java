package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.json.Json;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.Desired;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SampleReuseTest {
    @TempDir
    private Path folder;
    private TinyRun runs;

    @BeforeAll
    static void startLibtorch() {
        Libtorch.start();
    }

    @BeforeEach
    void makeModel() throws IOException {
        runs = new TinyRun(folder);
    }

    /** The run of {@link TinyRun} with adapters on the last layer only. */
    private RunSpec spec(long reuseBytes, MemoryTier tier) {
        RunSpec spec = runs.spec();
        return new RunSpec(spec.baseModel(), null, spec.trainingFiles(), spec.validationFiles(),
                new RunSpec.Lora(3, 6, RunSpec.Lora.LINEAR_LAYERS, false, false, 1), spec.optimizer(), spec.batch(),
                new RunSpec.Numerics("fp32", Quantization.NONE, ComputeDevice.CPU, 1, tier, reuseBytes), spec.seed());
    }

    private static Outcome.Trained train(RunDirectory directory) {
        return (Outcome.Trained) new Trainer(directory, () -> false, 1000).run();
    }

    private static List<Double> losses(RunDirectory directory) {
        return TinyRun.progress(directory).stream().filter(Progress.Step.class::isInstance)
                .map(line -> ((Progress.Step) line).loss()).toList();
    }

    private static List<Double> validLosses(RunDirectory directory) {
        return TinyRun.progress(directory).stream().filter(Progress.Metric.class::isInstance)
                .map(line -> ((Progress.Metric) line).validLoss()).toList();
    }

    @Test
    void reusedLowerLayersGiveTheSameTraining() {
        RunDirectory plain = runs.create("plain", spec(0, MemoryTier.KEEP));
        train(plain);
        for (long bytes : new long[]{40_000, 1 << 20}) {
            for (MemoryTier tier : MemoryTier.values()) {
                RunDirectory reusing = runs.create("reusing-" + bytes + tier, spec(bytes, tier));
                train(reusing);
                assertThat(TinyRun.progress(reusing)).filteredOn(Progress.Note.class::isInstance)
                        .extracting(line -> ((Progress.Note) line).message()).singleElement().asString()
                        .contains("computed once");
                assertClose(losses(reusing), losses(plain));
                assertClose(validLosses(reusing), validLosses(plain));
                assertThat(reusing.encoded()).doesNotExist();
            }
        }
    }

    private static void assertClose(List<Double> actual, List<Double> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i)).isCloseTo(expected.get(i), within(1e-5));
        }
    }

    @Test
    void pausedRunThatReusesEndsWithTheBytesOfAnUndisturbedOne() {
        assertPausesChangeNothing(spec(60_000, MemoryTier.RECOMPUTE_ELEMENTWISE));
    }

    @Test
    void pausedDoraOnAQuantisedBaseThatReusesEndsWithTheBytesOfAnUndisturbedOne() {
        RunSpec spec = spec(60_000, MemoryTier.KEEP);
        assertPausesChangeNothing(new RunSpec(spec.baseModel(), null, spec.trainingFiles(),
                spec.validationFiles(), new RunSpec.Lora(3, 6, RunSpec.Lora.LINEAR_LAYERS, true, true, 1),
                spec.optimizer(),
                spec.batch(),
                new RunSpec.Numerics("bf16", Quantization.NF4, ComputeDevice.CPU, 1, MemoryTier.KEEP, 20_000),
                spec.seed()));
    }

    private void assertPausesChangeNothing(RunSpec spec) {
        Outcome.Trained undisturbed = train(runs.create("whole", spec));
        RunDirectory directory = runs.create("paused", spec);
        Outcome outcome = null;
        int attempts = 0;
        while (!(outcome instanceof Outcome.Trained)) {
            AtomicInteger asked = new AtomicInteger();
            outcome = new Trainer(directory, () -> asked.incrementAndGet() > 4, 1000).run();
            attempts++;
        }
        assertThat(attempts).isGreaterThan(3);
        assertThat(((Outcome.Trained) outcome).adapterSha256()).isEqualTo(undisturbed.adapterSha256());
    }

    @Test
    void wishToStopThatIsTakenBackDoesNotEndReuse() {
        RunSpec spec = spec(60_000, MemoryTier.KEEP);
        Outcome.Trained undisturbed = train(runs.create("whole", spec));
        AtomicInteger asked = new AtomicInteger();
        Outcome outcome = new Trainer(runs.create("wavering", spec), () -> asked.incrementAndGet() == 2, 1000).run();
        assertThat(((Outcome.Trained) outcome).adapterSha256()).isEqualTo(undisturbed.adapterSha256());
    }

    /** A run that was stopped some steps after its hidden states were made. */
    private RunDirectory stopped(String name) {
        RunDirectory directory = runs.create(name, spec(50_000, MemoryTier.KEEP));
        AtomicInteger asked = new AtomicInteger();
        assertThat(new Trainer(directory, () -> asked.incrementAndGet() > 12, 1000).run())
                .isInstanceOf(Outcome.Paused.class);
        assertThat(directory.path().resolve("encoded/lower-0.hidden")).exists();
        return directory;
    }

    @Test
    void hiddenStatesOfOtherSamplesAreMadeAnew() throws IOException {
        RunDirectory directory = stopped("other-data");
        Files.writeString(runs.trainFile(), Files.readString(runs.trainFile()).replace("w1", "w2"));
        CheckpointStore.delete(directory.checkpoints());
        Outcome.Trained expected = train(runs.create("fresh", directory.readSpec()));
        assertThat(train(directory).adapterSha256()).isEqualTo(expected.adapterSha256());
    }

    @Test
    void hiddenStatesOfAnotherSpecAreMadeAnew() throws IOException {
        RunDirectory directory = stopped("other-spec");
        RunSpec spec = directory.readSpec();
        RunSpec other = new RunSpec(spec.baseModel(), null, spec.trainingFiles(),
                spec.validationFiles(), spec.lora(), spec.optimizer(), new RunSpec.Batch(4, 64, 64, 0),
                new RunSpec.Numerics("bf16", Quantization.NF4, ComputeDevice.CPU, 1, MemoryTier.KEEP, 50_000),
                spec.seed());
        Files.writeString(directory.specFile(), Json.write(other));
        CheckpointStore.delete(directory.checkpoints());
        Outcome.Trained expected = train(runs.create("fresh", other));
        assertThat(train(directory).adapterSha256()).isEqualTo(expected.adapterSha256());
    }

    @Test
    void damagedFilesOfHiddenStatesAreMadeAnew() throws IOException {
        Outcome.Trained undisturbed = train(runs.create("whole", spec(50_000, MemoryTier.KEEP)));
        RunDirectory marker = stopped("marker");
        Files.writeString(marker.path().resolve("encoded/lower-0.hidden.samples"), "many\n");
        assertThat(train(marker).adapterSha256()).isEqualTo(undisturbed.adapterSha256());
        RunDirectory shortened = stopped("shortened");
        Path hidden = shortened.path().resolve("encoded/lower-0.hidden");
        Files.write(hidden, Arrays.copyOf(Files.readAllBytes(hidden), 100));
        assertThat(train(shortened).adapterSha256()).isEqualTo(undisturbed.adapterSha256());
        RunDirectory flipped = stopped("flipped");
        Path states = flipped.path().resolve("encoded/lower-0.hidden");
        byte[] bytes = Files.readAllBytes(states);
        bytes[1_002] ^= 64;
        Files.write(states, bytes);
        assertThat(train(flipped).adapterSha256()).isEqualTo(undisturbed.adapterSha256());
    }

    @Test
    void cancelledRunLeavesNothingOfItsDataOnDisk() {
        RunDirectory directory = stopped("cancelled");
        directory.writeDesired(Desired.CANCEL);
        assertThat(new Trainer(directory, () -> false, 1000).run()).isInstanceOf(Outcome.Cancelled.class);
        assertThat(directory.encoded()).doesNotExist();
        assertThat(directory.checkpoints()).doesNotExist();
    }

    @Test
    void theBoundHolds() throws IOException {
        RunDirectory directory = stopped("bounded");
        long bytes = 0;
        try (var files = Files.newDirectoryStream(directory.encoded(), "*.hidden")) {
            for (Path file : files) {
                bytes += Files.size(file);
            }
        }
        assertThat(bytes).isBetween(1L, 50_000L);
    }
}
