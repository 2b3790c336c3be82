package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.server.TestServer.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Jobs that train a fine-tuned model further. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ContinuedTrainingTest {
    private Path folder = Path.of("");
    private JobsRig rig;

    @BeforeAll
    void start(@TempDir Path directory) {
        folder = directory;
        rig = new JobsRig(directory.resolve("data"), "--training.rank", "4", "--training.alpha", "8");
    }

    @AfterAll
    void stop() {
        rig.trainers("succeed");
        rig.close();
    }

    private String create(String model, boolean autoStart) {
        return rig.create("{\"model\":\"" + model + "\",\"training_files\":[\"" + rig.file() + "\"],\"auto_start\":"
                + autoStart + ",\"suffix\":\"next\",\"hyperparameters\":{\"training_steps\":20}}").path("id")
                .stringValue();
    }

    private RunSpec spec(String job) {
        return new RunDirectory(rig.data.resolve("runs").resolve(job)).readSpec();
    }

    /** A PEFT adapter of a shape that this server does not make, whose layers are named by a pattern. */
    private Path foreignAdapter() throws IOException {
        Path directory = Files.createDirectories(folder.resolve("foreign"));
        Files.writeString(directory.resolve("adapter_config.json"),
                "{\"peft_type\":\"LORA\",\"r\":3,\"lora_alpha\":7.5,\"target_modules\":\".*v_proj\"}");
        String layer = "base_model.model.model.layers.0.self_attn.v_proj.lora_";
        new SafetensorsWriter().add(layer + "A.weight", List.of(3L, 12L), new float[36])
                .add(layer + "B.weight", List.of(4L, 3L), new float[12])
                .write(directory.resolve("adapter_model.safetensors"));
        return directory;
    }

    @Test
    void trainingGoesOnFromAFineTunedModelAndNamesDoNotNest() {
        String first = rig.started();
        rig.await(first, JobState.SUCCEEDED);
        String model = rig.job(first).path("fine_tuned_model").stringValue();
        rig.trainers("hold-at 3");
        String second = create(model, true);
        rig.awaitStep(second, 2);
        RunSpec spec = spec(second);
        assertThat(spec.startAdapter()).isEqualTo(rig.data.resolve("runs").resolve(second).resolve("start-adapter"));
        assertThat(spec.lora()).isEqualTo(RunSpec.Lora.plain(4, 8, List.of("q_proj")));
        assertThat(rig.server.delete("/openai/v1/models/" + model).status()).isEqualTo(200);
        rig.trainers("die-at 12");
        rig.restart();
        rig.trainers("succeed");
        rig.await(second, JobState.SUCCEEDED);
        assertThat(spec(second)).as("written once").isEqualTo(spec);
        JsonNode done = rig.job(second);
        assertThat(done.path("model").stringValue()).isEqualTo(model);
        assertThat(done.path("fine_tuned_model").stringValue()).matches("ft:tiny:[0-9a-f]{8}:\\d{8}:next:[0-9a-f]{8}");
        String openai = rig.server.get("/mistral/v1/models/" + done.path("fine_tuned_model").stringValue()).json()
                .path("aliases").path(0).stringValue();
        assertThat(openai).matches("ft:tiny:[^:]+:next:[0-9A-Za-z]{8}");
        String third = create(openai + ":ckpt-step-10", true);
        rig.await(third, JobState.SUCCEEDED);
        assertThat(rig.job(third).path("fine_tuned_model").stringValue()).startsWith("ft:tiny:").doesNotContain("ckpt");
    }

    @Test
    void foreignAdapterKeepsItsShape() throws IOException {
        Answer added = rig.server.post("/luthier/v1/models",
                Json.write(Map.of("path", foreignAdapter().toString(), "base", "tiny")));
        assertThat(added.status()).as(added.text()).isEqualTo(200);
        String job = create(added.json().path("id").stringValue(), true);
        rig.await(job, JobState.SUCCEEDED);
        assertThat(spec(job).lora()).isEqualTo(RunSpec.Lora.plain(3, 7.5, List.of("v_proj")));
    }

    @Test
    void adapterThatIsTrainedFurtherKeepsItsShapeAndTheRequestMustAgree() {
        rig.trainers("succeed");
        String first = rig.started();
        rig.await(first, JobState.SUCCEEDED);
        String model = rig.job(first).path("fine_tuned_model").stringValue();
        String body = rig.body(rig.file(), "").replace("\"tiny\"", "\"" + model + "\"");
        Answer other = rig.server.post(JobsRig.JOBS, body, "Luthier-Training", "rank=8, targets=q_proj, dora=true");
        assertThat(other.status()).isEqualTo(400);
        assertThat(other.json().path("message").stringValue())
                .contains("Luthier-Training: rank is 8, but training goes on with the adapter of " + model
                        + ", whose rank is 4. Leave it out", "Luthier-Training: dora is true")
                .doesNotContain("targets is");
        Answer same = rig.server.post(JobsRig.JOBS, body, "Luthier-Training", "rank=4, alpha=8, pack_tokens=64");
        assertThat(same.status()).as(same.text()).isEqualTo(200);
        JsonNode state = rig.await(same.json().path("id").stringValue(), JobState.VALIDATED);
        JsonNode training = state.path("plan").path("training");
        assertThat(training.path("targets")).isEqualTo(Json.parse("[\"q_proj\"]"));
        assertThat(training.path("pack_tokens").intValue()).isEqualTo(64);
    }

    @Test
    void startModelMayBeDeletedOnceTheJobIsThere() {
        rig.trainers("succeed");
        String first = rig.started();
        rig.await(first, JobState.SUCCEEDED);
        String model = rig.job(first).path("fine_tuned_model").stringValue();
        String second = create(model, false);
        rig.await(second, JobState.VALIDATED);
        assertThat(rig.server.delete("/mistral/v1/models/" + model).status()).isEqualTo(200);
        assertThat(rig.server.post(JobsRig.JOBS + "/" + second + "/start", "").status()).isEqualTo(200);
        rig.await(second, JobState.SUCCEEDED);
        Answer gone = rig.server.post(JobsRig.JOBS, rig.body(rig.file(), "").replace("\"tiny\"", "\"" + model + "\""));
        assertThat(gone.status()).isEqualTo(400);
        assertThat(gone.json().path("message").stringValue()).contains(model);
    }
}
