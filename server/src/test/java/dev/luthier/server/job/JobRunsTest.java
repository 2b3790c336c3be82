package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.model.AdapterShelf;
import dev.luthier.server.store.Database;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Whole jobs over HTTP with trainers as real processes that keep to the run directory's protocol. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JobRunsTest {
    private static final String JOBS = JobsRig.JOBS;

    private Path data = Path.of("");
    private JobsRig rig;

    @BeforeAll
    void start(@TempDir Path directory) {
        data = directory;
        rig = new JobsRig(data, "--runs.fruitless-attempts", "2", "--runs.kill-seconds", "1");
    }

    @AfterAll
    void stop() {
        rig.trainers("succeed");
        rig.close();
    }

    @Test
    void jobThatEndsWithItsBestAdapterSaysWhichAndWhatWasSaved() {
        rig.trainers("succeed");
        String valid = rig.upload("{\"text\":\"two one\"}\n");
        Answer created = rig.server.post(JOBS, rig.body(rig.file(), "\"auto_start\":true,\"validation_files\":[\""
                + valid + "\"],\"hyperparameters\":{\"training_steps\":20}"), "Luthier-Training",
                "early_stopping_enabled=true");
        String id = created.json().path("id").stringValue();
        rig.await(id, JobState.SUCCEEDED);
        JsonNode last = rig.job(id).path("events").path(0).path("data");
        assertThat(last.path("early_stopping_best_step").intValue()).isEqualTo(16);
        assertThat(last.path("early_stopping_best_metric").doubleValue()).isEqualTo(0.5);
        assertThat(last.path("early_stopped").booleanValue()).isTrue();
        assertThat(last.path("steps_saved").intValue()).isEqualTo(3);
    }

    @Test
    void jobRunsToSuccessAndItsModelCanBeManaged() {
        rig.trainers("hold-at 12");
        String valid = rig.upload("{\"text\":\"two one\"}\n");
        String id = rig.create(rig.body(rig.file(), "\"auto_start\":true,\"suffix\":\"mine\",\"validation_files\":[\""
                + valid + "\"],\"hyperparameters\":{\"training_steps\":20}")).path("id").stringValue();
        rig.awaitStep(id, 11);
        JsonNode running = rig.job(id);
        SeedSchemas.assertJob(running);
        assertThat(running.path("status").stringValue()).isEqualTo("RUNNING");
        JsonNode progress = rig.state(id).path("progress");
        assertThat(progress.path("total_steps").intValue()).isEqualTo(20);
        assertThat(progress.path("loss").isNumber()).isTrue();
        assertThat(progress.path("seconds_left").isNumber()).isTrue();
        rig.trainers("succeed");
        rig.await(id, JobState.SUCCEEDED);
        JsonNode done = rig.job(id);
        SeedSchemas.assertJob(done);
        assertThat(done.path("status").stringValue()).isEqualTo("SUCCESS");
        assertThat(done.path("trained_tokens").intValue()).isEqualTo(2000);
        assertThat(done.path("checkpoints")).hasSize(2);
        assertThat(done.path("checkpoints").path(0).path("step_number").intValue()).isEqualTo(20);
        assertThat(done.path("checkpoints").path(0).path("metrics").path("valid_loss").doubleValue()).isEqualTo(0.125);
        assertThat(done.path("events").path(0).path("data").path("status").stringValue()).isEqualTo("SUCCESS");
        String model = done.path("fine_tuned_model").stringValue();
        assertThat(model).matches("ft:tiny:[0-9a-f]{8}:\\d{8}:mine:" + id.substring(0, 8));
        assertThat(rig.server.get("/luthier/v1/jobs/" + id + "/logs").status()).isEqualTo(200);
        manageModel(model, id);
        assertThat(rig.server.delete("/luthier/v1/jobs/" + id).status()).isEqualTo(200);
        assertThat(rig.server.get(JOBS + "/" + id).status()).isEqualTo(404);
        assertThat(data.resolve("runs").resolve(id)).doesNotExist();
    }

    private void manageModel(String model, String job) {
        JsonNode list = rig.server.get("/mistral/v1/models?model=" + model).json();
        assertThat(list.path("data")).hasSize(1);
        JsonNode card = rig.server.get("/mistral/v1/models/" + model.replace(":", "%3A")).json();
        assertThat(card).isEqualTo(list.path("data").path(0));
        assertThat(card.path("type").stringValue()).isEqualTo("fine-tuned");
        assertThat(card.path("job").stringValue()).isEqualTo(job);
        assertThat(card.path("root").stringValue()).isEqualTo("tiny");
        String openAi = card.path("aliases").path(0).stringValue();
        assertThat(rig.server.get("/mistral/v1/models/" + openAi).json()).isEqualTo(card);
        String managed = "/mistral/v1/fine_tuning/models/" + model;
        JsonNode patched = rig.server.send("PATCH", managed,
                BodyPublishers.ofString("{\"name\":\"Mine\",\"description\":\"d\"}"), "Content-Type",
                "application/json").json();
        assertThat(patched.path("name").stringValue()).isEqualTo("Mine");
        assertThat(patched.path("model_type").stringValue()).isEqualTo("completion");
        JsonNode cleared = rig.server.send("PATCH", managed, BodyPublishers.ofString("{\"description\":null}"),
                "Content-Type", "application/json").json();
        assertThat(cleared.path("name").stringValue()).isEqualTo("Mine");
        assertThat(cleared.path("description").isNull()).isTrue();
        assertThat(rig.server.post(managed + "/archive", "").json().path("archived").booleanValue()).isTrue();
        assertThat(rig.server.get("/mistral/v1/models/" + model).json().path("archived").booleanValue()).isTrue();
        assertThat(rig.server.delete(managed + "/archive").json().path("archived").booleanValue()).isFalse();
        Answer archive = rig.server.get("/luthier/v1/models/" + model + "/adapter");
        assertThat(archive.headers().get("content-type")).containsExactly("application/gzip");
        assertThat(rig.server.delete("/mistral/v1/models/tiny").status()).isGreaterThanOrEqualTo(400);
        assertThat(rig.server.delete("/mistral/v1/models/" + model).json().path("deleted").booleanValue()).isTrue();
        assertThat(rig.server.get("/mistral/v1/models/" + model).status()).isEqualTo(404);
        assertThat(adapter(job)).doesNotExist();
    }

    private Path adapter(String job) {
        return data.resolve("adapters").resolve(AdapterShelf.modelOf(UUID.fromString(job)).toString());
    }

    @BeforeEach
    void behave() {
        rig.trainers("succeed");
    }

    @Test
    void startRunsAValidatedJob() {
        String id = rig.create(rig.body(rig.file(), "")).path("id").stringValue();
        rig.await(id, JobState.VALIDATED);
        Answer started = rig.server.post(JOBS + "/" + id + "/start", "");
        assertThat(started.status()).isEqualTo(200);
        SeedSchemas.assertJob(started.json());
        assertThat(started.json().path("status").stringValue()).isIn("QUEUED", "RUNNING", "SUCCESS");
        rig.await(id, JobState.SUCCEEDED);
    }

    @Test
    void killedTrainerGoesOnFromItsCheckpoint() {
        rig.trainers("die-at 7");
        String id = rig.started();
        JsonNode state = rig.await(id, JobState.SUCCEEDED);
        assertThat(state.path("attempt").intValue()).isEqualTo(2);
        assertThat(rig.job(id).path("events").toString()).contains("Attempt 1 ended without a result");
    }

    @Test
    void trainerThatAlwaysCrashesFailsTheJobWithItsLastWords() {
        rig.trainers("crash-at 3");
        String id = rig.started();
        JsonNode state = rig.await(id, JobState.FAILED);
        assertThat(state.path("problem").path("message").stringValue()).contains("out of luck at step 3");
        assertThat(rig.server.get("/luthier/v1/jobs/" + id + "/logs").text()).contains("out of luck at step 3");
        JsonNode event = rig.job(id).path("events").path(0);
        assertThat(event.path("data").path("status").stringValue()).isEqualTo("FAILED");
        assertThat(event.path("data").path("reason").stringValue()).contains("out of luck");
    }

    @Test
    void failureThatTheTrainerReportsIsTheJobs() {
        rig.trainers("fail");
        JsonNode state = rig.await(rig.started(), JobState.FAILED);
        assertThat(state.path("problem").path("code").stringValue()).isEqualTo("loss_not_finite");
        assertThat(state.path("attempt").intValue()).isEqualTo(1);
    }

    @Test
    void adapterWithAWrongHashIsNoModel() {
        rig.trainers("bad-hash");
        String id = rig.started();
        JsonNode state = rig.await(id, JobState.FAILED);
        assertThat(state.path("problem").path("code").stringValue()).isEqualTo("adapter_damaged");
        assertThat(state.path("fine_tuned_model").isNull()).isTrue();
        assertThat(adapter(id)).doesNotExist();
    }

    @Test
    void runningJobIsCancelledByItsTrainerOrWithoutIt() {
        rig.trainers("hold-at 4");
        String id = rig.started();
        rig.awaitStep(id, 3);
        JsonNode asked = rig.server.post(JOBS + "/" + id + "/cancel", "").json();
        assertThat(asked.path("status").stringValue()).isIn("CANCELLATION_REQUESTED", "CANCELLED");
        rig.await(id, JobState.CANCELLED);
        rig.trainers("deaf-at 4");
        String deaf = rig.started();
        rig.awaitStep(deaf, 3);
        rig.server.post(JOBS + "/" + deaf + "/cancel", "");
        rig.await(deaf, JobState.CANCELLED);
        assertThat(adapter(id)).doesNotExist();
        assertThat(adapter(deaf)).doesNotExist();
    }

    @Test
    void stoppingServerPutsTheRunBackAndTheNextOneGoesOn() throws IOException {
        rig.trainers("hold-at 6");
        String id = rig.started();
        rig.awaitStep(id, 5);
        rig.restart();
        assertThat(rig.state(id).path("state").stringValue()).isIn("WAITING", "STARTING", "RUNNING");
        rig.trainers("succeed");
        JsonNode state = rig.await(id, JobState.SUCCEEDED);
        assertThat(state.path("attempt").intValue()).isEqualTo(2);
        assertThat(Files.readString(data.resolve("runs").resolve(id).resolve("progress.jsonl")))
                .contains("\"resumedFromStep\":5");
    }

    @Test
    void detachedTrainerIsAdoptedByTheNextServer() {
        rig.restart("--detach");
        rig.trainers("hold-at 6");
        String id = rig.started();
        rig.awaitStep(id, 5);
        rig.restart();
        assertThat(rig.state(id).path("state").stringValue()).isEqualTo("RUNNING");
        rig.trainers("succeed");
        JsonNode state = rig.await(id, JobState.SUCCEEDED);
        assertThat(state.path("attempt").intValue()).isEqualTo(1);
    }

    @Test
    void trainerOfAJobThatNoLongerRunsIsStoppedByTheNextServer() throws IOException {
        rig.restart("--detach");
        rig.trainers("deaf-at 6");
        String id = rig.started();
        rig.awaitStep(id, 5);
        Path run = data.resolve("runs").resolve(id);
        long pid = Json.parse(Files.readString(run.resolve("trainer.json"))).path("pid").asLong();
        ProcessHandle trainer = ProcessHandle.of(pid).orElseThrow();
        // as a backup of an earlier moment has it
        rig.server.server().context().getBean(Database.class)
                .writeVoid(
                        jdbc -> jdbc.sql("update jobs set state = 'VALIDATED', process = null where id = ?").param(id)
                                .update());
        rig.restart();
        trainer.onExit().orTimeout(1, TimeUnit.MINUTES).join();
        rig.trainers("succeed");
        assertThat(rig.server.post(JOBS + "/" + id + "/start", "").status()).isEqualTo(200);
        rig.await(id, JobState.SUCCEEDED);
    }
}
