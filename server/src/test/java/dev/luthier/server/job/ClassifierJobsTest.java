package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.api.Ids;
import dev.luthier.server.serve.FakeWorkers;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Classifier jobs over HTTP, from what is wrong with a request to the classifier that answers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClassifierJobsTest {
    private static final String JOBS = JobsRig.JOBS;
    private static final String LINES = """
            {"text": "one two", "labels": {"mood": "glad", "topics": ["sport"]}}
            {"messages": [{"role": "user", "content": "two"}], "labels": {"mood": "sad", "topics": []}}
            {"text": "three", "labels": {"mood": "glad", "topics": ["art", "sport"]}}
            {"text": "three two", "labels": {"mood": "sad"}}
            """;
    private static final String TARGETS = """
            [{"name": "mood", "labels": ["glad", "sad"], "weight": 1.0, "loss_function": "single_class"},
             {"name": "topics", "labels": ["sport", "art"], "weight": 1.0, "loss_function": "multi_class"}]""";

    private Path data = Path.of("");
    private JobsRig rig;
    private String file;

    @BeforeAll
    void start(@TempDir Path directory) {
        data = directory;
        rig = new JobsRig(directory);
        file = rig.upload(LINES);
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    private String body(String trainingFile, String more) {
        return rig.body(trainingFile, "\"job_type\":\"classifier\"" + (more.isEmpty() ? "" : "," + more));
    }

    private static String targets(String... fields) {
        return List.of(fields).stream().map(each -> "{" + each + "}")
                .collect(Collectors.joining(",", "\"classifier_targets\":[", "]"));
    }

    private JsonNode validated(String body) {
        String id = rig.create(body).path("id").stringValue();
        rig.await(id, JobState.VALIDATED);
        return rig.job(id);
    }

    private String invalid(String body) {
        String id = rig.create(body).path("id").stringValue();
        rig.await(id, JobState.INVALID);
        return rig.job(id).path("events").path(0).path("data").path("reason").stringValue();
    }

    @Test
    void targetsComeFromTheDataByTheEndOfValidation() {
        JsonNode created = rig.create(body(file, ""));
        assertThat(created.path("job_type").stringValue()).isEqualTo("classifier");
        assertThat(created.path("classifier_targets").isArray()).isTrue();
        assertThat(created.has("repositories")).isFalse();
        String id = created.path("id").stringValue();
        rig.await(id, JobState.VALIDATED);
        JsonNode job = rig.job(id);
        assertThat(job.path("classifier_targets")).isEqualTo(Json.parse(TARGETS));
        assertThat(job.path("hyperparameters").path("seq_len").intValue()).isEqualTo(TinyModel.CONTEXT);
        assertThat(job.path("hyperparameters").path("epochs").doubleValue()).isEqualTo(1);
        assertThat(job.path("hyperparameters").has("fim_ratio")).isFalse();
        assertThat(job.path("events").toString()).contains("Target mood is single_class with 2 labels: glad, sad.",
                "1 of 4 training samples leave out the target topics");
        JsonNode item = rig.server.get(JOBS + "?page_size=100").json().path("data").valueStream()
                .filter(each -> each.path("id").stringValue().equals(id)).findFirst().orElseThrow();
        assertThat(item.path("job_type").stringValue()).isEqualTo("classifier");
        assertThat(item.has("classifier_targets")).isFalse();
    }

    @Test
    void requestedTargetsKeepTheirOrderWeightAndLossFunction() {
        JsonNode job = validated(body(file, targets(
                "\"name\":\"topics\",\"labels\":[\"art\",\"sport\"],\"weight\":0.5,\"loss_function\":null",
                "\"name\":\"mood\",\"labels\":[\"sad\",\"glad\"],\"loss_function\":\"multi_class\"")));
        assertThat(job.path("classifier_targets")).isEqualTo(Json.parse("""
                [{"name": "topics", "labels": ["art", "sport"], "weight": 0.5, "loss_function": "multi_class"},
                 {"name": "mood", "labels": ["sad", "glad"], "weight": 1.0, "loss_function": "multi_class"}]"""));
    }

    @Test
    void faultsOfTargetsNameTheirField() {
        String mood = "\"name\":\"mood\",\"labels\":[\"a\",\"b\"]";
        String labels = IntStream.rangeClosed(0, 1000).mapToObj(i -> "\"l" + i + "\"").collect(Collectors.joining(","));
        Map.of(targets(mood, mood), List.of("[\"body\",\"classifier_targets\",1,\"name\"]", "mood is given twice"), //
                targets(mood + ",\"weight\":-1"),
                List.of("[\"body\",\"classifier_targets\",0,\"weight\"]", "must be at least 0, not -1"), //
                targets(mood + ",\"weight\":0"),
                List.of("[\"body\",\"classifier_targets\"]", "at least one target a weight of more than 0"), //
                targets("\"name\":\"mood\",\"labels\":[\"a\"]"),
                List.of("[\"body\",\"classifier_targets\",0,\"labels\"]", "2 to 1000 labels, not 1"), //
                targets("\"name\":\"mood\",\"labels\":[" + labels + "]"),
                List.of("[\"body\",\"classifier_targets\",0,\"labels\"]", "2 to 1000 labels, not 1001"), //
                targets("\"name\":\"mood\",\"labels\":[\"a\",\"a\"]"),
                List.of("[\"body\",\"classifier_targets\",0,\"labels\",1]", "The label a is given twice"), //
                targets(mood + ",\"loss_function\":\"softmax\""),
                List.of("[\"body\",\"classifier_targets\",0,\"loss_function\"]", "Use multi_class, single_class"), //
                targets(mood + ",\"lables\":[]"),
                List.of("[\"body\",\"classifier_targets\",0,\"lables\"]", "Did you mean labels?"), //
                "\"hyperparameters\":{\"fim_ratio\":0.9}",
                List.of("[\"body\",\"hyperparameters\",\"fim_ratio\"]", "belongs to a completion job"))
                .forEach((more, expected) -> {
                    Answer answer = rig.server.post(JOBS, body(file, more));
                    assertThat(answer.status()).as(more).isEqualTo(400);
                    JsonNode fault = answer.json().path("detail").path(0);
                    assertThat(fault.path("loc").toString()).as(more).isEqualTo(expected.getFirst());
                    assertThat(fault.path("msg").stringValue()).as(more).contains(expected.getLast());
                });
    }

    @Test
    void dataOfTheOtherKindOfJobIsRefused() {
        assertThat(invalid(rig.body(file, ""))).isEqualTo(
                "file " + file + " holds classification data; create the job with job_type \"classifier\".");
        String plain = rig.file();
        assertThat(invalid(body(plain, ""))).isEqualTo("file " + plain + " holds no classification data; give its"
                + " lines labels, or create the job with job_type \"completion\".");
        String valid = rig.file();
        assertThat(invalid(body(file, "\"validation_files\":[\"" + valid + "\"]"))).contains("file " + valid);
    }

    @Test
    void validationFilesAddNoLabelsAndSingleClassTakesNoEmptyList() {
        String valid = rig.upload("{\"text\":\"one\",\"labels\":{\"mood\":\"gald\"}}\n");
        assertThat(invalid(body(file, "\"validation_files\":[\"" + valid + "\"]")))
                .contains("/labels/mood: \"gald\" is no label of mood. Did you mean glad?");
        assertThat(invalid(body(file, targets("\"name\":\"mood\",\"labels\":[\"glad\",\"sad\"]"))))
                .contains("\"topics\" is no target of the classifier");
        assertThat(invalid(body(file, targets("\"name\":\"mood\",\"labels\":[\"glad\",\"sad\"]",
                "\"name\":\"topics\",\"labels\":[\"sport\",\"art\"],\"loss_function\":\"single_class\""))))
                .contains("topics is single_class");
        String one = rig.upload("{\"text\":\"one\",\"labels\":{\"intent\":\"x\"}}\n");
        assertThat(invalid(body(one, "")))
                .isEqualTo("The data is not valid: target intent has only the label x; a classifier needs two.");
    }

    @Test
    void openAiClientsSeeAndCancelAClassifierJobWithoutMethod() {
        String id = validated(body(file, "")).path("id").stringValue();
        String openAi = "/openai/v1/fine_tuning/jobs/" + Ids.openAi(Ids.JOB, UUID.fromString(id));
        JsonNode seen = rig.server.get(openAi).json();
        assertThat(seen.has("method")).isFalse();
        assertThat(seen.path("hyperparameters").path("n_epochs").intValue()).isEqualTo(1);
        assertThat(rig.server.get("/openai/v1/fine_tuning/jobs").status()).isEqualTo(200);
        assertThat(rig.server.post(openAi + "/cancel", "").json().path("status").stringValue()).isEqualTo("cancelled");
    }

    @Test
    void dryRunPlansAClassifier() {
        Answer answer = rig.server.post(JOBS + "?dry_run=true", body(file, "\"hyperparameters\":{\"epochs\":2}"));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().path("epochs").doubleValue()).isEqualTo(2);
    }

    @Test
    void trainedClassifierAnswersUntilItIsDeleted() {
        String valid = rig.upload("{\"text\":\"one\",\"labels\":{\"mood\":\"sad\"}}\n");
        String id = rig.create(body(file, "\"auto_start\":true,\"suffix\":\"feelings\",\"validation_files\":[\""
                + valid + "\"],\"hyperparameters\":{\"training_steps\":20}")).path("id").stringValue();
        rig.await(id, JobState.SUCCEEDED);
        JsonNode job = rig.job(id);
        assertThat(job.path("checkpoints").path(0).path("metrics").path("valid_mean_token_accuracy").doubleValue())
                .isEqualTo(0.75);
        String name = job.path("fine_tuned_model").stringValue();
        assertThat(name).matches("ft:classifier:tiny:[0-9a-f]{8}:\\d{8}:feelings:" + id.substring(0, 8));
        assertCards(name);
        assertAnswers(name);
        assertRefusals(name);
        assertThat(rig.server.delete("/mistral/v1/models/" + name).status()).isEqualTo(200);
    }

    private void assertCards(String name) {
        JsonNode card = rig.server.get("/mistral/v1/models/" + name).json();
        assertThat(card.path("type").stringValue()).isEqualTo("fine-tuned");
        assertThat(card.path("capabilities").path("classification").booleanValue()).isTrue();
        assertThat(card.path("capabilities").path("completion_chat").booleanValue()).isFalse();
        assertThat(rig.server.get("/mistral/v1/models?model=" + name).json().path("data").path(0)).isEqualTo(card);
        JsonNode tuned = rig.server.send("PATCH", "/mistral/v1/fine_tuning/models/" + name,
                BodyPublishers.ofString("{\"name\":\"feelings\"}"), "Content-Type", "application/json").json();
        assertThat(tuned.path("model_type").stringValue()).isEqualTo("classifier");
        assertThat(tuned.path("classifier_targets")).isEqualTo(Json.parse(TARGETS));
        assertThat(tuned.path("capabilities").path("classification").booleanValue()).isTrue();
        String alias = card.path("aliases").path(0).stringValue();
        assertThat(rig.server.get("/openai/v1/models/" + alias).status()).isEqualTo(200);
        assertThat(rig.server.get("/openai/v1/models").json().path("data").valueStream()
                .map(model -> model.path("id").stringValue())).contains(alias, alias + ":ckpt-step-20");
    }

    private void assertAnswers(String name) {
        FakeWorkers.scores(data.resolve("models/tiny"), 0.75, 0.25, 0.5, 0.125);
        Answer answer = rig.server.post("/mistral/v1/classifications",
                "{\"model\":\"" + name + "\",\"input\":[\"one two\",\"three\"],\"metadata\":{\"a\":1}}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().path("results")).hasSize(2);
        assertThat(answer.json().path("results").path(1)).isEqualTo(Json
                .parse("""
                        {"mood": {"scores": {"glad": 0.75, "sad": 0.25}}, "topics": {"scores": {"sport": 0.5, "art": 0.125}}}"""));
        Answer chat = rig.server.post("/v1/chat/classifications", "{\"model\":\"" + name
                + ":ckpt-step-10\",\"input\":{\"messages\":[{\"role\":\"user\",\"content\":\"two\"}]}}");
        assertThat(chat.status()).as(chat.text()).isEqualTo(200);
    }

    private void assertRefusals(String name) {
        String chat = "{\"model\":\"" + name + "\",\"messages\":[{\"role\":\"user\",\"content\":\"two\"}]}";
        Map.of("/mistral/v1/chat/completions", chat, "/openai/v1/chat/completions", chat, "/openai/v1/completions",
                "{\"model\":\"" + name + "\",\"prompt\":\"one\"}").forEach((route, body) -> {
                    Answer answer = rig.server.post(route, body);
                    assertThat(answer.status()).as(route).isEqualTo(400);
                    assertThat(answer.text()).contains("Model " + name + " is a classifier and writes no text. Use it"
                            + " with POST /v1/classifications or /v1/chat/classifications.");
                });
        Answer further = rig.server.post(JOBS, rig.body(file, "").replace("\"tiny\"", "\"" + name + "\""));
        assertThat(further.status()).isEqualTo(400);
        assertThat(further.json().path("message").stringValue()).contains("is a classifier", "Start from tiny");
    }
}
