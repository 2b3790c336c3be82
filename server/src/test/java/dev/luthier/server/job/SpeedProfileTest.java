package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.plan.Arithmetic;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunSpec;
import dev.luthier.server.model.BaseModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a job's speed depends on. */
final class SpeedProfileTest {
    private static final BaseModel BASE = new BaseModel("m", Path.of("m"), List.of(), 128, 4, 1000, true, true, 0);

    private static SpeedProfile shape(RunSpec.Lora lora, Quantization quantization) {
        return SpeedProfile.of(BASE, new TrainingSettings(lora, "bf16", quantization, 64, 4, 0, 0, null,
                RunSpec.Selection.LAST, 0, false, null),
                Rig.plan(20), new Arithmetic("bf16", quantization, 2, "", false));
    }

    @Test
    void scalingDoesNotMatterAndEverythingElseDoes() {
        SpeedProfile plain = shape(RunSpec.Lora.plain(8, 16, RunSpec.Lora.LINEAR_LAYERS), Quantization.NONE);
        assertThat(shape(new RunSpec.Lora(8, 3, RunSpec.Lora.LINEAR_LAYERS, true, false, 4), Quantization.NONE))
                .isEqualTo(plain);
        assertThat(List.of(plain, shape(RunSpec.Lora.plain(4, 16, RunSpec.Lora.LINEAR_LAYERS), Quantization.NONE),
                shape(RunSpec.Lora.plain(8, 16, List.of("q_proj")), Quantization.NONE),
                shape(new RunSpec.Lora(8, 16, RunSpec.Lora.LINEAR_LAYERS, false, true, 0), Quantization.NONE),
                shape(new RunSpec.Lora(8, 16, RunSpec.Lora.LINEAR_LAYERS, false, false, 2), Quantization.NONE),
                shape(RunSpec.Lora.plain(8, 16, RunSpec.Lora.LINEAR_LAYERS), Quantization.NF4)))
                .extracting(SpeedProfile::key).doesNotHaveDuplicates();
    }

    @Test
    void probeIsToldWhatDiffersFromPlainLora() {
        assertThat(shape(RunSpec.Lora.plain(8, 16, RunSpec.Lora.LINEAR_LAYERS), Quantization.NONE).probeArguments())
                .containsExactly("--type", "bf16", "--rank", "8", "--micro-batch-tokens", "64", "--sample-tokens", "32",
                        "--memory-tier", "keep", "--threads", "2");
        assertThat(new SpeedProfile("m", 8, List.of("q_proj", "v_proj"), true, 2, "bf16", Quantization.NF4, 64, 48,
                MemoryTier.RECOMPUTE_LAYERS, 3).probeArguments())
                .containsExactly("--type", "bf16", "--rank", "8", "--micro-batch-tokens", "64", "--sample-tokens",
                        "48", "--memory-tier", "recompute_layers", "--threads", "3", "--targets", "q_proj,v_proj",
                        "--dora", "--top-layers", "2", "--quantization", "nf4");
    }
}
