package dev.luthier.core.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MemoryPlannerTest {
    private static final ModelConfig MODEL = ModelConfig.parse(Json.parse("""
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 32000, "hidden_size": 2048,
             "intermediate_size": 5632, "num_hidden_layers": 22, "num_attention_heads": 32, "num_key_value_heads": 4,
             "max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "tie_word_embeddings": false}"""));
    private static final RunSpec.Lora LORA = RunSpec.Lora.plain(16, 32, RunSpec.Lora.LINEAR_LAYERS);

    private static RunSpec.Numerics numerics(MemoryTier tier, Quantization quantization) {
        return new RunSpec.Numerics("bf16", quantization, ComputeDevice.CPU, 2, tier, 0);
    }

    private static MemoryPlanner planner(long available) {
        return new MemoryPlanner(MODEL, MemoryPlanner.Longest.of(512), available, true, true);
    }

    private static MemoryPlanner.Choice choose(long available) {
        return planner(available).choose(LORA, numerics(MemoryTier.KEEP, Quantization.NONE), null, List.of(2048));
    }

    /** By hand, from the published parameter count of this shape: 1,100,048,384. */
    @Test
    void frozenWeightsTakeTwoBytesAParameter() {
        assertThat(StepMemory.of(MODEL, LORA, numerics(MemoryTier.KEEP, Quantization.NONE), 2048, 512).base())
                .isEqualTo(2 * 1_100_048_384L);
        assertThat(StepMemory.of(MODEL, LORA, RunSpec.Numerics.plain("fp32", 2), 2048, 512).base())
                .isEqualTo(4 * 1_100_048_384L);
    }

    /** By hand: rank 16 x (4,096 + 2,304 + 2,304 + 4,096 + 3 x 7,680) inputs and outputs x 22 layers. */
    @Test
    void adapterTakesItsOptimizerStateAndItsCopies() {
        long elements = 16L * 35_840 * 22;
        assertThat(StepMemory.of(MODEL, LORA, numerics(MemoryTier.KEEP, Quantization.NONE), 2048, 512).adapter())
                .isBetween(elements * (5 * 4 + 2), elements * (5 * 4 + 4));
    }

    @ParameterizedTest
    @CsvSource({"8.0, KEEP, 6.4", "5.5, RECOMPUTE_ELEMENTWISE, 4.9", "4.0, RECOMPUTE_LAYERS, 3.4"})
    void fastestTierThatFitsIsChosen(double gigabytes, MemoryTier tier, double needed) {
        MemoryPlanner.Choice choice = choose((long) (gigabytes * 1e9));
        assertThat(choice.tier()).isEqualTo(tier);
        assertThat(choice.peakBytes() / 1e9).isCloseTo(needed, withinPercentage(5));
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
        assertThatThrownBy(() -> choose(3_200_000_000L)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("needs about 3.4 GB of memory; 3.2 GB are available")
                .hasMessageContaining("What would fit: pack_tokens 512 (2.9 GB)")
                .hasMessageContaining("quantization nf4 (2.1 GB)");
        assertThatThrownBy(() -> choose(1_800_000_000L))
                .hasMessageContaining("pack_tokens 512 with quantization nf4 (1.6 GB)");
        assertThatThrownBy(() -> choose(1_000_000)).hasMessageContaining("smaller base model");
    }

    @Test
    void whatIsOfferedIsThenAccepted() {
        RunSpec.Numerics plain = numerics(MemoryTier.KEEP, Quantization.NONE);
        assertThat(planner(3_200_000_000L).choose(LORA, plain, null, List.of(512)).tier())
                .isEqualTo(MemoryTier.RECOMPUTE_LAYERS);
        assertThat(planner(3_200_000_000L)
                .choose(LORA, numerics(MemoryTier.KEEP, Quantization.NF4), null, List.of(2048)).tier())
                .isEqualTo(MemoryTier.RECOMPUTE_LAYERS);
    }

    @Test
    void onlyWhatIsPossibleIsOffered() {
        assertThatThrownBy(() -> choose(3_200_000_000L)).hasMessageContaining("top_layers 5");
        assertThatThrownBy(() -> new MemoryPlanner(MODEL, MemoryPlanner.Longest.of(512), 3_200_000_000L, false, true)
                .choose(LORA, numerics(MemoryTier.KEEP, Quantization.NONE), null, List.of(2048)))
                .hasMessageContaining("quantization nf4").hasMessageNotContaining("top_layers");
    }

    @Test
    void baseOfATrainingInFp32IsKeptInBf16WhereMemoryAsksForIt() {
        RunSpec.Numerics fp32 = RunSpec.Numerics.plain("fp32", 2);
        long wide = StepMemory.of(MODEL, LORA, fp32, 2048, 512).total();
        long narrow = StepMemory.of(MODEL, LORA, fp32.with(Quantization.BF16), 2048, 512).total();
        assertThat(planner(wide).choose(LORA, fp32, null, List.of(2048)).quantization()).isEqualTo(Quantization.NONE);
        assertThat(planner(wide - 1).choose(LORA, fp32, null, List.of(2048)))
                .isEqualTo(new MemoryPlanner.Choice(MemoryTier.KEEP, Quantization.BF16, 2048, narrow));
        assertThat(new MemoryPlanner(MODEL, MemoryPlanner.Longest.of(512), wide - 1, true, false).choose(LORA, fp32,
                null, List.of(2048)))
                .as("weights stored in fp32 are not rounded").extracting(MemoryPlanner.Choice::quantization)
                .isEqualTo(Quantization.NONE);
        long least = StepMemory
                .of(MODEL, LORA, fp32.with(Quantization.BF16).with(MemoryTier.RECOMPUTE_LAYERS), 2048, 512)
                .total();
        assertThatThrownBy(() -> planner(least - 1).choose(LORA, fp32, null, List.of(2048)))
                .hasMessageContaining("pack_tokens 512").hasMessageContaining("quantization nf4");
    }

    @ParameterizedTest
    @CsvSource({"8.0, KEEP, 2048", "6.0, KEEP, 1024", "4.0, RECOMPUTE_ELEMENTWISE, 1024", "3.2, RECOMPUTE_LAYERS, 1024",
            "3.0, RECOMPUTE_LAYERS, 512"})
    void shorterPacksComeBeforeComputingMoreThanOnce(double gigabytes, MemoryTier tier, int packs) {
        MemoryPlanner.Choice choice = planner((long) (gigabytes * 1e9)).choose(LORA,
                numerics(MemoryTier.KEEP, Quantization.NONE), null, List.of(2048, 1024, 512, 256));
        assertThat(choice.tier()).isEqualTo(tier);
        assertThat(choice.packTokens()).isEqualTo(packs);
    }

    @Test
    void machineHasMemoryForEachOfItsRuns() {
        assertThat(MachineMemory.forEachOf(2, ComputeDevice.CPU)).isPositive()
                .isLessThan(MachineMemory.forEachOf(1, ComputeDevice.CPU));
        assertThat(MachineMemory.forEachOf(2, ComputeDevice.CUDA)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void wantedTierIsTakenOrRefused() {
        RunSpec.Numerics numerics = numerics(MemoryTier.KEEP, Quantization.NONE);
        assertThat(planner(8_000_000_000L).choose(LORA, numerics, MemoryTier.RECOMPUTE_LAYERS, List.of(2048)).tier())
                .isEqualTo(MemoryTier.RECOMPUTE_LAYERS);
        assertThatThrownBy(() -> planner(5_500_000_000L).choose(LORA, numerics, MemoryTier.KEEP, List.of(2048)))
                .hasMessageContaining("memory_tier recompute_layers");
    }
}
