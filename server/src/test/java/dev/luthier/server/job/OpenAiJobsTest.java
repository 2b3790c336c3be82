package dev.luthier.server.job;

import static dev.luthier.server.job.OpenAiRig.JOBS;
import static dev.luthier.server.job.OpenAiRig.body;
import static dev.luthier.server.job.OpenAiRig.valuesOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.server.TestServer.Answer;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** OpenAI's job routes; trainers never end by themselves here. */
final class OpenAiJobsTest {
    private static final Set<String> KEYS = Set.of("object", "id", "created_at", "error", "fine_tuned_model",
            "finished_at", "hyperparameters", "model", "organization_id", "result_files", "status", "trained_tokens",
            "training_file", "validation_file", "integrations", "seed", "estimated_finish", "method", "metadata");

    @TempDir
    private static Path directory;
    private static JobsRig rig;
    private static OpenAiRig openAi;
    private static String file;

    @BeforeAll
    static void start() {
        rig = new JobsRig(directory, "--models.aliases.gpt-4o-mini", "tiny");
        rig.trainers("hold-at 1");
        openAi = new OpenAiRig(rig);
        file = openAi.file();
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void theRustClientFindsTheHyperparametersOutsideOfTheMethod() {
        JsonNode job = rig.server.post(JOBS, body(file, ""), "User-Agent", "openai-client-base/0.16.1").json();
        assertThat(job.path("method")).isEqualTo(Json.parse("{\"type\": \"supervised\"}"));
        assertThat(job.path("hyperparameters").propertyNames()).contains("n_epochs");
    }

    @Test
    void newJobHasEveryKeyAndShowsAutoUntilItIsPlanned() {
        JsonNode job = openAi.create(body(file, ""));
        assertThat(job.propertyNames()).containsExactlyInAnyOrderElementsOf(KEYS);
        assertThat(job.path("object").stringValue()).isEqualTo("fine_tuning.job");
        assertThat(job.path("id").stringValue()).matches("ftjob-[0-9A-Za-z]{22}");
        assertThat(job.path("organization_id").stringValue()).startsWith("org-");
        assertThat(job.path("training_file").stringValue()).isEqualTo(file);
        assertThat(job.path("model").stringValue()).isEqualTo("tiny");
        assertThat(job.path("result_files")).isEqualTo(Json.parse("[]"));
        assertThat(job.path("integrations")).isEqualTo(Json.parse("[]"));
        assertThat(job.path("seed").isIntegralNumber()).isTrue();
        for (String key : List.of("error", "fine_tuned_model", "finished_at", "trained_tokens", "validation_file",
                "estimated_finish", "metadata")) {
            assertThat(job.path(key).isNull()).as(key).isTrue();
        }
        JsonNode auto = Json
                .parse("{\"n_epochs\": \"auto\", \"batch_size\": \"auto\", \"learning_rate_multiplier\": \"auto\"}");
        assertThat(job.path("hyperparameters")).isEqualTo(auto);
        assertThat(job.path("method")).isEqualTo(
                Json.parse("{\"type\": \"supervised\", \"supervised\": {\"hyperparameters\": " + auto + "}}"));
        assertThat(job.path("status").stringValue()).isEqualTo("validating_files");
    }

    @Test
    void plannedJobShowsResolvedNumbersInBothDialects() {
        String id = openAi.create(body(file, "")).path("id").stringValue();
        JsonNode job = openAi.planned(id);
        JsonNode resolved = Json.parse("{\"n_epochs\": 3, \"batch_size\": 12, \"learning_rate_multiplier\": 20.0}");
        assertThat(job.path("hyperparameters")).isEqualTo(resolved);
        assertThat(job.path("method").path("supervised").path("hyperparameters")).isEqualTo(resolved);
        JsonNode other = rig.job(OpenAiRig.uuid(id).toString());
        SeedSchemas.assertJob(other);
        assertThat(other.path("hyperparameters")).isEqualTo(Json.parse("""
                {"training_steps": 3, "learning_rate": 0.002, "weight_decay": 0.1, "warmup_fraction": 0.05,
                 "epochs": 3.0, "seq_len": 128}"""));
        assertThat(other.path("auto_start").booleanValue()).isTrue();
    }

    @Test
    void givenHyperparametersAreReadFromEitherPlace() {
        String numbers = "{\"n_epochs\": 2, \"batch_size\": 5, \"learning_rate_multiplier\": 1.8}";
        for (String place : List.of("\"hyperparameters\":" + numbers,
                "\"method\":{\"type\":\"supervised\",\"supervised\":{\"hyperparameters\":" + numbers + "}}",
                "\"hyperparameters\":" + numbers
                        + ",\"method\":{\"type\":\"supervised\",\"supervised\":{\"hyperparameters\":" + numbers + "}}",
                "\"hyperparameters\":{\"n_epochs\":2},\"method\":{\"type\":\"supervised\",\"supervised\":"
                        + "{\"hyperparameters\":{\"batch_size\":5,\"learning_rate_multiplier\":1.8}}}")) {
            JsonNode job = openAi.create(body(file, place));
            assertThat(job.path("hyperparameters")).as(place).isEqualTo(Json.parse(numbers));
            assertThat(job.path("method").path("supervised").path("hyperparameters")).isEqualTo(Json.parse(numbers));
        }
    }

    @Test
    void requestIsEchoed() {
        JsonNode job = openAi.create("""
                {"model": "gpt-4o-mini", "training_file": "%s", "validation_file": "%s", "suffix": "my-model",
                 "seed": 2147483647, "hyperparameters": {"n_epochs": "auto"}, "metadata": {"team": "a", "run": ""},
                 "integrations": [{"type": "wandb", "wandb": {"project": "p", "entity": "e", "tags": ["x", "y"]}}]}"""
                .formatted(file, openAi.file()));
        assertThat(job.path("model").stringValue()).isEqualTo("gpt-4o-mini");
        assertThat(job.path("seed").intValue()).isEqualTo(2147483647);
        assertThat(job.path("validation_file").stringValue()).startsWith("file-");
        assertThat(job.path("metadata")).isEqualTo(Json.parse("{\"team\": \"a\", \"run\": \"\"}"));
        assertThat(job.path("integrations")).isEqualTo(Json.parse("""
                [{"type": "wandb", "wandb": {"project": "p", "name": null, "entity": "e", "tags": ["x", "y"]}}]"""));
        assertThat(job.has("suffix")).isFalse();
        JsonNode other = rig.job(OpenAiRig.uuid(job.path("id").stringValue()).toString());
        SeedSchemas.assertJob(other);
        assertThat(other.path("suffix").stringValue()).isEqualTo("my-model");
        assertThat(other.path("integrations").path(0).path("project").stringValue()).isEqualTo("p");
    }

    @Test
    void nullsAreTheSameAsAbsentFields() {
        JsonNode job = openAi.create(body(file, "\"validation_file\":null,\"suffix\":null,\"seed\":null,"
                + "\"method\":null,\"hyperparameters\":null,\"integrations\":null,\"metadata\":null"));
        assertThat(job.path("metadata").isNull()).isTrue();
        assertThat(openAi.create(body(file, "\"suffix\":\"\",\"metadata\":{}")).path("metadata"))
                .isEqualTo(Json.parse("{}"));
    }

    @Test
    void requestFaultsAreNamedAllAtOnce() {
        String longest = "x".repeat(513);
        Map<String, String> faults = Map.ofEntries(Map.entry("\"seed\":-1", "seed must be at least 0"),
                Map.entry("\"seed\":2147483648", "seed must be at most 2147483647"),
                Map.entry("\"seed\":\"1\"", "seed must be a whole number"),
                Map.entry("\"suffix\":\"" + "x".repeat(65) + "\"", "suffix must have at most 64 characters"),
                Map.entry("\"suffix\":5", "suffix must be a string"),
                Map.entry("\"hyperparameters\":{\"n_epochs\":0}", "hyperparameters.n_epochs must be at least 1"),
                Map.entry("\"hyperparameters\":{\"n_epochs\":51}", "hyperparameters.n_epochs must be at most 50"),
                Map.entry("\"hyperparameters\":{\"n_epochs\":1.5}", "must be a whole number"),
                Map.entry("\"hyperparameters\":{\"n_epochs\":\"3\"}", "must be \"auto\" or a whole number"),
                Map.entry("\"hyperparameters\":{\"batch_size\":257}", "batch_size must be at most 256"),
                Map.entry("\"hyperparameters\":{\"learning_rate_multiplier\":0}", "must be more than 0"),
                Map.entry("\"hyperparameters\":{\"learning_rate_multiplier\":1e999}", "learning_rate_multiplier"),
                Map.entry("\"hyperparameters\":[]", "hyperparameters must be an object"),
                Map.entry("\"hyperparameters\":{\"n_epochs\":2},\"method\":{\"type\":\"supervised\",\"supervised\":"
                        + "{\"hyperparameters\":{\"n_epochs\":\"auto\"}}}", "differ"),
                Map.entry("\"method\":{\"type\":\"reinforcement\",\"reinforcement\":{\"grader\":{}}}",
                        "The method reinforcement is not built yet"),
                Map.entry("\"method\":{\"type\":\"magic\"}", "method.type must be supervised or dpo"),
                Map.entry("\"method\":{}", "method.type is missing"),
                Map.entry("\"metadata\":{\"a\":1}", "metadata.a must be a string"),
                Map.entry("\"metadata\":[]", "metadata must be an object"),
                Map.entry("\"metadata\":{\"" + "k".repeat(65) + "\":\"\"}", "is longer than 64 characters"),
                Map.entry("\"metadata\":{\"k\":\"" + longest + "\"}", "must have at most 512 characters"),
                Map.entry("\"metadata\":{\"luthier.lora_rank\":\"4\"}",
                        "luthier.lora_rank is unknown. There are rank, alpha, targets"),
                Map.entry("\"metadata\":" + pairs(17), "metadata has 17 pairs; at most 16"),
                Map.entry("\"integrations\":[{\"type\":\"wandb\"}]", "integrations[0].wandb is missing"),
                Map.entry("\"integrations\":[{\"type\":\"wandb\",\"wandb\":{}}]", "wandb.project is missing"),
                Map.entry("\"integrations\":[{\"type\":\"mlflow\"}]", "integrations[0].type \"mlflow\" is unknown"),
                Map.entry("\"validation_file\":\"" + file + "\"", "is the training file too"),
                Map.entry("\"validation_file\":\"file-none\"", "There is no file file-none"),
                Map.entry("\"n_epoch\":1", "n_epoch is unknown"));
        faults.forEach((fault, message) -> {
            Answer answer = openAi.post("", body(file, fault));
            assertThat(answer.status()).as(fault).isEqualTo(400);
            assertThat(answer.json().path("error").path("message").stringValue()).as(fault).contains(message);
            assertThat(answer.json().path("error").propertyNames()).containsExactlyInAnyOrder("message", "type",
                    "param", "code");
        });
        Answer several = openAi.post("", "{\"seed\":-1,\"suffix\":7}");
        assertThat(several.json().path("error").path("message").stringValue()).contains("4 faults",
                "model is missing", "training_file is missing", "seed must", "suffix must");
        assertThat(openAi.create(body(file, "\"metadata\":" + pairs(16))).path("metadata").size()).isEqualTo(16);
    }

    private static String pairs(int count) {
        StringBuilder pairs = new StringBuilder("{");
        for (int i = 0; i < count; i++) {
            pairs.append(i == 0 ? "" : ",").append("\"k").append(i).append("\":\"v\"");
        }
        return pairs.append("}").toString();
    }

    @Test
    void listsPageToTheirEndAndFindMetadata() {
        String mark = "m" + System.nanoTime();
        Set<String> made = new LinkedHashSet<>();
        for (int i = 0; i < 5; i++) {
            made.add(openAi.create(body(file, "\"metadata\":{\"mark\":\"" + mark + "\",\"half\":\"" + i % 2 + "\"}"))
                    .path("id").stringValue());
        }
        List<String> newestFirst = List.copyOf(made).reversed();
        String filter = "?metadata%5Bmark%5D=" + mark;
        assertThat(valuesOf(openAi.get(filter), "id")).isEqualTo(newestFirst);
        assertThat(valuesOf(openAi.get(filter + "&metadata[half]=1"), "id")).containsExactly(newestFirst.get(1),
                newestFirst.get(3));
        assertThat(valuesOf(openAi.get(filter + "&metadata[half]=2"), "id")).isEmpty();
        JsonNode first = openAi.get(filter + "&limit=3");
        assertThat(first.path("object").stringValue()).isEqualTo("list");
        assertThat(first.path("has_more").booleanValue()).isTrue();
        assertThat(valuesOf(first, "id")).isEqualTo(newestFirst.subList(0, 3));
        JsonNode second = openAi.get(filter + "&limit=3&after=" + newestFirst.get(2));
        assertThat(second.path("has_more").booleanValue()).isFalse();
        assertThat(valuesOf(second, "id")).isEqualTo(newestFirst.subList(3, 5));
        JsonNode last = openAi.get(filter + "&after=" + newestFirst.get(4));
        assertThat(last.path("data")).isEmpty();
        assertThat(last.path("has_more").booleanValue()).isFalse();
        String plain = openAi.create(body(file, "")).path("id").stringValue();
        assertThat(valuesOf(openAi.get("?metadata=null&limit=100"), "id")).contains(plain)
                .doesNotContainAnyElementsOf(made);
        assertThat(valuesOf(openAi.get("?metadata=&limit=1"), "id")).containsExactly(plain);
    }

    @Test
    void faultyQueriesAreRefused() {
        for (String query : List.of("limit=0", "limit=101", "limit=x", "after=ftjob-none", "after=" + "z".repeat(300),
                "after=ftjob-0000000000000000000000", "metadata=x", "metadata[a]=1&metadata[a]=2", "page=1",
                "metadata=null&metadata[a]=1")) {
            Answer answer = rig.server.get(JOBS + "?" + query.replace("[", "%5B").replace("]", "%5D"));
            assertThat(answer.status()).as(query).isEqualTo(400);
            assertThat(answer.json().path("error").path("message").isString()).isTrue();
        }
    }

    @Test
    void jobsOfTheOtherDialectAreListedReadAndCancelled() {
        String mistral = rig.create("""
                {"model": "tiny", "training_files": [{"file_id": "%s", "weight": 2}, "%s"],
                 "hyperparameters": {"epochs": 1.2, "learning_rate": 0}}""".formatted(file, openAi.file()))
                .path("id").stringValue();
        rig.await(mistral, JobState.VALIDATED);
        JsonNode job = openAi.get("?limit=1").path("data").path(0);
        assertThat(job.propertyNames()).containsExactlyInAnyOrderElementsOf(KEYS);
        assertThat(OpenAiRig.uuid(job.path("id").stringValue())).hasToString(mistral);
        assertThat(job.path("status").stringValue()).isEqualTo("queued");
        assertThat(job.path("training_file").stringValue()).isEqualTo(file);
        assertThat(job.path("hyperparameters")).isEqualTo(
                Json.parse("{\"n_epochs\": 2, \"batch_size\": 16, \"learning_rate_multiplier\": 1.0E-9}"));
        assertThat(job.path("seed").intValue()).isEqualTo(42);
        JsonNode cancelled = OpenAiRig.ok(openAi.post("/" + mistral + "/cancel", ""));
        assertThat(cancelled.path("status").stringValue()).isEqualTo("cancelled");
        assertThat(cancelled.path("finished_at").isIntegralNumber()).isTrue();
        assertThat(cancelled.path("error").isNull()).isTrue();
        String id = openAi.create(body(file, "")).path("id").stringValue();
        JsonNode seen = rig.server.post(JobsRig.JOBS + "/" + id + "/cancel", "").json();
        assertThat(seen.path("status").stringValue()).isIn("CANCELLED", "CANCELLATION_REQUESTED");
        assertThat(openAi.post("/" + id + "/cancel", "{}").json().path("status").stringValue()).isEqualTo("cancelled");
    }

    @Test
    void unknownJobsAreNotFound() {
        for (String id : List.of("ftjob-none", "ftjob-0000000000000000000000", "x",
                "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d")) {
            for (Answer answer : List.of(rig.server.get(JOBS + "/" + id), openAi.post("/" + id + "/cancel", ""),
                    openAi.post("/" + id + "/pause", ""), openAi.post("/" + id + "/resume", "{}"))) {
                assertThat(answer.status()).isEqualTo(404);
                JsonNode error = answer.json().path("error");
                assertThat(error.path("message").stringValue()).isEqualTo("Could not find fine tune: " + id);
                assertThat(error.path("code").stringValue()).isEqualTo("fine_tune_not_found");
                assertThat(error.path("param").stringValue()).isEqualTo("fine_tune_id");
                assertThat(error.path("type").stringValue()).isEqualTo("invalid_request_error");
            }
        }
    }

    @Test
    void oddTextsAreNoFaultOfTheServer() {
        for (String text : List.of("\\u0000", "\\ud800", "\\udc00\\ud800", "a\\nb", "\\u202e", "%00", ":/?#")) {
            for (String odd : List.of("\"suffix\":\"" + text + "\"", "\"metadata\":{\"" + text + "\":\"v\"}",
                    "\"metadata\":{\"k\":\"" + text + "\"}", "\"" + text + "\":1", "\"seed\":\"" + text + "\"",
                    "\"method\":{\"type\":\"" + text + "\"}", "\"validation_file\":\"" + text + "\"",
                    "\"integrations\":[{\"type\":\"wandb\",\"wandb\":{\"project\":\"" + text + "\"}}]")) {
                Answer answer = openAi.post("", body(file, odd));
                assertThat(answer.status()).as(odd + " gave " + answer.text()).isIn(200, 400);
            }
            assertThat(openAi.post("", body(text, "")).status()).isEqualTo(400);
        }
        assertThat(openAi.get("?limit=100").path("data").size()).isPositive();
        assertThat(rig.server.get(JobsRig.JOBS + "?page_size=100").status()).isEqualTo(200);
    }
}
