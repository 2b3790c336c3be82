package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.server.TestServer.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that an administrator brings in from the server's disk. */
final class LocalModelsTest {
    private static final String ROUTE = "/luthier/v1/models";

    @TempDir
    private Path folder;

    @Test
    void administratorAddsBaseModelsAndAdapters() throws IOException {
        try (JobsRig rig = new JobsRig(folder.resolve("data"))) {
            Path base = TinyModel.write(folder.resolve("elsewhere/other-base"));
            Answer added = rig.server.post(ROUTE, json(Map.of("path", base.toString())));
            assertThat(added.status()).as(added.text()).isEqualTo(200);
            assertThat(added.json().path("id").stringValue()).isEqualTo("other-base");
            assertThat(added.json().path("notes").toString()).contains("does not show tools");
            assertThat(rig.server.post(ROUTE, json(Map.of("path", base.toString()))).status()).isEqualTo(409);
            Path adapter = adapter("my-adapter");
            Answer tuned = rig.server.post(ROUTE, json(Map.of("path", adapter.toString(), "base", "tiny")));
            assertThat(tuned.status()).as(tuned.text()).isEqualTo(200);
            String id = tuned.json().path("id").stringValue();
            assertThat(id).startsWith("ft:tiny:").contains(":my-adapter:");
            assertThat(rig.server.get("/mistral/v1/models/" + id).json().path("job").stringValue()).isEmpty();
            assertThat(rig.server.get(ROUTE + "/" + id + "/adapter").status()).isEqualTo(200);
            assertRefusals(rig, adapter);
        }
    }

    @Test
    void aTemplateWithoutEndOfTurnIsSaidAtOnceAndInTheJobsEvents() throws IOException {
        try (JobsRig rig = new JobsRig(folder.resolve("data"))) {
            Path endless = TinyModel.write(folder.resolve("endless"));
            Files.writeString(endless.resolve("chat_template.jinja"),
                    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}");
            Answer added = rig.server.post(ROUTE, json(Map.of("path", endless.toString())));
            assertThat(added.json().path("notes").toString()).contains("does not learn to stop");
            String file = rig.upload("{\"messages\":[{\"role\":\"user\",\"content\":\"one\"},"
                    + "{\"role\":\"assistant\",\"content\":\"two\"}]}\n");
            String id = rig.create(rig.body(file, "\"auto_start\":false").replace("\"tiny\"", "\"endless\""))
                    .path("id").stringValue();
            rig.await(id, JobState.VALIDATED);
            assertThat(rig.job(id).path("events").toString()).contains("does not learn to stop");
        }
    }

    @Test
    void modelIsUsableTheMomentItIsAddedAndGoneTheMomentItIsRemoved() {
        try (JobsRig rig = new JobsRig(folder.resolve("data"))) {
            Path directory = folder.resolve("elsewhere/own");
            TinyModel.write(directory);
            for (int round = 0; round < 3; round++) {
                assertThat(rig.server.get("/mistral/v1/models/own").status()).isEqualTo(404);
                assertThat(rig.server.post(ROUTE, json(Map.of("path", directory.toString()))).status()).isEqualTo(200);
                assertThat(rig.server.get("/mistral/v1/models/own").status()).isEqualTo(200);
                assertThat(rig.server.delete(ROUTE + "/own").status()).isEqualTo(200);
            }
            assertThat(directory.resolve("config.json")).exists();
        }
    }

    @Test
    void directoryOfTheDataDirectoryIsRemovedAndWhatItLinksToStays() throws IOException {
        try (JobsRig rig = new JobsRig(folder.resolve("data"))) {
            Path kept = Files.writeString(folder.resolve("kept"), "x");
            Path own = rig.data.resolve("models/tiny");
            Files.createSymbolicLink(own.resolve("note"), kept);
            assertThat(rig.server.delete(ROUTE + "/tiny").status()).isEqualTo(200);
            assertThat(own).doesNotExist();
            assertThat(kept).exists();
            assertThat(rig.data.resolve("tmp")).isDirectoryNotContaining(
                    left -> left.getFileName().toString().startsWith("removed"));
            assertThat(rig.server.delete(ROUTE + "/tiny").status()).isEqualTo(404);
        }
    }

