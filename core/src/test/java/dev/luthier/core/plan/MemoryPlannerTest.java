package dev.luthier.core.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunSpec;
import org.junit.jupiter.api.Test;

final class MemoryPlannerTest {
    private static final ModelConfig MODEL = ModelConfig.parse(Json.parse("""
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 32000, "hidden_size": 2048,
             "intermediate_size": 5632, "num_hidden_layers": 22, "num_attention_heads": 32, "num_key_value_heads": 4,
             "max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "tie_word_embeddings": false}"""));
    private static final RunSpec.Lora LORA = RunSpec.Lora.plain(16, 32, RunSpec.Lora.LINEAR_LAYERS);

    private static RunSpec.Numerics numerics(MemoryTier tier, Quantization quantization) {
        return new RunSpec.Numerics("bf16", quantization, ComputeDevice.CPU, 2, tier, 0);
    }

    private static long total(MemoryTier tier, Quantization quantization, int packTokens) {
        return StepMemory.of(MODEL, LORA, numerics(tier, quantization), packTokens, 512).total();
    }

    private static MemoryPlanner planner(long available) {
        return new MemoryPlanner(MODEL, 512, available, true, true);
    }

    private static MemoryPlanner.Choice choose(long available) {
        return planner(available).choose(LORA, numerics(MemoryTier.KEEP, Quantization.NONE), null, 2048);
    }

    @Test
    void everyTierNeedsLessThanTheOneBefore() {
        long before = Long.MAX_VALUE;
        for (MemoryTier tier : MemoryTier.values()) {
            long bytes = total(tier, Quantization.NONE, 2048);
            assertThat(bytes).isLessThan(before);
            before = bytes;
        }
    }

    @Test
    void fastestTierThatFitsIsChosen() {
        for (MemoryTier tier : MemoryTier.values()) {
            long bytes = total(tier, Quantization.NONE, 2048);
            assertThat(choose(bytes)).isEqualTo(new MemoryPlanner.Choice(tier, Quantization.NONE, bytes));
        }
    }

    @Test
    void quantisedLinearLayersTakeAboutElevenTwentiethsOfAByte() {
        StepMemory plain = StepMemory.of(MODEL, LORA, numerics(MemoryTier.KEEP, Quantization.NONE), 2048, 512);
        StepMemory quantised = StepMemory.of(MODEL, LORA, numerics(MemoryTier.KEEP, Quantization.NF4), 2048, 512);
        double linear = 22.0 * (2048L * (2048 + 512 + 2048) + 3L * 2048 * 5632);
        assertThat((plain.base() - quantised.base()) / linear).isBetween(1.3, 1.45);
    }

    @Test
    void whatDoesNotFitIsRefusedWithWhatWould() {
        long least = total(MemoryTier.RECOMPUTE_LAYERS, Quantization.NONE, 2048);
        assertThatThrownBy(() -> choose(least - 1)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("What would fit: pack_tokens 512").hasMessageContaining("quantization nf4");
        assertThatThrownBy(() -> choose(total(MemoryTier.RECOMPUTE_LAYERS, Quantization.NF4, 2048) - 1))
                .hasMessageContaining("pack_tokens 512 with quantization nf4");
        assertThatThrownBy(() -> choose(1_000_000)).hasMessageContaining("smaller base model");
    }

    @Test
    void onlyWhatIsPossibleIsOffered() {
        long layers = total(MemoryTier.RECOMPUTE_LAYERS, Quantization.NONE, 2048);
        assertThatThrownBy(() -> choose(layers - 1)).hasMessageContaining("top_layers");
        assertThatThrownBy(() -> new MemoryPlanner(MODEL, 512, layers - 1, false, true)
                .choose(LORA, numerics(MemoryTier.KEEP, Quantization.NONE), null, 2048))
                .hasMessageContaining("quantization nf4").hasMessageNotContaining("top_layers");
    }

    @Test
    void baseOfATrainingInFp32IsKeptInBf16WhereMemoryAsksForIt() {
        RunSpec.Numerics fp32 = RunSpec.Numerics.plain("fp32", 2);
        long wide = StepMemory.of(MODEL, LORA, fp32, 2048, 512).total();
        long narrow = StepMemory.of(MODEL, LORA, fp32.with(Quantization.BF16), 2048, 512).total();
        assertThat(planner(wide).choose(LORA, fp32, null, 2048).quantization()).isEqualTo(Quantization.NONE);
        assertThat(planner(wide - 1).choose(LORA, fp32, null, 2048))
                .isEqualTo(new MemoryPlanner.Choice(MemoryTier.KEEP, Quantization.BF16, narrow));
        assertThat(new MemoryPlanner(MODEL, 512, wide - 1, true, false).choose(LORA, fp32, null, 2048))
                .as("weights stored in fp32 are not rounded").extracting(MemoryPlanner.Choice::quantization)
                .isEqualTo(Quantization.NONE);
        long least = StepMemory
                .of(MODEL, LORA, fp32.with(Quantization.BF16).with(MemoryTier.RECOMPUTE_LAYERS), 2048, 512)
                .total();
        assertThatThrownBy(() -> planner(least - 1).choose(LORA, fp32, null, 2048))
                .hasMessageContaining("pack_tokens 512").hasMessageContaining("quantization nf4");
    }

    @Test
    void machineHasMemoryForEachOfItsRuns() {
        assertThat(MachineMemory.forEachOf(2, ComputeDevice.CPU)).isPositive()
                .isLessThan(MachineMemory.forEachOf(1, ComputeDevice.CPU));
        assertThat(MachineMemory.forEachOf(2, ComputeDevice.CUDA)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void wantedTierIsTakenOrRefused() {
        long available = total(MemoryTier.KEEP, Quantization.NONE, 2048);
        RunSpec.Numerics numerics = numerics(MemoryTier.KEEP, Quantization.NONE);
        assertThat(planner(available).choose(LORA, numerics, MemoryTier.RECOMPUTE_LAYERS, 2048).tier())
                .isEqualTo(MemoryTier.RECOMPUTE_LAYERS);
        assertThatThrownBy(() -> planner(available - 1).choose(LORA, numerics, MemoryTier.KEEP, 2048))
                .hasMessageContaining("memory_tier recompute_layers");
    }
}
