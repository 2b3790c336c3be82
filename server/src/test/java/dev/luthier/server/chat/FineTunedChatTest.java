package dev.luthier.server.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.serve.FakeWorkers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Adapters by their names, from the first request to their deletion. */
class FineTunedChatTest {
    private static final String MODELS = "/mistral/v1/models/";

    @TempDir
    Path directory;

    /** An adapter of rank 2 on one layer, as PEFT saves it. */
    private Path adapter() throws IOException {
        Path adapter = Files.createDirectories(directory.resolve("adapter"));
        Files.writeString(adapter.resolve("adapter_config.json"), """
                {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 2, "lora_alpha": 4, "lora_dropout": 0.0,
                 "bias": "none", "target_modules": ["q_proj"], "base_model_name_or_path": "bytes"}""");
        String layer = "base_model.model.model.layers.0.self_attn.q_proj.";
        SafetensorsWriter weights = new SafetensorsWriter();
        weights.add(layer + "lora_A.weight", List.of(2L, 12L), new float[24]);
        weights.add(layer + "lora_B.weight", List.of(12L, 2L), new float[24]);
        weights.write(adapter.resolve("adapter_model.safetensors"));
        return adapter;
    }

    @Test
    void anAdapterAnswersUnderItsNamesUntilItIsArchivedOrDeleted() throws IOException {
        try (ChatRig rig = new ChatRig(directory)) {
            rig.says("tuned");
            Answer added = rig.server.post("/luthier/v1/models",
                    Json.write(Json.MAPPER.createObjectNode().put("path", adapter().toString()).put("base", "bytes")));
            assertThat(added.status()).as(added.text()).isEqualTo(200);
            String name = added.json().get("id").asString();

            Answer answer = rig.server.post(ChatRig.CHAT, ChatRig.body(name, ""));
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(answer.json().get("model").asString()).isEqualTo(name);
            List<String> events = FakeWorkers.events(rig.model);
            String loaded = events.stream().filter(event -> event.startsWith("load ")).findFirst().orElseThrow();
            assertThat(rig.lastRequest().get("model").asString()).isEqualTo(loaded.substring("load ".length()));

            Answer openAi = rig.server.post(ChatRig.OPENAI_CHAT, ChatRig.body(name, ""));
            assertThat(openAi.json().get("model").asString()).isEqualTo(name);
            JsonNode base = rig.askOpenAi("").json();
            assertThat(base.get("system_fingerprint")).isNotEqualTo(openAi.json().get("system_fingerprint"));
            assertThat(rig.lastRequest().get("model").asString()).isEqualTo(rig.model.toString());

            String stranger = rig.server.post("/luthier/v1/keys", "{\"organization\": \"others\"}").json().get("key")
                    .asString();
            Answer other = rig.server.post(ChatRig.CHAT, ChatRig.body(name, ""), "Authorization",
                    "Bearer " + stranger);
            assertThat(other.status()).isEqualTo(400);
            assertThat(other.json().get("type").asString()).isEqualTo("invalid_model");

            assertThat(rig.server.post(ChatRig.OPENAI_CHAT, ChatRig.body(name, ""), "Authorization",
                    "Bearer " + stranger).status()).isEqualTo(404);

            assertThat(rig.server.post("/mistral/v1/fine_tuning/models/" + name + "/archive", "").status())
                    .isEqualTo(200);
            Answer archived = rig.server.post(ChatRig.CHAT, ChatRig.body(name, ""));
            assertThat(archived.status()).isEqualTo(400);
            assertThat(archived.json().get("message").asString()).contains("archived");
            Answer missing = rig.server.post(ChatRig.OPENAI_CHAT, ChatRig.body(name, ""));
            assertThat(missing.status()).isEqualTo(404);
            assertThat(missing.json().at("/error/code").asString()).isEqualTo("model_not_found");
            rig.server.delete("/mistral/v1/fine_tuning/models/" + name + "/archive");
            assertThat(rig.server.post(ChatRig.CHAT, ChatRig.body(name, "")).status()).isEqualTo(200);

            assertThat(rig.server.delete(MODELS + name).status()).isEqualTo(200);
            assertThat(FakeWorkers.events(rig.model)).contains("un" + loaded);
            assertThat(rig.server.post(ChatRig.CHAT, ChatRig.body(name, "")).status()).isEqualTo(400);
        }
    }
}
