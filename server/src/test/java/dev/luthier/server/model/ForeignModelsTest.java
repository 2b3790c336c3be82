package dev.luthier.server.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.server.job.TinyModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Adapters and base models that were made elsewhere. */
final class ForeignModelsTest {
    private static final String QUERY = "base_model.model.model.layers.0.self_attn.q_proj";

    @TempDir
    private Path folder;
    private Path adapter;

    @BeforeEach
    void write() throws IOException {
        TinyModel.write(folder.resolve("tiny"));
        adapter = Files.createDirectories(folder.resolve("adapter"));
        config("{}");
        weights(Map.of(QUERY + ".lora_A.weight", List.of(3L, 12L), QUERY + ".lora_B.weight", List.of(12L, 3L)));
    }

    /** The configuration that PEFT saves for plain LoRA, changed by some fields. */
    private void config(String changes) throws IOException {
        ObjectNode config = (ObjectNode) Json.parse("""
                {"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "tiny", "r": 3,
                 "lora_alpha": 6, "lora_dropout": 0.05, "bias": "none", "target_modules": ["q_proj"],
                 "modules_to_save": null, "use_dora": false, "use_rslora": false, "rank_pattern": {},
                 "alpha_pattern": {}, "fan_in_fan_out": false, "init_lora_weights": true, "inference_mode": true}""");
        config.setAll((ObjectNode) Json.parse(changes));
        Files.writeString(adapter.resolve("adapter_config.json"), config.toString());
    }

    private void weights(Map<String, List<Long>> shapes) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        shapes.forEach((name, shape) -> writer.add(name, shape,
                new float[shape.stream().mapToInt(Long::intValue).reduce(1, Math::multiplyExact)]));
        writer.write(adapter.resolve("adapter_model.safetensors"));
    }

    @Test
    void brokenModelDirectoryIsLeftOutAndItsFaultKnown() throws IOException {
        Files.delete(TinyModel.write(folder.resolve("broken")).resolve("model.safetensors"));
        BaseModels models = new BaseModels(List.of(folder), Map.of("gpt-x", "tiny", "other", "broken"),
                InstantSource.system());
        assertThat(models.all()).extracting(BaseModel::name).containsExactly("tiny");
        assertThat(models.find("gpt-x")).get().extracting(BaseModel::aliases).isEqualTo(List.of("gpt-x"));
        assertThat(models.find("other")).isEmpty();
        assertThat(models.fault("other")).get().asString().contains("broken");
        assertThat(models.fault("unheard-of")).isEmpty();
    }

    @Test
    void archiveHoldsTheFilesUnchangedAndIsTheSameEachTime() throws IOException {
        byte[] once = archive();
        assertThat(archive()).isEqualTo(once);
        byte[] tar = new GZIPInputStream(new ByteArrayInputStream(once)).readAllBytes();
        String header = new String(tar, 0, 512, StandardCharsets.US_ASCII);
        byte[] first = Files.readAllBytes(adapter.resolve("adapter_config.json"));
        assertThat(header).startsWith("adapter_config.json\0").contains("ustar\0");
        assertThat(Integer.parseInt(header.substring(124, 135), 8)).isEqualTo(first.length);
        assertThat(Arrays.copyOfRange(tar, 512, 512 + first.length)).isEqualTo(first);
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += i >= 148 && i < 156 ? ' ' : tar[i];
        }
        assertThat(Integer.parseInt(header.substring(148, 154), 8)).isEqualTo(sum);
        assertThat(tar.length % 512).isZero();
    }

    private byte[] archive() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TarGzip.write(adapter, bytes);
        return bytes.toByteArray();
    }
}
