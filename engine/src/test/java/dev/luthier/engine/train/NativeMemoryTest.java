package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.adapter.LoraShape;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.RunSpec;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.decoder.Pack;
import dev.luthier.engine.decoder.ParityFixture;
import dev.luthier.engine.probe.SyntheticPacks;
import dev.luthier.engine.probe.SyntheticStep;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A step frees what it makes. The binding's own count of objects is off, so glibc is asked what is allocated, in a process
 * whose virtual machine compiles nothing: its compilers would take and give back megabytes meanwhile.
 */
@EnabledOnOs(OS.LINUX)
class NativeMemoryTest {
    private static final int STEPS = 60;
    /** Windows that are measured; the virtual machine takes and gives back memory of its own in some of them. */
    private static final int WINDOWS = 7;
    /** Windows before, in which it does so most. */
    private static final int WARM_UP = 4;
    /** Of a step: less than the smallest tensor takes, with its storage. */
    private static final long TOLERANCE_BYTES = 128;

    @TempDir
    Path folder;

    /** The process: prints the bytes by which a step lets native memory grow. */
    static final class Growth {
        private Growth() {}

        /** @param arguments {@code leak} for steps of which each forgets one tensor */
        public static void main(String[] arguments) {
            Libtorch.start();
            Libtorch.setThreads(1);
            boolean leaks = arguments.length > 0;
            try (ParityFixture fixture = new ParityFixture("llama");
                    SyntheticStep step = new SyntheticStep(
                            LoraModel.fresh(DecoderWeights.load(fixture.model(), DType.BF16),
                                    LoraShape.plain(3, 6, RunSpec.Lora.LINEAR_LAYERS, fixture.model().config()),
                                    MemoryTier.KEEP, 1))) {
                Pack pack = SyntheticPacks.of(fixture.model().config().vocabSize(), 2, 40, 39);
                for (int i = 0; i < WARM_UP; i++) {
                    run(step, pack, false);
                }
                long[] growths = new long[WINDOWS];
                for (int i = 0; i < WINDOWS; i++) {
                    long before = NativeHeap.allocatedBytes();
                    run(step, pack, leaks);
                    growths[i] = NativeHeap.allocatedBytes() - before;
                }
                System.out.println(Arrays.stream(growths).sorted().toArray()[WINDOWS / 2] / STEPS);
            }
        }

        private static void run(SyntheticStep step, Pack pack, boolean leaks) {
            for (int i = 0; i < STEPS; i++) {
                step.forwardBackward(pack);
                step.forwardBackward(pack);
                step.update();
                if (leaks) {
                    torch.ones(1);
                }
            }
        }
    }

    private long growthPerStep(String... arguments) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xint", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), Growth.class.getName());
        builder.command().addAll(List.of(arguments));
        builder.environment().put("OMP_NUM_THREADS", "1");
        Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            assertThat(process.waitFor(4, TimeUnit.MINUTES)).as("the process ends").isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Long.parseLong(Files.readString(output).strip());
    }

    @Test
    void stepsLeaveNativeMemoryFlat() throws IOException, InterruptedException {
        assertThat(growthPerStep()).isLessThan(TOLERANCE_BYTES);
    }

    @Test
    void oneTensorLeakedByAStepIsSeen() throws IOException, InterruptedException {
        assertThat(growthPerStep("leak")).isGreaterThanOrEqualTo(TOLERANCE_BYTES);
    }
}
