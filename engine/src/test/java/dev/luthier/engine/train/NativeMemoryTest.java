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
import java.util.Arrays;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A step frees what it makes. The binding's own count of objects is off, so glibc is asked what is allocated. */
@EnabledOnOs(OS.LINUX)
class NativeMemoryTest {
    private static final int WINDOWS = 12;
    /** Until the virtual machine has compiled what runs. */
    private static final int WARM_UP_STEPS = 300;
    private static final int STEPS_A_WINDOW = 10;
    /** Of a step: less than the smallest tensor takes, with its storage. */
    private static final long TOLERANCE_BYTES = 256;

    private static ParityFixture fixture;
    private static SyntheticStep step;
    private static Pack pack;

    @BeforeAll
    static void open() {
        Libtorch.start();
        Libtorch.setThreads(1);
        fixture = new ParityFixture("llama");
        step = new SyntheticStep(LoraModel.fresh(DecoderWeights.load(fixture.model(), DType.BF16),
                LoraShape.plain(3, 6, RunSpec.Lora.LINEAR_LAYERS, fixture.model().config()), MemoryTier.KEEP, 1));
        pack = SyntheticPacks.of(fixture.model().config().vocabSize(), 2, 40, 39);
        for (int i = 0; i < WARM_UP_STEPS; i++) {
            oneStep();
        }
    }

    @AfterAll
    static void close() {
        step.close();
        fixture.close();
    }

    /**
     * Bytes by which a step lets native memory grow: the lower quartile of the windows, since the virtual machine
     * allocates and frees too, but little in most of them.
     */
    private static double growthPerStep(Runnable eachStep) {
        long[] growth = new long[WINDOWS];
        for (int window = 0; window < WINDOWS; window++) {
            long before = NativeHeap.allocatedBytes();
            for (int i = 0; i < STEPS_A_WINDOW; i++) {
                eachStep.run();
            }
            growth[window] = NativeHeap.allocatedBytes() - before;
        }
        System.out.println("bytes that windows left: " + Arrays.toString(growth));
        Arrays.sort(growth);
        return (double) growth[WINDOWS / 4] / STEPS_A_WINDOW;
    }

    private static void oneStep() {
        step.forwardBackward(pack);
        step.forwardBackward(pack);
        step.update();
    }

    @Test
    void stepsLeaveNativeMemoryFlat() {
        assertThat(growthPerStep(NativeMemoryTest::oneStep)).isLessThan(TOLERANCE_BYTES);
    }

    @Test
    void smallestTensorLeakedByAStepIsSeen() {
        assertThat(growthPerStep(() -> {
            oneStep();
            torch.ones(1);
        })).isGreaterThanOrEqualTo(TOLERANCE_BYTES);
    }
}
