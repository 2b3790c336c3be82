package dev.luthier.engine.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.adapter.LoraShape;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.decoder.Gradients;
import dev.luthier.engine.decoder.LossSum;
import dev.luthier.engine.decoder.Pack;
import dev.luthier.engine.decoder.ParityFixture;
import dev.luthier.engine.decoder.TrainingDecoder;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class PeftAdapterTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    @Test
    void adapterOfPeftIsReadAndWrittenAgainUnchanged() throws IOException {
        try (ParityFixture fixture = new ParityFixture("qwen3");
                DecoderWeights base = DecoderWeights.load(fixture.model(), DType.FP32);
                LoraWeights read = PeftAdapter.load(fixture.adapterPath(), base)) {
            assertThat(read.layout().shape())
                    .isEqualTo(LoraShape.plain(3, 6, RunSpec.Lora.LINEAR_LAYERS, base.config()));
            String sha256 = PeftAdapter.save(read, null, base, "some/model", folder);
            assertThat(PeftAdapter.save(read, null, base, "some/model", folder)).isEqualTo(sha256);
            try (LoraWeights again = PeftAdapter.load(folder, base)) {
                assertThat(HostMemory.toFloats(again.flat())).isEqualTo(HostMemory.toFloats(read.flat()));
            }
        }
    }

    @Test
    void mergedModelEqualsBaseWithAdapter() {
        try (ParityFixture fixture = new ParityFixture("llama");
                DecoderWeights base = DecoderWeights.load(fixture.model(), DType.FP32);
                LoraWeights adapter = PeftAdapter.load(fixture.adapterPath(), base)) {
            LoraMerge.into(base, adapter);
            try (TrainingDecoder decoder = new TrainingDecoder(base, Gradients.nothing(base),
                    MemoryTier.KEEP)) {
                LossSum loss = decoder.evaluate(Pack.of(fixture.samples()));
                double expected = fixture.golden("loss.adapted")[0];
                assertThat(loss.meanLoss()).isCloseTo(expected, within(1e-5 * expected));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"bias|\"all\"", "modules_to_save|[\"lm_head\"]",
            "rank_pattern|{\"q_proj\":0}", "alpha_pattern|{\"q_proj\":-4}", "peft_type|\"IA3\"",
            "init_lora_weights|\"pissa\"", "fan_in_fan_out|true", "lora_bias|true",
            "trainable_token_indices|[1]", "something_new|{\"a\":1}", "r|0"})
    void unsupportedVariantIsRefusedByName(String field, String value) throws IOException {
        try (ParityFixture fixture = new ParityFixture("llama");
                DecoderWeights base = DecoderWeights.load(fixture.model(), DType.FP32)) {
            copyAdapter(fixture);
            ObjectNode config = (ObjectNode) Json.parse(Files.readString(folder.resolve("adapter_config.json")));
            config.set(field, Json.parse(value));
            Files.writeString(folder.resolve("adapter_config.json"), Json.write(config));
            assertThatThrownBy(() -> PeftAdapter.load(folder, base)).isInstanceOf(ProblemException.class)
                    .hasMessageContaining(field);
        }
    }

    @Test
    void rankStabilisedScalingIsRead() throws IOException {
        try (ParityFixture fixture = new ParityFixture("llama");
                DecoderWeights base = DecoderWeights.load(fixture.model(), DType.FP32)) {
            copyAdapter(fixture);
            ObjectNode config = (ObjectNode) Json.parse(Files.readString(folder.resolve("adapter_config.json")));
            config.put("use_rslora", true);
            Files.writeString(folder.resolve("adapter_config.json"), Json.write(config));
            try (LoraWeights adapter = PeftAdapter.load(folder, base)) {
                assertThat(adapter.layout().layers().getFirst().getFirst().members().getFirst().scaling())
                        .isCloseTo(6 / Math.sqrt(3), within(1e-12));
            }
        }
    }

    @Test
    void adapterOfAnotherModelIsRefused() {
        try (ParityFixture fixture = new ParityFixture("llama");
                ParityFixture other = new ParityFixture("qwen3");
                DecoderWeights base = DecoderWeights.load(other.model(), DType.FP32)) {
            assertThatThrownBy(() -> PeftAdapter.load(fixture.adapterPath(), base))
                    .isInstanceOf(ProblemException.class).hasMessageContaining("cannot be used")
                    .hasMessageContaining("has the shape");
        }
    }

    @Test
    void layerThatNoModelHasIsRefused() throws IOException {
        try (ParityFixture fixture = new ParityFixture("llama");
                DecoderWeights base = DecoderWeights.load(fixture.model(), DType.FP32)) {
            copyAdapter(fixture);
            String name = "base_model.model.model.layers.99999999999.mlp.up_proj.lora_A.weight";
            new SafetensorsWriter().add(name, List.of(1L, 1L), new float[]{1})
                    .write(folder.resolve("adapter_model.safetensors"));
            assertThatThrownBy(() -> PeftAdapter.load(folder, base)).isInstanceOf(ProblemException.class)
                    .hasMessageContaining(name);
        }
    }

    @Test
    void freshAdapterIsTheSameForTheSameSeedAndChangesNothing() {
        try (ParityFixture fixture = new ParityFixture("llama");
                DecoderWeights base = DecoderWeights.load(fixture.model(), DType.FP32);
                LoraWeights first = new LoraWeights(
                        new LoraLayout(base, LoraShape.plain(3, 6, RunSpec.Lora.LINEAR_LAYERS, base.config())));
                LoraWeights second = new LoraWeights(first.layout())) {
            LoraInitializer.initialize(first, base, 5);
            LoraInitializer.initialize(second, base, 5);
            assertThat(HostMemory.toFloats(first.flat())).isEqualTo(HostMemory.toFloats(second.flat()));
            first.byName().forEach((name, tensor) -> {
                float bound = name.endsWith("lora_B.weight") ? 0 : (float) (1 / Math.sqrt((double) tensor.size(1)));
                for (float value : HostMemory.toFloats(tensor)) {
                    assertThat(Math.abs(value)).isLessThanOrEqualTo(bound);
                }
            });
        }
    }

    private void copyAdapter(ParityFixture fixture) throws IOException {
        for (String name : new String[]{"adapter_config.json", "adapter_model.safetensors"}) {
            Files.copy(fixture.adapterPath().resolve(name), folder.resolve(name));
        }
    }
}
