package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.engine.lora.LoraShape;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        return new RunSpec(spec.version(), spec.baseModel(), null, spec.trainingFiles(), spec.validationFiles(),
                new RunSpec.Lora(3, 6, LoraShape.ALL_LINEAR, false, false, 1), spec.optimizer(), spec.batch(),
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
                assertThat(reusing.path().resolve("encoded")).doesNotExist();
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
        RunSpec spec = spec(60_000, MemoryTier.RECOMPUTE_ELEMENTWISE);
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
    void theBoundHolds() throws IOException {
        RunDirectory directory = runs.create("bounded", spec(50_000, MemoryTier.KEEP));
        AtomicInteger asked = new AtomicInteger();
        new Trainer(directory, () -> asked.incrementAndGet() > 9, 1000).run();
        long bytes = 0;
        try (var files = Files.newDirectoryStream(directory.path().resolve("encoded"), "*.hidden")) {
            for (Path file : files) {
                bytes += Files.size(file);
            }
        }
        assertThat(bytes).isBetween(1L, 50_000L);
    }
}
