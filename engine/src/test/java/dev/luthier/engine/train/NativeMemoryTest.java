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
import dev.luthier.engine.tensor.ResidentMemory;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

class NativeMemoryTest {
    private static final long TOLERANCE_BYTES = 16 << 20;

    /** A step makes some thousand native objects of about 50 bytes and more: 200 steps that leak them show. */
    @Test
    void twoHundredStepsLeaveNativeMemoryFlat() {
        Libtorch.start();
        Libtorch.setThreads(1);
        try (ParityFixture fixture = new ParityFixture("llama");
                SyntheticStep step = new SyntheticStep(
                        LoraModel.fresh(DecoderWeights.load(fixture.model(), DType.BF16),
                                LoraShape.plain(3, 6, RunSpec.Lora.LINEAR_LAYERS, fixture.model().config()),
                                MemoryTier.KEEP, 1))) {
            Pack pack = SyntheticPacks.of(fixture.model().config().vocabSize(), 2, 40, 39);
            for (int i = 0; i < 20; i++) {
                step.forwardBackward(pack);
                step.forwardBackward(pack);
                step.update();
            }
            System.gc();
            long objects = Pointer.totalCount();
            long resident = ResidentMemory.bytes();
            for (int i = 0; i < 200; i++) {
                step.forwardBackward(pack);
                step.forwardBackward(pack);
                step.update();
            }
            System.gc();
            assertThat(Pointer.totalCount()).isEqualTo(objects);
            assertThat(ResidentMemory.bytes() - resident).isLessThan(TOLERANCE_BYTES);
        }
    }
}
