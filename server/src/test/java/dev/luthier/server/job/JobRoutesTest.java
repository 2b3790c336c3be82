package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.api.Ids;
import dev.luthier.server.store.Database;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The job routes field by field; no trainer is started here. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JobRoutesTest {
    private static final String JOBS = JobsRig.JOBS;

    private JobsRig rig;
    private String file;

    @BeforeAll
    void start(@TempDir Path directory) {
        rig = new JobsRig(directory, "--models.aliases.open-mistral-7b", "tiny", "--runs.seed", "7");
        file = rig.file();
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    @Test
    void newJobHasEveryFieldOfTheSchema() {
        JsonNode job = rig.create(rig.body(file, ""));
        SeedSchemas.assertJob(job);
        assertThat(job.propertyNames()).containsExactly("id", "auto_start", "hyperparameters", "model", "status",
                "job_type", "created_at", "modified_at", "training_files", "validation_files", "object",
                "fine_tuned_model", "suffix", "integrations", "trained_tokens", "repositories", "metadata", "events",
                "checkpoints");
        assertThat(UUID.fromString(job.path("id").stringValue())).hasToString(job.path("id").stringValue());
        assertThat(job.path("status").stringValue()).isEqualTo("QUEUED");
        assertThat(job.path("auto_start").booleanValue()).isFalse();
        assertThat(job.path("training_files")).isEqualTo(Json.parse("[\"" + file + "\"]"));
        assertThat(job.path("fine_tuned_model").isNull()).isTrue();
        assertThat(job.path("hyperparameters"))
                .isEqualTo(Json.parse("{\"learning_rate\":1.0E-4,\"weight_decay\":0.1,\"warmup_fraction\":0.05}"));
        assertThat(job.path("metadata").properties()).hasSize(7).allSatisfy(
                entry -> assertThat(entry.getValue().isNull()).isTrue());
        JsonNode event = job.path("events").path(job.path("events").size() - 1);
        assertThat(event.path("name").stringValue()).isEqualTo("status-updated");
        assertThat(event.path("data").path("status").stringValue()).isEqualTo("QUEUED");
    }

    @Test
    void validatedJobHasResolvedSettingsAndExactCounts() {
        String id = rig.create("""
                {"model": "open-mistral-7b", "training_files": [{"file_id": "%s", "weight": 2.5}], "job_type": null,
                 "validation_files": ["%s"], "hyperparameters": {"epochs": 3, "learning_rate": 0.002},
                 "suffix": "my-model_1", "repositories": [], "classifier_targets": null, "integrations": null,
                 "invalid_sample_skip_percentage": 0}""".formatted(file, rig.file())).path("id").stringValue();
        rig.await(id, JobState.VALIDATED);
        JsonNode job = rig.job(id);
        SeedSchemas.assertJob(job);
        assertThat(job.path("status").stringValue()).isEqualTo("VALIDATED");
        assertThat(job.path("model").stringValue()).isEqualTo("open-mistral-7b");
        assertThat(job.path("suffix").stringValue()).isEqualTo("my-model_1");
        assertThat(job.path("hyperparameters")).isEqualTo(Json.parse("""
                {"training_steps": 3, "learning_rate": 0.002, "weight_decay": 0.1, "warmup_fraction": 0.05,
                 "epochs": 3.0, "seq_len": 128}"""));
        JsonNode metadata = job.path("metadata");
        assertThat(metadata.path("data_tokens").intValue()).isEqualTo(8 * 4);
        assertThat(metadata.path("train_tokens_per_step").intValue()).isEqualTo(8 * 4);
        assertThat(metadata.path("train_tokens").intValue()).isEqualTo(3 * 8 * 4);
        assertThat(metadata.path("cost").isNull()).isTrue();
        assertThat(names(job.path("events"), "status")).endsWith("VALIDATED", "VALIDATING", "QUEUED");
    }

    @Test
    void listFindsJobsByEveryFilter() {
        String suffix = "s" + System.nanoTime() % 1_000_000;
        String id = rig.create("""
                {"model": "open-mistral-7b", "training_files": ["%s"], "suffix": "%s",
                 "integrations": [{"type": "wandb", "project": "p-%s", "name": "n-%s", "api_key": "secret"}]}"""
                .formatted(file, suffix, suffix, suffix)).path("id").stringValue();
        String other = rig.create(rig.body(file, "")).path("id").stringValue();
        assertThat(ids("?suffix=" + suffix)).containsExactly(id);
        assertThat(ids("?wandb_project=p-" + suffix)).containsExactly(id);
        assertThat(ids("?wandb_name=n-" + suffix)).containsExactly(id);
        assertThat(ids("?model=open-mistral-7b&page_size=100")).contains(id).doesNotContain(other);
        assertThat(ids("?created_by_me=true&page_size=100")).contains(id, other);
        assertThat(ids("?created_after=2999-01-01T00:00:00.000Z")).isEmpty();
        assertThat(ids("?created_before=2020-01-01T00:00:00%2B02:00")).isEmpty();
        assertThat(ids("?created_after=2020-01-01T00:00:00Z&page_size=1")).containsExactly(other);
        assertThat(ids("?created_after=2020-01-01T00:00:00Z&page_size=1&page=1")).containsExactly(id);
        JsonNode list = rig.server.get(JOBS + "?page_size=1&suffix=" + suffix).json();
        SeedSchemas.assertJobList(list);
        assertThat(list.path("object").stringValue()).isEqualTo("list");
        assertThat(list.path("total").intValue()).isEqualTo(1);
        assertThat(list.path("data").path(0).has("events")).isFalse();
    }

    @Test
    void pageAndPageSizeOutsideTheirLimitsAreRefused() {
        for (String query : List.of("page=-1", "page=text", "page_size=0", "page_size=-1", "page_size=101",
                "page_size=text", "status=SLEEPING", "created_after=yesterday", "created_by_me=maybe", "pages=1")) {
            Answer answer = rig.server.get(JOBS + "?" + query);
            assertThat(answer.status()).as(query).isEqualTo(400);
            SeedSchemas.assertError(answer.json());
        }
        assertThat(rig.server.get(JOBS + "?page=0&page_size=100").status()).isEqualTo(200);
    }

    @Test
    void requestFaultsAreNamed() {
        Map<String, String> faults = Map.ofEntries(Map.entry("{}", "model is missing"),
                Map.entry("{\"model\":\"tiny\"}", "At least one training file is required"),
                Map.entry("{\"model\":\"tiny\",\"training_files\":[]}", "At least one training file is required"),
                Map.entry("{\"model\":\"giant\",\"training_files\":[\"" + file + "\"]}",
                        "Available: tiny, open-mistral-7b (tiny)"),
                Map.entry("{\"model\":\"tiny\",\"training_files\":[\"nonsense\"]}", "There is no file nonsense"),
                Map.entry("{\"model\":\"tiny\",\"training_files\":[\"" + UUID.randomUUID() + "\"]}",
                        "Upload it first"),
                Map.entry("{\"model\":\"tiny\",\"training_files\":[{\"weight\":1}]}", "file_id is missing"),
                Map.entry("{\"model\":\"tiny\",\"training_files\":[{\"file_id\":\"" + file + "\",\"weight\":0}]}",
                        "training_files[0].weight must be more than 0"),
                Map.entry("{\"model\":\"tiny\",\"training_files\":[\"" + file + "\",\"" + file + "\"]}",
                        "listed twice"),
                Map.entry(rig.body(file, "\"validation_files\":[\"" + file + "\"]"), "is a training file too"),
                Map.entry(rig.body(file, "\"hyperparameters\":{\"training_steps\":0}"), "at least 1"),
                Map.entry(rig.body(file, "\"hyperparameters\":{\"learning_rate\":-1}"), "at least 0"),
                Map.entry(rig.body(file, "\"hyperparameters\":{\"weight_decay\":-0.1}"), "at least 0"),
                Map.entry(rig.body(file, "\"hyperparameters\":{\"warmup_fraction\":1.5}"), "at most 1"),
                Map.entry(rig.body(file, "\"hyperparameters\":{\"epochs\":0}"), "more than 0"),
                Map.entry(rig.body(file, "\"hyperparameters\":{\"seq_len\":4096}"), "at most 128, the context of tiny"),
                Map.entry(rig.body(file, "\"hyperparameters\":{\"fim_ratio\":0.9}"), "not built yet"),
                Map.entry(rig.body(file, "\"hyperparameters\":{\"learning_rates\":1}"),
                        "Did you mean learning_rate?"),
                Map.entry(rig.body(file, "\"suffix\":\"nineteen-characters\""), "at most 18 characters"),
                Map.entry(rig.body(file, "\"suffix\":\"a b\""), "only letters, digits"),
                Map.entry(rig.body(file, "\"invalid_sample_skip_percentage\":0.6"), "at most 0.5"),
                Map.entry(rig.body(file, "\"job_type\":\"classifer\""), "Use classifier, completion"),
                Map.entry(rig.body(file, "\"repositories\":[{}]"), "repositories is not built yet"),
                Map.entry(rig.body(file, "\"classifier_targets\":[{\"name\":\"a\",\"labels\":[\"b\",\"c\"]}]"),
                        "Set job_type to classifier"),
                Map.entry(rig.body(file, "\"integrations\":[{\"type\":\"mlflow\"}]"), "mlflow"),
                Map.entry(rig.body(file, "\"auto_start\":\"yes\""), "true or false"));
        faults.forEach((body, message) -> {
            Answer answer = rig.server.post(JOBS, body);
            assertThat(answer.status()).as(body).isEqualTo(400);
            assertThat(answer.json().path("message").stringValue()).as(body).contains(message);
            SeedSchemas.assertError(answer.json());
        });
    }

    @Test
    void harmlessValuesAreAccepted() {
        for (String more : List.of("\"hyperparameters\":{}", "\"hyperparameters\":null", "\"suffix\":\"\"",
                "\"hyperparameters\":{\"fim_ratio\":0,\"weight_decay\":5,\"learning_rate\":7,\"seq_len\":null}",
                "\"job_type\":\"completion\"", "\"integrations\":[]", "\"validation_files\":null",
                "\"integrations\":[{\"type\":\"wandb\"}]")) {
            JsonNode job = rig.create(rig.body(file, more));
            SeedSchemas.assertJob(job);
            assertThat(job.path("suffix").isNull()).isTrue();
        }
    }

    @Test
    void wandbKeyIsStoredEncryptedAndNeverReturned() {
        String key = "0123456789abcdef0123456789abcdef01234567";
        JsonNode job = rig
                .create(rig.body(file, "\"integrations\":[{\"type\":\"wandb\",\"api_key\":\"" + key + "\"}]"));
        assertThat(job.path("integrations"))
                .isEqualTo(Json.parse("[{\"type\":\"wandb\",\"project\":\"luthier\"}]"));
        assertThat(job.path("events").path(0).path("name").stringValue()).isIn("warning", "status-updated");
        assertThat(job.toString()).doesNotContain(key);
        String stored = rig.server.server().context().getBean(Database.class).reader()
                .sql("select request from jobs where id = :id").param("id", job.path("id").stringValue())
                .query(String.class).single();
        assertThat(stored).contains("encryptedKey").doesNotContain(key);
        assertThat(rig.job(job.path("id").stringValue()).path("events").toString())
                .contains("metrics are not sent there yet");
    }

    @Test
    void smallLearningRateGetsAWarningWithWhatSuits() {
        String id = rig.create(rig.body(file, "")).path("id").stringValue();
        rig.await(id, JobState.VALIDATED);
        assertThat(rig.job(id).path("events").toString()).contains("0.0001 is far below what suits")
                .contains("0.001 to 0.004");
    }

    @Test
    void dryRunAnswersWithAnEstimateAndMakesNoJob() {
        int before = rig.server.get(JOBS).json().path("total").intValue();
        Answer answer = rig.server.post(JOBS + "?dry_run=true",
                rig.body(file, "\"hyperparameters\":{\"training_steps\":10}"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("object").stringValue()).isEqualTo("job.metadata");
        assertThat(answer.json().path("deprecated").booleanValue()).isTrue();
        assertThat(answer.json().path("training_steps").intValue()).isEqualTo(10);
        assertThat(answer.json().path("train_tokens").intValue()).isEqualTo(10 * 32);
        assertThat(answer.json().path("details").stringValue()).contains("8 valid samples", "10 steps");
        assertThat(rig.server.get(JOBS).json().path("total").intValue()).isEqualTo(before);
        assertThat(rig.server.post("/luthier/v1/estimates", rig.body(file, "")).json().path("steps").intValue())
                .isEqualTo(1);
    }

    @Test
    void durationIsKnownOnceTheBaseModelWasMeasured() {
        String id = rig.create(rig.body(file, "\"hyperparameters\":{\"training_steps\":10}")).path("id").stringValue();
        rig.await(id, JobState.VALIDATED);
        long deadline = System.currentTimeMillis() + 60_000;
        while (rig.job(id).path("metadata").path("expected_duration_seconds").isNull()) {
            assertThat(System.currentTimeMillis()).isLessThan(deadline);
            JobsRig.pause();
        }
        // 10 steps of 32 tokens at half a second each, and three seconds to load, as the fake probe says.
        assertThat(rig.job(id).path("metadata").path("expected_duration_seconds").intValue()).isEqualTo(163);
        assertThat(rig.server.post(JOBS + "?dry_run=true", rig.body(file, "")).json()
                .path("expected_duration_seconds").intValue()).isEqualTo(19);
    }

    @Test
    void overlongSamplesFailValidationByLineUnlessTheyMaySkip() {
        String lines = "{\"text\":\"one\"}\n{\"text\":\"" + "one ".repeat(200) + "\"}\n{\"text\":\"two\"}\n";
        String bad = rig.upload(lines);
        String id = rig.create(rig.body(bad, "\"auto_start\":false")).path("id").stringValue();
        rig.await(id, JobState.INVALID);
        JsonNode job = rig.job(id);
        SeedSchemas.assertJob(job);
        assertThat(job.path("status").stringValue()).isEqualTo("FAILED_VALIDATION");
        JsonNode reason = job.path("events").path(0).path("data");
        assertThat(reason.path("total_faults").intValue()).isEqualTo(1);
        assertThat(reason.path("faults").path(0).path("line").intValue()).isEqualTo(2);
        assertThat(reason.path("reason").stringValue()).contains("line 2");
        assertThat(rig.server.post(JOBS + "?dry_run=true", rig.body(bad, "")).status()).isEqualTo(400);
        String skipping = rig.create(rig.body(bad, "\"invalid_sample_skip_percentage\":0.5")).path("id").stringValue();
        assertThat(rig.await(skipping, JobState.VALIDATED).path("plan").path("skipped_samples").intValue())
                .isEqualTo(1);
        assertThat(rig.job(skipping).path("events").toString()).contains("1 of 3 samples");
    }

    @Test
    void cancelIsIdempotentAndStartNeedsAValidatedJob() {
        String id = rig.create(rig.body(file, "")).path("id").stringValue();
        rig.await(id, JobState.VALIDATED);
        JsonNode cancelled = rig.server.post(JOBS + "/" + id + "/cancel", "").json();
        SeedSchemas.assertJob(cancelled);
        assertThat(cancelled.path("status").stringValue()).isEqualTo("CANCELLED");
        Answer again = rig.server.post(JOBS + "/" + id + "/cancel", "");
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json()).isEqualTo(cancelled);
        Answer start = rig.server.post(JOBS + "/" + id + "/start", "");
        assertThat(start.status()).isEqualTo(409);
        assertThat(start.json().path("message").stringValue()).contains("this one is CANCELLED");
        SeedSchemas.assertError(start.json());
        assertThat(start.headers().get("x-should-retry")).containsExactly("false");
    }

    @Test
    void jobsOfAnotherOrganizationDoNotExist() {
        String id = rig.create(rig.body(file, "")).path("id").stringValue();
        String stranger = "Bearer " + rig.server
                .post("/luthier/v1/keys", "{\"organization\":\"other\",\"project\":\"p\"}").json().path("key")
                .stringValue();
        String[] header = {"Authorization", stranger};
        for (Answer answer : List.of(rig.server.get(JOBS + "/" + id, header),
                rig.server.post(JOBS + "/" + id + "/cancel", "", header),
                rig.server.post(JOBS + "/" + id + "/start", "", header),
                rig.server.get("/luthier/v1/jobs/" + id, header), rig.server.delete("/luthier/v1/jobs/" + id, header),
                rig.server.get(JOBS + "/not-an-id", header), rig.server.get(JOBS + "/" + UUID.randomUUID(), header))) {
            assertThat(answer.status()).isEqualTo(404);
            SeedSchemas.assertError(answer.json());
        }
        assertThat(rig.server.get(JOBS, header).json().path("total").intValue()).isZero();
        Answer foreignFile = rig.server.post(JOBS, rig.body(file, ""), header);
        assertThat(foreignFile.status()).isEqualTo(400);
        Answer noKey = rig.server.get(JOBS, "Authorization", "Bearer none");
        assertThat(noKey.status()).isEqualTo(401);
        SeedSchemas.assertError(noKey.json());
    }

    @Test
    void openAiFormOfAnIdAndBareAddressReachTheSameJob() {
        String id = rig.create(rig.body(file, "")).path("id").stringValue();
        String other = Ids.openAi("ftjob-", UUID.fromString(id));
        assertThat(rig.server.get(JOBS + "/" + other).json().path("id").stringValue()).isEqualTo(id);
        assertThat(rig.server.get("/v1/fine_tuning/jobs/" + id).json().path("id").stringValue()).isEqualTo(id);
    }

    private List<String> ids(String query) {
        Answer answer = rig.server.get(JOBS + query);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return StreamSupport.stream(answer.json().path("data").spliterator(), false)
                .map(job -> job.path("id").stringValue()).toList();
    }

    private static List<String> names(JsonNode events, String field) {
        return StreamSupport.stream(events.spliterator(), false).map(event -> event.path("data").path(field))
                .filter(JsonNode::isString).map(JsonNode::stringValue).toList();
    }
}
