package dev.luthier.server.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.server.TestServer.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An adapter whose files are not as they were written is refused by its model's name, whatever it is wanted for. */
class DamagedAdapterTest {
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String CONFIG = "adapter_config.json";

    @TempDir
    Path directory;

    private Path adapter() throws IOException {
        Path adapter = Files.createDirectories(directory.resolve("adapter"));
        Files.writeString(adapter.resolve(CONFIG),
                "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 4, \"target_modules\": [\"q_proj\"]}");
        String layer = "base_model.model.model.layers.0.self_attn.q_proj.";
        new SafetensorsWriter().add(layer + "lora_A.weight", List.of(2L, 12L), new float[24])
                .add(layer + "lora_B.weight", List.of(12L, 2L), new float[24]).write(adapter.resolve(WEIGHTS));
        return adapter;
    }

    @Test
    void damagedAdapterIsNeitherServedNorTrainedNorHandedOut() throws IOException {
        try (ChatRig rig = new ChatRig(directory)) {
            rig.says("tuned");
            String name = rig.server.post("/luthier/v1/models",
                    Json.write(Map.of("path", adapter().toString(), "base", "bytes"))).json().get("id").asString();
            Path kept;
            try (var adapters = Files.list(rig.data.resolve("adapters"))) {
                kept = adapters.findFirst().orElseThrow();
            }
            byte[] weights = Files.readAllBytes(kept.resolve(WEIGHTS));
            byte[] flipped = weights.clone();
            flipped[weights.length - 3] ^= 8;
            Files.write(kept.resolve(WEIGHTS), flipped);
            assertRefused(rig, name, WEIGHTS + " has the SHA-256");
            Files.write(kept.resolve(WEIGHTS), Arrays.copyOf(weights, weights.length - 8));
            assertRefused(rig, name, WEIGHTS + " has the SHA-256");
            Files.delete(kept.resolve(WEIGHTS));
            assertRefused(rig, name, WEIGHTS + " is missing");
            Files.write(kept.resolve(WEIGHTS), weights);

            String config = Files.readString(kept.resolve(CONFIG));
            Files.writeString(kept.resolve(CONFIG), config.replaceFirst("(\"lora_alpha\" ?: ?)4", "$18"));
            assertRefused(rig, name, CONFIG + " has the SHA-256");
            Files.writeString(kept.resolve(CONFIG), config);
            Files.writeString(kept.resolve("SHA256SUMS"), "");
            assertRefused(rig, name, "SHA256SUMS is empty");

            // as an earlier version has left it: the hash of the weights is in the database
            Files.delete(kept.resolve("SHA256SUMS"));
            Files.write(kept.resolve(WEIGHTS), flipped);
            assertRefused(rig, name, WEIGHTS + " has the SHA-256");
            Files.write(kept.resolve(WEIGHTS), weights);
            assertThat(rig.server.post(ChatRig.CHAT, ChatRig.body(name, "")).status()).isEqualTo(200);
            assertThat(rig.server.get("/luthier/v1/models/" + name + "/adapter").status()).isEqualTo(200);
        }
    }

    private void assertRefused(ChatRig rig, String name, String why) {
        String file = rig.server.upload("/mistral/v1/files", "train.jsonl",
                "{\"text\": \"a b c\"}\n".repeat(8).getBytes(StandardCharsets.UTF_8)).json().get("id").asString();
        for (Answer answer : List.of(rig.server.post(ChatRig.CHAT, ChatRig.body(name, "")),
                rig.server.post(ChatRig.OPENAI_CHAT, ChatRig.body(name, "")),
                rig.server.get("/luthier/v1/models/" + name + "/adapter"),
                rig.server.post("/mistral/v1/fine_tuning/jobs",
                        Json.write(Map.of("model", name, "training_files", List.of(file)))),
                rig.server.post("/openai/v1/fine_tuning/jobs",
                        Json.write(Map.of("model", name, "training_file", file))))) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(500);
            assertThat(answer.text()).contains("adapter_damaged", name, why, "from a backup")
                    .doesNotContain(directory.toString());
        }
    }
}
