package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.api.Ids;
import dev.luthier.server.serve.FakeWorkers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Checkpoints, result files and models as OpenAI's clients see them, of jobs whose trainers are real processes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CheckpointRoutesTest {
    private static final String MODELS = "/openai/v1/models";

    private JobsRig rig;

    @BeforeAll
    void start(@TempDir Path directory) {
        rig = new JobsRig(directory, "--models.aliases.gpt-4o-mini-2024-07-18", "tiny");
    }

    @AfterAll
    void stop() {
        rig.trainers("succeed");
        rig.close();
    }

    private String started(int steps, String more) {
        return rig.create(rig.body(rig.file(), "\"auto_start\":true,\"hyperparameters\":{\"training_steps\":" + steps
                + ",\"learning_rate\":0.002}" + more)).path("id").stringValue();
    }

    private static String checkpoints(String job) {
        return "/openai/v1/fine_tuning/jobs/" + Ids.openAi(Ids.JOB, UUID.fromString(job)) + "/checkpoints";
    }

    private static List<Integer> steps(JsonNode list) {
        return StreamSupport.stream(list.path("data").spliterator(), false)
                .map(entry -> entry.path("step_number").intValue()).toList();
    }

    private List<String> listed(String route) {
        List<String> ids = new ArrayList<>();
        rig.server.get(route).json().path("data").forEach(model -> ids.add(model.path("id").stringValue()));
        return ids;
    }

    @Test
    void epochsAreCheckpointsWhileTheJobRunsAndTheLastThreeStay() {
        rig.trainers("hold-at 25");
        String valid = rig.upload("{\"text\":\"two one\"}\n");
        String id = started(50, ",\"suffix\":\"mine\",\"validation_files\":[\"" + valid + "\"]");
        rig.awaitStep(id, 24);
        JsonNode running = rig.server.get(checkpoints(id)).json();
        assertThat(steps(running)).containsExactly(20, 10);
        JsonNode first = running.path("data").path(1);
        String name = first.path("fine_tuned_model_checkpoint").stringValue();
        assertThat(name).matches("ft:tiny:[^:]+:mine:[0-9A-Za-z]{8}:ckpt-step-10");
        assertThat(first.path("id").stringValue()).matches("ftckpt_[0-9A-Za-z]{22}");
        assertThat(first.path("fine_tuning_job_id").stringValue()).isEqualTo(
                Ids.openAi(Ids.JOB, UUID.fromString(id)));
        assertThat(first.path("metrics").toString()).isEqualTo("{\"step\":10,\"train_loss\":0.2,"
                + "\"train_mean_token_accuracy\":0.5,\"valid_loss\":0.25,\"valid_mean_token_accuracy\":0.75,"
                + "\"full_valid_loss\":0.25,\"full_valid_mean_token_accuracy\":0.75}");
        assertUsable(name, id);
        rig.trainers("succeed");
        rig.await(id, JobState.SUCCEEDED);
        assertThat(steps(rig.server.get(checkpoints(id)).json())).containsExactly(50, 40, 30);
        assertThat(rig.server.get(MODELS + "/" + name).status()).isEqualTo(404);
        assertResultFile(id);
        assertPages(id, first.path("id").stringValue());
        String last = rig.server.get(checkpoints(id)).json().path("data").path(0).path("fine_tuned_model_checkpoint")
                .stringValue();
        assertThat(rig.server.delete(MODELS + "/" + last.substring(0, last.lastIndexOf(':'))).status()).isEqualTo(200);
        assertThat(rig.server.delete("/luthier/v1/jobs/" + id).status()).isEqualTo(200);
        assertThat(rig.server.get(MODELS + "/" + last).status()).as("a checkpoint outlives model and job")
                .isEqualTo(200);
    }

    private void assertUsable(String name, String job) {
        assertThat(listed(MODELS)).contains(name, "tiny", "gpt-4o-mini-2024-07-18");
        assertThat(listed("/mistral/v1/models")).noneMatch(other -> other.contains("ckpt"));
        JsonNode card = rig.server.get("/mistral/v1/models/" + name).json();
        String mistral = card.path("id").stringValue();
        assertThat(mistral).endsWith(":ckpt-step-10").isNotEqualTo(name);
        assertThat(card.path("job").stringValue()).isEqualTo(job);
        assertThat(listed("/mistral/v1/models?model=" + mistral)).containsExactly(mistral);
        assertThat(rig.server.get(MODELS + "/" + mistral.replace(":", "%3A")).json().path("id").stringValue())
                .isEqualTo(name);
        FakeWorkers.answer(rig.data.resolve("models/tiny"), "stop", 3, 2);
        Answer chat = rig.server.post("/mistral/v1/chat/completions",
                "{\"model\":\"" + name + "\",\"messages\":[{\"role\":\"user\",\"content\":\"one\"}]}");
        assertThat(chat.status()).as(chat.text()).isEqualTo(200);
        assertThat(chat.json().path("choices").path(0).path("message").path("content").stringValue()).isEqualTo("one");
    }

    private void assertPages(String job, String replaced) {
        List<Integer> seen = new ArrayList<>();
        String after = "";
        while (true) {
            JsonNode page = rig.server.get(checkpoints(job) + "?limit=1" + after).json();
            if (page.path("data").isEmpty()) {
                assertThat(page.path("has_more").booleanValue()).isFalse();
                break;
            }
            seen.addAll(steps(page));
            assertThat(page.path("first_id")).isEqualTo(page.path("data").path(0).path("id"));
            assertThat(page.path("has_more").booleanValue()).isEqualTo(seen.size() < 3);
            after = "&after=" + page.path("last_id").stringValue();
        }
        assertThat(seen).containsExactly(50, 40, 30);
        assertThat(rig.server.get(checkpoints(job) + "?after=" + replaced).json().path("data")).isEmpty();
        assertThat(rig.server.get(checkpoints(job) + "?after=ftckpt_0").status()).isEqualTo(400);
        assertThat(rig.server.get(checkpoints(UUID.randomUUID().toString())).status()).isEqualTo(404);
    }

    private void assertResultFile(String job) {
        List<String> lines = resultFile(rig, job).lines().toList();
        assertThat(lines).hasSize(51).startsWith(
                "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy", "1,2.00000,0.50000,,");
        assertThat(lines.get(10)).isEqualTo("10,0.20000,0.50000,0.25000,0.75000");
    }

    /** The content of the file that the job names. */
    private static String resultFile(JobsRig rig, String job) {
        JsonNode files = rig.server.get("/openai/v1/fine_tuning/jobs/" + job).json().path("result_files");
        assertThat(files).hasSize(1);
        String route = "/openai/v1/files/" + files.path(0).stringValue();
        JsonNode file = rig.server.get(route).json();
        assertThat(file.path("filename").stringValue()).isEqualTo("step_metrics.csv");
        assertThat(file.path("purpose").stringValue()).isEqualTo("fine-tune-results");
        String content = rig.server.get(route + "/content").text();
        assertThat(rig.server.delete(route).status()).isEqualTo(200);
        assertThat(rig.server.get(route).status()).isEqualTo(404);
        return content;
    }

    @Test
    void checkpointsOfCancelledJobsStay() {
        rig.trainers("hold-at 15");
        String id = started(20, "");
        rig.awaitStep(id, 14);
        rig.server.post(JobsRig.JOBS + "/" + id + "/cancel", "");
        rig.await(id, JobState.CANCELLED);
        JsonNode list = rig.server.get(checkpoints(id)).json();
        assertThat(steps(list)).containsExactly(10);
        assertThat(list.path("data").path(0).path("metrics").toString())
                .isEqualTo("{\"step\":10,\"train_loss\":0.2,\"train_mean_token_accuracy\":0.5}");
        String name = list.path("data").path(0).path("fine_tuned_model_checkpoint").stringValue();
        assertThat(rig.server.get(MODELS + "/" + name).status()).isEqualTo(200);
        JsonNode deleted = rig.server.delete(MODELS + "/" + name.replace(":", "%3A")).json();
        assertThat(deleted.toString())
                .isEqualTo("{\"id\":\"" + name + "\",\"object\":\"model\",\"deleted\":true}");
        assertThat(steps(rig.server.get(checkpoints(id)).json())).isEmpty();
    }

    @Test
    void modelsAreShownInOpenAisShapeAndUnknownOnesInItsWords() {
        JsonNode base = rig.server.get(MODELS + "/gpt-4o-mini-2024-07-18").json();
        assertThat(base.propertyNames()).containsExactly("id", "object", "created", "owned_by");
        assertThat(base.path("id").stringValue()).isEqualTo("gpt-4o-mini-2024-07-18");
        Answer unknown = rig.server.get(MODELS + "/gpt-9");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.json().toString()).isEqualTo("{\"error\":{\"message\":\"The model `gpt-9` does not exist or"
                + " you do not have access to it.\",\"type\":\"invalid_request_error\",\"param\":\"model\","
                + "\"code\":\"model_not_found\"}}");
        assertThat(rig.server.delete(MODELS + "/gpt-9").status()).isEqualTo(404);
        assertThat(rig.server.delete(MODELS + "/tiny").status()).isEqualTo(400);
        assertThat(rig.server.get(MODELS + "?limit=3").status()).isEqualTo(400);
    }

    @Test
    void resultFilesAreBase64OnRequest(@TempDir Path directory) {
        try (JobsRig encoding = new JobsRig(directory, "--openai.result-files", "base64")) {
            String id = encoding.started();
            encoding.await(id, JobState.SUCCEEDED);
            String content = resultFile(encoding, id);
            assertThat(new String(Base64.getDecoder().decode(content), StandardCharsets.UTF_8))
                    .startsWith(MetricsFile.HEADER + "\n1,2.00000,");
        }
    }
}
