package dev.luthier.lab.pretrain;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.core.safetensors.TensorType;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.tensor.HostMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** Writes a model as a Hugging Face directory: {@code config.json}, {@code generation_config.json}, bf16 weights. */
public final class ModelExporter {
    private ModelExporter() {}

    /**
     * Writes the three files; tokenizer files are left alone.
     *
     * @return SHA-256 of {@code model.safetensors}, lower-case hex
     */
    public static String write(DecoderWeights weights, Path directory) throws IOException {
        Files.createDirectories(directory);
        ModelConfig config = weights.config();
        Files.writeString(directory.resolve("config.json"), Json.writePretty(config.toJson()) + "\n");
        SequencedMap<String, @Nullable Object> generation = new LinkedHashMap<>();
        generation.put("eos_token_id", config.eosTokenIds());
        generation.put("pad_token_id", config.padTokenId());
        Files.writeString(directory.resolve("generation_config.json"), Json.writePretty(generation) + "\n");
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        Map<String, List<Long>> shapes = config.tensorShapes();
        weights.byName()
                .forEach((name, tensor) -> writer.add(name, TensorType.BF16, shapes.getOrDefault(name, List.of()),
                        () -> roundToBf16(HostMemory.toFloats(tensor))));
        return writer.write(directory.resolve("model.safetensors"));
    }

    /** Round to nearest, ties to even. */
    private static MemorySegment roundToBf16(float[] values) {
        byte[] bytes = new byte[2 * values.length];
        MemorySegment segment = MemorySegment.ofArray(bytes);
        for (int i = 0; i < values.length; i++) {
            int bits = Float.floatToRawIntBits(values[i]);
            int rounded = bits + 0x7fff + (bits >>> 16 & 1);
            segment.set(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 2L * i,
                    (short) (rounded >>> 16));
        }
        return segment;
    }
}
