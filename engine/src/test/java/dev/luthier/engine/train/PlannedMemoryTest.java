package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.plan.StepMemory;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.engine.decoder.Pack;
import dev.luthier.engine.probe.SyntheticPacks;
import dev.luthier.engine.probe.SyntheticStep;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The planner's figures are those of the engine's buffers: what a model and its step hold is counted when the step's temporary
 * tensors (the masks, mainly) are gone again.
 */
final class PlannedMemoryTest {
    private static final int SAMPLE = 256;
    private static final int SAMPLES = 4;
    private static final double PERCENT = 6;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void writeModels() throws IOException {
        Libtorch.start();
        Libtorch.setThreads(1);
        write("llama", "LlamaForCausalLM", false);
        write("qwen3", "Qwen3ForCausalLM", true);
    }

    private static void write(String type, String architecture, boolean tied) throws IOException {
        Path model = Files.createDirectories(folder.resolve(type));
        Files.writeString(model.resolve("config.json"), Json.write(Map.ofEntries(
                Map.entry("architectures", List.of(architecture)), Map.entry("model_type", type),
                Map.entry("vocab_size", 8192), Map.entry("hidden_size", 512), Map.entry("intermediate_size", 1408),
                Map.entry("num_hidden_layers", 6), Map.entry("num_attention_heads", 8),
                Map.entry("num_key_value_heads", 2), Map.entry("head_dim", 64),
                Map.entry("max_position_embeddings", 1024), Map.entry("rms_norm_eps", 1e-5),
                Map.entry("tie_word_embeddings", tied), Map.entry("torch_dtype", "bfloat16"))));
        SafetensorsWriter writer = new SafetensorsWriter();
        ModelDirectory.open(model).config().tensorShapes().forEach((name, shape) -> {
            float[] values = new float[Math
                    .toIntExact(shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b))];
            Arrays.fill(values, 0.01f);
            writer.add(name, shape, values);
        });
        writer.write(model.resolve("model.safetensors"));
    }

    /** Bytes that a model holds after a step. */
    private static long held(String model, RunSpec.Lora lora, RunSpec.Numerics numerics) {
        ModelDirectory directory = ModelDirectory.open(folder.resolve(model));
        long before = TensorArena.heldBytes();
        try (SyntheticStep step = new SyntheticStep(LoraModel.fresh(directory, lora, numerics, 1))) {
            Pack pack = SyntheticPacks.of(directory.config().vocabSize(), SAMPLES, SAMPLE, SAMPLE - 1);
            step.forwardBackward(pack);
            step.update();
            return TensorArena.heldBytes() - before;
        }
    }

    @ParameterizedTest
    @CsvSource({"llama, bf16, KEEP, NONE, false, 0", "llama, bf16, RECOMPUTE_ELEMENTWISE, NONE, false, 0",
            "llama, bf16, RECOMPUTE_LAYERS, NONE, false, 0", "llama, fp32, KEEP, NONE, false, 0",
            "llama, fp32, RECOMPUTE_LAYERS, BF16, false, 0", "llama, bf16, KEEP, NF4, false, 0",
            "llama, fp32, KEEP, NF4, false, 0", "llama, bf16, KEEP, NONE, true, 0",
            "llama, fp32, RECOMPUTE_ELEMENTWISE, NF4, true, 0", "llama, bf16, KEEP, NONE, false, 2",
            "qwen3, bf16, KEEP, NONE, false, 0", "qwen3, fp32, RECOMPUTE_ELEMENTWISE, NONE, true, 0",
            "qwen3, bf16, RECOMPUTE_LAYERS, NF4, false, 0", "qwen3, bf16, RECOMPUTE_LAYERS, NONE, false, 0",
            "llama, bf16, RECOMPUTE_LAYERS, NF4, false, 0", "qwen3, bf16, KEEP, NF4, false, 0"})
    void planIsWhatTheStepHolds(String model, String type, MemoryTier tier, Quantization quantization, boolean dora,
            int topLayers) {
        RunSpec.Lora lora = new RunSpec.Lora(8, 16, RunSpec.Lora.LINEAR_LAYERS, false, dora, topLayers);
        RunSpec.Numerics numerics = new RunSpec.Numerics(type, quantization, ComputeDevice.CPU, 1, tier, 0);
        StepMemory planned = StepMemory.of(ModelDirectory.open(folder.resolve(model)).config(), lora, numerics,
                SAMPLES * SAMPLE, SAMPLE);
        long held = held(model, lora, numerics);
        assertThat(planned.total() - planned.process()).isCloseTo(held, withinPercentage(PERCENT));
    }
}
