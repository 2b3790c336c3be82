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
import dev.luthier.engine.tensor.Libtorch;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bundled model learns the demonstration task on a quantised base as on a plain one. Few steps; {@code bench/run
 * parity} makes 200 with three seeds.
 */
class QuantizedTrainingTest {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
    private static final int STEPS = 30;
    private static final double RATE = 2e-3;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        Libtorch.start();
    }

    private static RunSpec spec(Quantization quantization, int steps, double rate) {
        Path data = REPOSITORY.resolve("examples/commands");
        return new RunSpec(REPOSITORY.resolve("models/luthier-tiny"), null,
                List.of(new RunSpec.DataFile(data.resolve("train.jsonl"), 1, "")),
                List.of(new RunSpec.DataFile(data.resolve("valid.jsonl"), 1, "")),
                RunSpec.Lora.plain(8, 16, RunSpec.Lora.LINEAR_LAYERS),
                new RunSpec.Optimizer(steps, rate, 0, 0.1, 0.9, 0.999, 1e-8, 1.0), new RunSpec.Batch(8, 512, 1024, 0),
                new RunSpec.Numerics("bf16", quantization, ComputeDevice.CPU, 1, MemoryTier.KEEP, 0), 1);
    }

    private RunDirectory create(String name, RunSpec spec) {
        RunDirectory directory = new RunDirectory(folder.resolve(name));
        directory.create(spec);
        return directory;
    }

    private static Outcome.Trained train(RunDirectory directory) {
        Outcome outcome = new Trainer(directory, () -> false, 1000).run();
        assertThat(outcome).isInstanceOf(Outcome.Trained.class);
        return (Outcome.Trained) outcome;
    }

    private double heldOutLoss(Quantization quantization, int steps, double rate) {
        RunDirectory directory = create(quantization.label() + steps, spec(quantization, steps, rate));
        train(directory);
        Progress.Metric last = (Progress.Metric) TinyRun.progress(directory).stream()
                .filter(Progress.Metric.class::isInstance).reduce((_, later) -> later).orElseThrow();
        assertThat(last.step()).isEqualTo(steps);
        return Objects.requireNonNull(last.validLoss());
    }

    /** A step at rate zero leaves the base as it is. */
    private double drop(Quantization quantization) {
        return heldOutLoss(quantization, 1, 0) - heldOutLoss(quantization, STEPS, RATE);
    }

    @Test
    void heldOutLossDropsAsOnThePlainBaseWithinOnePercent() {
        double plain = drop(Quantization.NONE);
        double quantized = drop(Quantization.NF4);
        assertThat(plain).isGreaterThan(2);
        assertThat(quantized).isNotEqualTo(plain).isCloseTo(plain, within(0.01 * plain));
    }

    @Test
    void pausedRunEndsWithTheBytesOfAnUndisturbedOne() {
        RunSpec spec = spec(Quantization.NF4, 6, RATE);
        Outcome.Trained undisturbed = train(create("whole", spec));
        RunDirectory paused = create("paused", spec);
        int[] asked = {0};
        assertThat(new Trainer(paused, () -> asked[0]++ >= 3, 1000).run()).isEqualTo(new Outcome.Paused(3));
        assertThat(train(paused).adapterSha256()).isEqualTo(undisturbed.adapterSha256());
    }
}
