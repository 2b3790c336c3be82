package dev.luthier.engine.train;

import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.core.safetensors.TensorEntry;
import dev.luthier.core.safetensors.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * An adapter as PEFT could have saved it, with other modules, ranks and alphas in each layer and mixed types of numbers,
 * for the model in {@code parity/llama}; and that model with the adapter merged into its weights by plain sums.
 */
public final class ForeignAdapter {
    private static final Path BASE = Path.of("src/test/resources/parity/llama");
    private static final String CONFIG = """
            {"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "/home/someone/llama", "r": 2,
             "lora_alpha": 3, "lora_dropout": 0.1, "bias": "none", "init_lora_weights": "eva",
             "target_modules": ["model.layers.0.self_attn.q_proj", "layers.0.self_attn.v_proj",
                                "model.layers.1.self_attn.v_proj", "model.layers.1.mlp.gate_proj",
                                "model.layers.1.mlp.up_proj", "model.layers.2.mlp.down_proj"],
             "rank_pattern": {"layers.1.mlp.up_proj": 5, "v_proj": 1}, "alpha_pattern": {"v_proj": 8, "gate_proj": 0.5},
             "use_rslora": false, "use_dora": false, "some_option_of_tomorrow": false}""";

    private record Module(String name, TensorType type, int rank, double scaling) {}

    private static final List<Module> MODULES = List.of(
            new Module("model.layers.0.self_attn.q_proj", TensorType.F32, 2, 1.5),
            new Module("model.layers.0.self_attn.v_proj", TensorType.F64, 1, 8),
            new Module("model.layers.1.self_attn.v_proj", TensorType.F16, 1, 8),
            new Module("model.layers.1.mlp.gate_proj", TensorType.F32, 2, 0.25),
            new Module("model.layers.1.mlp.up_proj", TensorType.BF16, 5, 0.6),
            new Module("model.layers.2.mlp.down_proj", TensorType.F64, 2, 1.5));

    private ForeignAdapter() {}

    /** Writes the adapter's and the merged model's directory. */
    public static void write(Path adapter, Path merged) throws IOException {
        Files.createDirectories(adapter);
        Files.createDirectories(merged);
        Files.writeString(adapter.resolve("adapter_config.json"), CONFIG);
        Files.copy(BASE.resolve("config.json"), merged.resolve("config.json"));
        SafetensorsWriter lora = new SafetensorsWriter().metadata("format", "pt");
        SafetensorsWriter model = new SafetensorsWriter();
        Random random = new Random(5);
        try (SafetensorsFile base = SafetensorsFile.open(BASE.resolve("model.safetensors"))) {
            Map<String, float[]> weights = new HashMap<>();
            for (Module module : MODULES) {
                TensorEntry weight = base.tensor(module.name + ".weight");
                weights.put(weight.name(), merge(module, weight, random, lora));
            }
            for (TensorEntry weight : base.tensors().values()) {
                float[] values = weights.getOrDefault(weight.name(), weight.toFloats());
                model.add(weight.name(), weight.shape(), values);
            }
            model.write(merged.resolve("model.safetensors"));
        }
        lora.write(adapter.resolve("adapter_model.safetensors"));
    }

    /** Draws A and B and returns W + scaling B A. */
    private static float[] merge(Module module, TensorEntry weight, Random random, SafetensorsWriter lora) {
        int outputs = weight.shape().get(0).intValue();
        int inputs = weight.shape().get(1).intValue();
        double[] a = draw(module, "A", module.rank, inputs, random, lora);
        double[] b = draw(module, "B", outputs, module.rank, random, lora);
        float[] merged = weight.toFloats();
        for (int o = 0; o < outputs; o++) {
            for (int i = 0; i < inputs; i++) {
                double sum = 0;
                for (int r = 0; r < module.rank; r++) {
                    sum += b[o * module.rank + r] * a[r * inputs + i];
                }
                merged[o * inputs + i] += (float) (module.scaling * sum);
            }
        }
        return merged;
    }

    /* Multiples of 1/64, which every type holds exactly. */
    private static double[] draw(Module module, String kind, int rows, int columns, Random random,
            SafetensorsWriter lora) {
        double[] values = new double[rows * columns];
        ByteBuffer bytes = ByteBuffer.allocate(values.length * module.type.sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(-32, 33) / 64.0;
            float value = (float) values[i];
            switch (module.type) {
                case F64 -> bytes.putDouble(values[i]);
                case F32 -> bytes.putFloat(value);
                case F16 -> bytes.putShort(Float.floatToFloat16(value));
                case BF16 -> bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
                case I64, U64, I32, U32, I16, U16, I8, U8, BOOL, C64, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ,
                        F8_E5M2FNUZ ->
                    throw new IllegalArgumentException(module.name);
            }
        }
        lora.add("base_model.model." + module.name + ".lora_" + kind + ".weight", module.type,
                List.of((long) rows, (long) columns), bytes.flip());
        return values;
    }
}
