package dev.luthier.server.job;

import static dev.luthier.server.job.OpenAiRig.JOBS;
import static dev.luthier.server.job.OpenAiRig.body;
import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.server.TestServer.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Jobs of OpenAI's dialect through their whole life. */
final class OpenAiRunsTest {
    private static final String SHORT = "\"hyperparameters\":{\"n_epochs\":5,\"batch_size\":3}";

    @TempDir
    private static Path directory;
    private static JobsRig rig;
    private static OpenAiRig openAi;

    @BeforeAll
    static void start() {
        rig = new JobsRig(directory, "--runs.max", "16");
        openAi = new OpenAiRig(rig);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @BeforeEach
    void behave() {
        rig.trainers("succeed");
    }

    private String held(int step) {
        rig.trainers("hold-at " + step);
        String id = openAi.create(body(openAi.file(), SHORT)).path("id").stringValue();
        rig.awaitStep(id, step - 1);
        return id;
    }

    private static String status(JsonNode job) {
        return job.path("status").stringValue();
    }

    @Test
    void runningJobIsPausedResumedAndEndsWell() {
        String id = held(6);
        JsonNode running = openAi.job(id);
        assertThat(status(running)).isEqualTo("running");
        assertThat(running.path("estimated_finish").longValue()).isGreaterThanOrEqualTo(
                running.path("created_at").longValue());
        assertThat(running.path("trained_tokens").isNull()).isTrue();
        assertThat(status(OpenAiRig.ok(openAi.post("/" + id + "/pause", "")))).isIn("running", "queued");
        rig.await(id, JobState.PAUSED);
        JsonNode paused = openAi.job(id);
        assertThat(status(paused)).isEqualTo("queued");
        assertThat(paused.path("estimated_finish").isNull()).isTrue();
        assertThat(rig.job(id).path("status").stringValue()).isEqualTo("QUEUED");
        assertThat(openAi.get("/" + id + "/events").path("data").path(0).path("message").stringValue())
                .isEqualTo("Job paused");
        Answer again = openAi.post("/" + id + "/pause", "{}");
        assertThat(again.status()).isEqualTo(409);
        assertThat(again.header("x-should-retry")).isEqualTo("false");
        rig.trainers("succeed");
        assertThat(status(OpenAiRig.ok(openAi.post("/" + id + "/resume", "{}")))).isIn("queued", "running",
                "succeeded");
        rig.await(id, JobState.SUCCEEDED);
        JsonNode done = openAi.job(id);
        assertThat(status(done)).isEqualTo("succeeded");
        assertThat(done.path("fine_tuned_model").stringValue()).matches("ft:tiny:[^:]+::[0-9A-Za-z]{8}");
        assertThat(done.path("trained_tokens").intValue()).isEqualTo(2000);
        assertThat(done.path("finished_at").longValue()).isGreaterThanOrEqualTo(done.path("created_at").longValue());
        assertThat(done.path("estimated_finish").isNull()).isTrue();
        assertThat(done.path("error").isNull()).isTrue();
        assertThat(openAi.post("/" + id + "/resume", "").status()).isEqualTo(409);
        assertThat(OpenAiRig.ok(openAi.post("/" + id + "/cancel", ""))).isEqualTo(done);
        String name = done.path("fine_tuned_model").stringValue();
        assertThat(rig.job(id).path("fine_tuned_model").stringValue()).startsWith("ft:tiny:").isNotEqualTo(name);
        String next = openAi.create("{\"model\":\"" + name + "\",\"training_file\":\"" + openAi.file() + "\"}")
                .path("id").stringValue();
        assertThat(openAi.job(next).path("model").stringValue()).isEqualTo(name);
        rig.server.post(JobsRig.JOBS + "/" + next + "/cancel", "");
        rig.server.post("/mistral/v1/fine_tuning/models/" + rig.job(id).path("fine_tuned_model").stringValue()
                + "/archive", "");
        Answer archived = openAi.post("", "{\"model\":\"" + name + "\",\"training_file\":\"" + openAi.file() + "\"}");
        assertThat(archived.status()).isEqualTo(400);
        assertThat(archived.json().path("error").path("param").stringValue()).isEqualTo("model");
        assertThat(archived.json().path("error").path("message").stringValue()).contains("is archived");
    }

    @Test
    void pausedIsShownIfTheServerIsToldTo() {
        String id = held(6);
        openAi.post("/" + id + "/pause", "");
        rig.await(id, JobState.PAUSED);
        rig.restart("--openai.paused-status");
        assertThat(status(openAi.job(id))).isEqualTo("paused");
        rig.restart();
        assertThat(status(openAi.job(id))).isEqualTo("queued");
        assertThat(status(OpenAiRig.ok(openAi.post("/" + id + "/cancel", "")))).isEqualTo("cancelled");
    }

    @Test
    void cancelIsShownAtOnce() {
        String id = held(4);
        assertThat(status(OpenAiRig.ok(openAi.post("/" + id + "/cancel", "")))).isEqualTo("cancelled");
        rig.await(id, JobState.CANCELLED);
        JsonNode job = openAi.job(id);
        assertThat(job.path("finished_at").isIntegralNumber()).isTrue();
        assertThat(job.path("fine_tuned_model").isNull()).isTrue();
    }

    @Test
    void resumeStartsAJobThatWaitsForItsStart() {
        String id = rig.create(rig.body(rig.file(), "")).path("id").stringValue();
        rig.await(id, JobState.VALIDATED);
        assertThat(status(openAi.job(id))).isEqualTo("queued");
        OpenAiRig.ok(openAi.post("/" + id + "/resume", ""));
        rig.await(id, JobState.SUCCEEDED);
        JsonNode job = openAi.job(id);
        assertThat(job.path("hyperparameters"))
                .isEqualTo(Json.parse("{\"n_epochs\":1,\"batch_size\":8,\"learning_rate_multiplier\":1.0}"));
    }

    private JsonNode failed(String lines) {
        String file = OpenAiRig.openAiFile(rig.upload(lines));
        String id = openAi.create(body(file, "")).path("id").stringValue();
        return ended(id);
    }

    private JsonNode ended(String id) {
        for (int i = 0; i < 3000; i++) {
            JsonNode job = openAi.job(id);
            if (status(job).equals("failed")) {
                return job;
            }
            JobsRig.pause();
        }
        throw new AssertionError("the job did not fail");
    }

    @Test
    void tooFewExamplesFailTheJob() {
        JsonNode job = failed("{\"text\":\"one two three\"}\n".repeat(7));
        assertThat(job.path("error")).isEqualTo(Json.parse("""
                {"code": "invalid_n_examples", "param": "training_file",
                 "message": "Training file has 7 example(s), but must have at least 10 examples"}"""));
        assertThat(job.path("hyperparameters").path("n_epochs").stringValue()).isEqualTo("auto");
        assertThat(job.path("finished_at").isIntegralNumber()).isTrue();
        JsonNode event = openAi.get("/" + job.path("id").stringValue() + "/events").path("data").path(0);
        assertThat(event.path("level").stringValue()).isEqualTo("error");
        assertThat(event.path("message").stringValue()).contains("has 7 example(s)");
        assertThat(rig.job(job.path("id").stringValue()).path("status").stringValue()).isEqualTo("FAILED_VALIDATION");
    }

    @Test
    void faultySampleFailsTheJobWithItsLineAndFile() {
        JsonNode job = failed(
                "{\"text\":\"one two three\"}\n".repeat(11) + "{\"text\":\"" + "one ".repeat(500) + "\"}\n");
        JsonNode error = job.path("error");
        assertThat(error.path("code").stringValue()).isEqualTo("invalid_training_file");
        assertThat(error.path("param").stringValue()).isEqualTo("training_file");
        assertThat(error.path("message").stringValue()).contains("file " + job.path("training_file").stringValue(),
                "line 12");
        JsonNode data = openAi.get("/" + job.path("id").stringValue() + "/events").path("data").path(0).path("data");
        assertThat(data.path("faults").path(0).path("file_id").stringValue())
                .isEqualTo(job.path("training_file").stringValue());
    }

    @Test
    void failedRunSaysWhy() {
        rig.trainers("fail");
        String id = openAi.create(body(openAi.file(), SHORT)).path("id").stringValue();
        assertThat(ended(id).path("error")).isEqualTo(Json.parse(
                "{\"code\": \"loss_not_finite\", \"message\": \"The loss is not a number at step 3.\", \"param\": null}"));
    }

    @Test
    void anotherOrganizationsJobsAreNotFound() {
        String id = openAi.create(body(openAi.file(), SHORT)).path("id").stringValue();
        String key = rig.server.post("/luthier/v1/keys", "{\"organization\":\"other\",\"project\":\"p\"}").json()
                .path("key").stringValue();
        String[] stranger = {"Authorization", "Bearer " + key};
        for (Answer answer : List.of(rig.server.get(JOBS + "/" + id, stranger),
                rig.server.get(JOBS + "/" + id + "/events", stranger),
                rig.server.get(JOBS + "/" + id + "/events?stream=true", stranger),
                rig.server.post(JOBS + "/" + id + "/cancel", "", stranger),
                rig.server.post(JOBS + "/" + id + "/pause", "", stranger),
                rig.server.post(JOBS + "/" + id + "/resume", "", stranger))) {
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.json().path("error").path("code").stringValue()).isEqualTo("fine_tune_not_found");
        }
        assertThat(OpenAiRig.ok(rig.server.get(JOBS, stranger)).path("data")).isEmpty();
        assertThat(rig.server.get(JOBS + "?after=" + id, stranger).status()).isEqualTo(400);
        Answer stolen = rig.server.post(JOBS, body(openAi.file(), ""), stranger);
        assertThat(stolen.status()).isEqualTo(400);
        assertThat(stolen.json().path("error").path("message").stringValue()).contains("There is no file");
    }

    @Test
    void bareAddressKnowsOpenAisClients() {
        String file = openAi.file();
        JsonNode job = OpenAiRig.ok(rig.server.post("/v1/fine_tuning/jobs", body(file, ""), "User-Agent",
                "OpenAI/Python 3.22.1"));
        assertThat(job.path("object").stringValue()).isEqualTo("fine_tuning.job");
        assertThat(OpenAiRig.ok(rig.server.post("/v1/fine_tuning/jobs", body(file, ""))).path("object").stringValue())
                .isEqualTo("fine_tuning.job");
        assertThat(OpenAiRig.ok(rig.server.get("/v1/fine_tuning/jobs/" + job.path("id").stringValue())).path("id"))
                .isEqualTo(job.path("id"));
        assertThat(UUID.fromString(rig.job(job.path("id").stringValue()).path("id").stringValue()))
                .isEqualTo(OpenAiRig.uuid(job.path("id").stringValue()));
    }
}
