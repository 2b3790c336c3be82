package dev.luthier.server.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.json.Json;
import dev.luthier.core.run.RunSpec;
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
import java.util.LinkedHashMap;
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
    private Path base;
    private Path adapter;

    @BeforeEach
    void write() throws IOException {
        base = TinyModel.write(folder.resolve("tiny"));
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

    private void assertRefused(String... parts) {
        assertThatThrownBy(() -> ForeignAdapter.check(adapter, base)).hasMessageContainingAll(parts);
    }

    @Test
    void plainLoraIsAccepted() {
        ForeignAdapter.check(adapter, base);
        assertThat(ForeignAdapter.namedBase(adapter)).isEqualTo("tiny");
    }

    @Test
    void variantsAreRefusedByName() throws IOException {
        Map<String, String> variants = new LinkedHashMap<>();
        variants.put("{\"peft_type\":\"IA3\"}", "peft_type IA3");
        variants.put("{\"use_qalora\":true}", "use_qalora (QALoRA)");
        variants.put("{\"bias\":\"all\"}", "bias all");
        variants.put("{\"modules_to_save\":[\"lm_head\"]}", "modules_to_save (modules trained in full)");
        variants.put("{\"rank_pattern\":{\"q_proj\":8}}", "rank_pattern (a rank per layer)");
        variants.put("{\"init_lora_weights\":\"pissa_niter_4\"}", "init_lora_weights pissa_niter_4");
        variants.put("{\"r\":0}", "r must be 1 to 512");
        variants.put("{\"lora_alpha\":0}", "lora_alpha must be greater than 0");
        for (Map.Entry<String, String> variant : variants.entrySet()) {
            config(variant.getKey());
            assertRefused(variant.getValue());
        }
        config("{\"use_qalora\":true,\"bias\":\"all\"}");
        assertRefused("use_qalora", "bias all");
    }

    @Test
    void rankStabilisedScalingDoraAndAChoiceOfLayersAreAccepted() throws IOException {
        config("{\"use_rslora\":true,\"layers_to_transform\":[0],\"exclude_modules\":[\"lm_head\"]}");
        ForeignAdapter.check(adapter, base);
        assertThat(AdapterShape.read(adapter, 1))
                .isEqualTo(new RunSpec.Lora(3, 6, List.of("q_proj"), true, false, 0));
        config("{\"use_dora\":true}");
        assertRefused("lora_magnitude_vector is missing");
        Map<String, List<Long>> matrices = Map.of(QUERY + ".lora_A.weight", List.of(3L, 12L), QUERY + ".lora_B.weight",
                List.of(12L, 3L));
        Map<String, List<Long>> all = new LinkedHashMap<>(matrices);
        all.put(QUERY + ".lora_magnitude_vector", List.of(11L));
        weights(all);
        assertRefused("lora_magnitude_vector has the shape [11], not [12]");
        all.put(QUERY + ".lora_magnitude_vector", List.of(12L));
        weights(all);
        ForeignAdapter.check(adapter, base);
        assertThat(AdapterShape.read(adapter, 1).dora()).isTrue();
        config("{}");
        assertRefused("lora_magnitude_vector is not the A or B of a LoRA layer");
    }

    @Test
    void trainingGoesOnFromAllOrTheTopmostLayersOnly() throws IOException {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (String layer : List.of("2", "3")) {
            String module = QUERY.replace("layers.0", "layers." + layer);
            shapes.put(module + ".lora_A.weight", List.of(3L, 12L));
            shapes.put(module + ".lora_B.weight", List.of(12L, 3L));
        }
        weights(shapes);
        assertThat(AdapterShape.read(adapter, 4).topLayers()).isEqualTo(2);
        assertThatThrownBy(() -> AdapterShape.read(adapter, 5))
                .hasMessageContaining("adapts the decoder layers [2, 3] of 5");
    }

    @Test
    void tensorsThatDoNotFitTheBaseAreNamed() throws IOException {
        weights(Map.of(QUERY + ".lora_A.weight", List.of(3L, 11L), QUERY + ".lora_B.weight", List.of(12L, 3L)));
        assertRefused("lora_A.weight has the shape [3, 11], not [3, 12]");
        weights(Map.of(QUERY + ".lora_A.weight", List.of(3L, 12L)));
        assertRefused("lora_B.weight is missing");
        String beyond = QUERY.replace("layers.0", "layers.7");
        weights(Map.of(beyond + ".lora_A.weight", List.of(3L, 12L), beyond + ".lora_B.weight", List.of(12L, 3L)));
        assertRefused("adapts a layer that the base model does not have");
        weights(Map.of("base_model.model.lm_head.weight", List.of(16L, 12L)));
        assertRefused("is not the A or B of a LoRA layer");
        Files.delete(adapter.resolve("adapter_model.safetensors"));
        assertRefused("adapter_model.safetensors is missing");
        Files.writeString(adapter.resolve("adapter_model.bin"), "pickle");
        assertRefused("adapter_model.bin is a pickle");
        Files.delete(adapter.resolve("adapter_config.json"));
        assertRefused("adapter_config.json cannot be read");
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