    @Test
    void onlyWhatLiesInTheDataDirectoryIsRemoved() {
        Path bundled = folder.resolve("bundled");
        TinyModel.write(bundled.resolve("given"));
        try (JobsRig rig = new JobsRig(folder.resolve("data"), "--models.bundled", bundled.toString(),
                "--models.aliases.other", "tiny")) {
            assertRefused(rig.server.delete(ROUTE + "/given?force=true"), 409, "outside of the data directory");
            assertRefused(rig.server.delete(ROUTE + "/other?force=true"), 409, "is an alias of tiny");
            for (String name : new String[]{"..", "%2e%2e", "..%2Fdb", ".hidden", "a%00b", "%2Fetc"}) {
                assertThat(rig.server.delete(ROUTE + "/" + name + "?force=true").status()).as(name).isIn(400, 404, 405);
            }
            assertThat(bundled.resolve("given/config.json")).exists();
            assertThat(rig.data.resolve("db/luthier.db")).exists();
            String member = "Bearer " + rig.server.post("/luthier/v1/keys", "{}").json().path("key").stringValue();
            assertThat(rig.server.delete(ROUTE + "/tiny", "Authorization", member).status()).isEqualTo(403);
            assertThat(rig.server.get("/mistral/v1/models/tiny").status()).isEqualTo(200);
        }
    }

    @Test
    void modelThatIsNeededIsRemovedByForceAlone() {
        try (JobsRig rig = new JobsRig(folder.resolve("data"))) {
            rig.create(rig.body(rig.file(), ""));
            assertRefused(rig.server.delete(ROUTE + "/tiny"), 409, "a job that has not ended");
            assertThat(rig.data.resolve("models/tiny/config.json")).exists();
            assertThat(rig.server.delete(ROUTE + "/tiny?force=true").status()).isEqualTo(200);
            assertThat(rig.data.resolve("models/tiny")).doesNotExist();
        }
    }

    @Test
    void baseOfAFineTunedModelIsKept() throws IOException {
        try (JobsRig rig = new JobsRig(folder.resolve("data"))) {
            String adapter = json(Map.of("path", adapter("my-adapter").toString(), "base", "tiny"));
            String id = rig.server.post(ROUTE, adapter).json().path("id").stringValue();
            assertRefused(rig.server.delete(ROUTE + "/tiny"), 409, "a fine-tuned model");
            assertThat(rig.server.delete(ROUTE + "/" + id).status()).isEqualTo(200);
            assertThat(rig.server.get("/mistral/v1/models/" + id).status()).isEqualTo(404);
            assertThat(rig.server.delete(ROUTE + "/tiny").status()).isEqualTo(200);
        }
    }

    private static void assertRefused(Answer answer, int status, String reason) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.text()).contains(reason);
    }

    private void assertRefusals(JobsRig rig, Path adapter) throws IOException {
        Answer unknownBase = rig.server.post(ROUTE, json(Map.of("path", adapter.toString(), "base", "giant")));
        assertThat(unknownBase.status()).isEqualTo(400);
        assertThat(unknownBase.json().path("message").stringValue()).contains("giant is not there");
        assertThat(rig.server.post(ROUTE, json(Map.of("path", "relative/path"))).status()).isEqualTo(400);
        Answer noModel = rig.server.post(ROUTE, json(Map.of("path", adapter.toString(), "name", "x")));
        assertThat(noModel.status()).isEqualTo(400);
        assertThat(noModel.json().path("message").stringValue()).contains("config.json");
        Files.writeString(adapter.resolve("adapter_config.json"), "{\"peft_type\":\"LOHA\",\"r\":3,\"lora_alpha\":1}");
        Answer variant = rig.server.post(ROUTE, json(Map.of("path", adapter.toString(), "base", "tiny")));
        assertThat(variant.status()).isEqualTo(400);
        assertThat(variant.json().path("message").stringValue()).contains("peft_type is LOHA");
        String member = "Bearer " + rig.server.post("/luthier/v1/keys", "{}").json().path("key").stringValue();
        assertThat(rig.server.post(ROUTE, json(Map.of("path", adapter.toString())), "Authorization", member).status())
                .isEqualTo(403);
    }

    private Path adapter(String name) throws IOException {
        Path directory = Files.createDirectories(folder.resolve(name));
        Files.writeString(directory.resolve("adapter_config.json"),
                "{\"peft_type\":\"LORA\",\"r\":3,\"lora_alpha\":6,\"target_modules\":[\"q_proj\"]}");
        String layer = "base_model.model.model.layers.0.self_attn.q_proj.lora_";
        new SafetensorsWriter().add(layer + "A.weight", List.of(3L, 12L), new float[36])
                .add(layer + "B.weight", List.of(12L, 3L), new float[36])
                .write(directory.resolve("adapter_model.safetensors"));
        return directory;
    }

    private static String json(Map<String, String> fields) {
        return Json.write(fields);
    }
}
