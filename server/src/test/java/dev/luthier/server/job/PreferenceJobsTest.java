package dev.luthier.server.job;

import static dev.luthier.server.job.OpenAiRig.body;
import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.Task;
import dev.luthier.server.TestServer.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Jobs of OpenAI's method {@code dpo}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PreferenceJobsTest {
    private static final String DPO = "\"method\":{\"type\":\"dpo\"}";
    private static final String HEADER = "Luthier-Training";

    private JobsRig rig;
    private OpenAiRig openAi;
    private String pairs;
    private String chats;

    @BeforeAll
    void start(@TempDir Path directory) {
        rig = new JobsRig(directory, "--runs.max", "16", "--models.aliases.careful", "tiny@careful",
                "--recipes.careful.dpo-sft-weight", "0.5", "--training.dpo-length-normalized", "true");
        openAi = new OpenAiRig(rig);
        pairs = pairs(12);
        chats = OpenAiRig.openAiFile(rig.upload(
                "{\"messages\":[{\"role\":\"user\",\"content\":\"one\"},{\"role\":\"assistant\",\"content\":\"two\"}]}\n"
                        .repeat(12)));
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    @BeforeEach
    void behave() {
        rig.trainers("hold-at 1");
    }

    private String pairs(int count) {
        return OpenAiRig.openAiFile(rig.upload("""
                {"input":{"messages":[{"role":"user","content":"one"}]},\
                "preferred_output":[{"role":"assistant","content":"two three"}],\
                "non_preferred_output":[{"role":"assistant","content":"three"}]}
                """.repeat(count)));
    }

    private static String dpo(String hyperparameters) {
        return "\"method\":{\"type\":\"dpo\",\"dpo\":{\"hyperparameters\":" + hyperparameters + "}}";
    }

    private JsonNode create(String file, String more) {
        return openAi.create(body(file, more));
    }

    private String id(JsonNode job) {
        return job.path("id").stringValue();
    }

    private RunSpec spec(String id) {
        String uuid = OpenAiRig.uuid(id).toString();
        rig.await(uuid, JobState.RUNNING);
        return new RunDirectory(rig.data.resolve("runs").resolve(uuid)).readSpec();
    }

    @Test
    void newJobShowsAutoAndAPlannedOneNumbersInBothPlaces() {
        JsonNode job = create(pairs, DPO);
        assertThat(job.path("method")).isEqualTo(Json.parse("""
                {"type": "dpo", "dpo": {"hyperparameters": {"beta": "auto", "batch_size": "auto",
                 "learning_rate_multiplier": "auto", "n_epochs": "auto"}}}"""));
        assertThat(job.path("hyperparameters")).isEqualTo(Json.parse(
                "{\"batch_size\": \"auto\", \"learning_rate_multiplier\": \"auto\", \"n_epochs\": \"auto\"}"));
        JsonNode planned = openAi.planned(id(job));
        assertThat(planned.path("hyperparameters")).isEqualTo(Json
                .parse("{\"batch_size\": 8, \"learning_rate_multiplier\": 2.0, \"n_epochs\": 3}"));
        assertThat(planned.path("method")).isEqualTo(Json.parse("""
                {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1, "batch_size": 8,
                 "learning_rate_multiplier": 2.0, "n_epochs": 3}}}"""));
        RunSpec spec = spec(id(job));
        assertThat(spec.task()).as("the server's setting").isEqualTo(new Task.Preference(0.1, 0, true));
        assertThat(spec.batch().samplesPerStep()).isEqualTo(8);
        assertThat(spec.optimizer().learningRate()).isEqualTo(2e-4);
        assertThat(spec.optimizer().steps()).isEqualTo(6);
    }

    @Test
    void givenNumbersAreEchoedAndTrainedWith() {
        for (String place : List.of(
                dpo("{\"beta\":0.25,\"batch_size\":5,\"learning_rate_multiplier\":1.5,\"n_epochs\":2}"),
                dpo("{\"beta\":0.25,\"n_epochs\":2}")
                        + ",\"hyperparameters\":{\"batch_size\":5,\"learning_rate_multiplier\":1.5,\"n_epochs\":2}")) {
            JsonNode job = create(pairs, place);
            assertThat(job.path("method").path("dpo").path("hyperparameters")).as(place).isEqualTo(Json.parse(
                    "{\"beta\": 0.25, \"batch_size\": 5, \"learning_rate_multiplier\": 1.5, \"n_epochs\": 2}"));
            assertThat(job.path("hyperparameters").has("beta")).isFalse();
            RunSpec spec = spec(id(job));
            assertThat(spec.task()).isEqualTo(new Task.Preference(0.25, 0, true));
            assertThat(spec.batch().samplesPerStep()).isEqualTo(5);
            openAi.post("/" + id(job) + "/cancel", "");
        }
    }

    @Test
    void clientsOf32BitsFindTheTypeAlone() {
        JsonNode job = rig.server.post(OpenAiRig.JOBS, body(pairs, dpo("{\"beta\":0.5}")), "User-Agent",
                "openai-client-base/0.16.1").json();
        assertThat(job.path("method")).isEqualTo(Json.parse("{\"type\": \"dpo\"}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', value = {
            "{`type`:`dpo`,`dpo`:{`hyperparameters`:{`beta`:0}}} | out_of_range | method.dpo.hyperparameters.beta | must be more than 0, not 0.",
            "{`type`:`dpo`,`dpo`:{`hyperparameters`:{`beta`:-1}}} | out_of_range | method.dpo.hyperparameters.beta | must be more than 0, not -1.",
            "{`type`:`dpo`,`dpo`:{`hyperparameters`:{`beta`:2.01}}} | out_of_range | method.dpo.hyperparameters.beta | must be at most 2, not 2.01.",
            "{`type`:`dpo`,`dpo`:{`hyperparameters`:{`beta`:`high`}}} | wrong_type | method.dpo.hyperparameters.beta | must be \"auto\" or a number",
            "{`type`:`dpo`,`dpo`:{`hyperparameters`:{`beta`:true}}} | wrong_type | method.dpo.hyperparameters.beta | must be a number, not a boolean.",
            "{`type`:`dpo`,`dpo`:{`hyperparameters`:{`n_epochs`:51}}} | out_of_range | method.dpo.hyperparameters.n_epochs | must be at most 50",
            "{`type`:`dpo`,`dpo`:{`hyperparameters`:{`batch_size`:257}}} | out_of_range | method.dpo.hyperparameters.batch_size | must be at most 256",
            "{`type`:`dpo`,`dpo`:{`hyperparameters`:{`learning_rate_multiplier`:0}}} | out_of_range | method.dpo.hyperparameters.learning_rate_multiplier | must be more than 0",
            "{`type`:`dpo`,`dpo`:{`hyperparameters`:{`betta`:1}}} | unknown_field | method.dpo.hyperparameters.betta | Did you mean beta?",
            "{`type`:`dpo`,`supervised`:{}} | contradiction | method.supervised | method.supervised is for jobs of another type than dpo, which method.type says. Leave it out.",
            "{`type`:`supervised`,`dpo`:{}} | contradiction | method.dpo | method.dpo is for jobs of another type than supervised",
            "{`type`:`dpo`,`reinforcement`:{`grader`:{}}} | contradiction | method.reinforcement | method.reinforcement is for jobs of another type than dpo",
            "{`type`:`reinforcement`,`reinforcement`:{`grader`:{}}} | not_built | method.type | The method reinforcement is not built yet. Use supervised or dpo.",
            "{`dpo`:{}} | missing_field | method.type | method.type is missing.",
            "{`type`:`supervised`,`supervised`:{`hyperparameters`:{`beta`:0.1}}} | unknown_field | method.supervised.hyperparameters.beta | beta is unknown"})
    void methodThatCannotBeIsRefused(String method, String code, String place, String message) {
        Answer answer = openAi.post("", body(pairs, "\"method\":" + method.replace('`', '"')));
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        JsonNode error = answer.json().path("error");
        assertThat(error.path("code").stringValue()).isEqualTo(code);
        assertThat(error.path("param").stringValue()).isEqualTo(place);
        assertThat(error.path("message").stringValue()).contains(message);
    }

    @Test
    void bothPlacesMustAgreeAndTheOlderOneKnowsNoBeta() {
        Answer differing = openAi.post("",
                body(pairs, dpo("{\"n_epochs\":2}") + ",\"hyperparameters\":{\"n_epochs\":3}"));
        assertThat(differing.json().path("error").path("code").stringValue()).isEqualTo("contradiction");
        Answer beta = openAi.post("", body(pairs, DPO + ",\"hyperparameters\":{\"beta\":0.1}"));
        assertThat(beta.json().path("error").path("message").stringValue()).contains("The field beta is unknown");
    }

    @Test
    void ownSettingsComeFromRequestAliasAndServer() {
        JsonNode said = create(pairs, DPO + ",\"metadata\":{\"luthier.dpo_sft_weight\":\"2\","
                + "\"luthier.dpo_length_normalized\":\"false\"}");
        assertThat(spec(id(said)).task()).isEqualTo(new Task.Preference(0.1, 2, false));
        JsonNode training = rig.state(OpenAiRig.uuid(id(said)).toString()).path("plan").path("training");
        assertThat(training.properties()).containsAll(Json
                .parse("{\"beta\": 0.1, \"dpo_sft_weight\": 2.0, \"dpo_length_normalized\": false}").properties());
        JsonNode aliased = openAi.create(body(pairs, DPO).replace("\"tiny\"", "\"careful\""));
        assertThat(spec(id(aliased)).task()).isEqualTo(new Task.Preference(0.1, 0.5, true));
    }

    @Test
    void ownSettingsAreFaultsOnlyWhereARequestOfAnotherMethodSaysThem() {
        Answer supervised = openAi.post("", body(chats, "\"metadata\":{\"luthier.dpo_sft_weight\":\"2\"}"));
        assertThat(supervised.status()).isEqualTo(400);
        assertThat(supervised.json().path("error")).isEqualTo(Json.parse("""
                {"message": "luthier.dpo_sft_weight has no effect unless the job's method is dpo. Leave it out.",
                 "type": "invalid_request_error", "param": "metadata.luthier.dpo_sft_weight",
                 "code": "contradiction"}"""));
        Answer mistral = rig.server.post(JobsRig.JOBS, rig.body(chats, ""), HEADER, "dpo_length_normalized=true");
        assertThat(mistral.status()).isEqualTo(400);
        assertThat(mistral.text()).contains("dpo_length_normalized has no effect unless");
        Answer range = openAi.post("", body(pairs, DPO + ",\"metadata\":{\"luthier.dpo_sft_weight\":\"-1\"}"));
        assertThat(range.text()).contains("luthier.dpo_sft_weight must be a number from 0 to 1000");
        JsonNode other = openAi.create(body(chats, "").replace("\"tiny\"", "\"careful\""));
        assertThat(spec(id(other)).task()).isEqualTo(Task.SUPERVISED);
    }

    @Test
    void batchTokensCountBothAnswers() {
        JsonNode job = create(pairs, DPO + ",\"metadata\":{\"luthier.batch_tokens\":\"50\"}");
        int perPair = rig.state(OpenAiRig.uuid(id(openAi.planned(id(job)))).toString()).path("plan")
                .path("data_tokens").intValue() / 12;
        assertThat(openAi.job(id(job)).path("hyperparameters").path("batch_size").intValue())
                .isEqualTo(Math.round(50f / perPair)).isLessThan(8);
    }

    private JsonNode invalid(String job) {
        for (int i = 0; i < 3000; i++) {
            JsonNode now = openAi.job(job);
            if (now.path("status").stringValue().equals("failed")) {
                return now;
            }
            JobsRig.pause();
        }
        throw new AssertionError("the job did not fail");
    }

    @Test
    void filesOfAnotherFormatFailTheJob() {
        String id = id(create(chats, DPO));
        assertThat(invalid(id).path("error")).isEqualTo(Json
                .parse("""
                        {"code": "invalid_training_file", "param": "training_file", "message": "Invalid file format. Input file \
                        %s is in the fine-tune-chat format, but the specified fine-tuning job is not using 'supervised' as the \
                        training method (provided method=dpo)."}"""
                        .formatted(chats)));
        String uuid = OpenAiRig.uuid(id).toString();
        assertThat(rig.job(uuid).path("status").stringValue()).isEqualTo("FAILED_VALIDATION");
        assertThat(rig.job(uuid).path("events").toString())
                .contains("Input file " + rig.job(uuid).path("training_files").path(0).stringValue() + " is in the");
        assertThat(invalid(id(create(pairs, ""))).path("error").path("message").stringValue()).isEqualTo(
                "Invalid file format. Input file " + pairs + " is in the fine-tune-preference format, but the specified"
                        + " fine-tuning job is not using 'dpo' as the training method (provided method=supervised).");
        JsonNode validation = invalid(id(create(pairs, DPO + ",\"validation_file\":\"" + chats + "\"")));
        assertThat(validation.path("error").path("code").stringValue()).isEqualTo("invalid_validation_file");
        assertThat(validation.path("error").path("message").stringValue()).contains("Input file " + chats);
        assertThat(invalid(id(create(openAi.file(), DPO))).path("error").path("message").stringValue())
                .contains("is in the fine-tune-text format", "(provided method=dpo).");
    }

    @Test
    void labelledSamplesFailACompletionJob() {
        String labelled = rig.upload("{\"text\":\"one\",\"labels\":{\"a\":\"x\"}}\n".repeat(12));
        String id = rig.create(rig.body(labelled, "")).path("id").stringValue();
        rig.await(id, JobState.INVALID);
        assertThat(rig.job(id).path("events").toString()).contains(
                "file " + labelled + " holds classification data; create the job with job_type \\\"classifier\\\".");
    }

    @Test
    void fewerThanTenPairsFailTheJob() {
        assertThat(invalid(id(create(pairs(9), DPO))).path("error")).isEqualTo(Json.parse("""
                {"code": "invalid_n_examples", "param": "training_file",
                 "message": "Training file has 9 example(s), but must have at least 10 examples"}"""));
    }

    @Test
    void pairsWithoutADifferenceFailTheJobWithTheirLine() {
        String equal = OpenAiRig.openAiFile(rig.upload("""
                {"input":{"messages":[{"role":"user","content":"one"}]},\
                "preferred_output":[{"role":"assistant","content":"two"}],\
                "non_preferred_output":[{"role":"assistant","content":"two"}]}
                """.repeat(10)));
        assertThat(invalid(id(create(equal, DPO))).path("error").path("message").stringValue()).contains(
                "line 1: preferred_output and non_preferred_output are the same tokens: there is nothing to prefer.");
    }

    @Test
    void finishedJobTellsItsFiguresAndIsSeenInBothDialects() {
        rig.trainers("succeed");
        String id = id(create(pairs, dpo("{\"n_epochs\":5,\"batch_size\":3}") + ",\"validation_file\":\"" + pairs(10)
                + "\""));
        String uuid = OpenAiRig.uuid(id).toString();
        rig.await(uuid, JobState.SUCCEEDED);
        JsonNode job = openAi.job(id);
        assertThat(job.path("fine_tuned_model").stringValue()).matches("ft:tiny:[^:]+::[0-9A-Za-z]{8}");
        List<JsonNode> events = StreamSupport
                .stream(openAi.get("/" + id + "/events?limit=100").path("data").spliterator(), false).toList();
        assertThat(events).extracting(event -> event.path("message").stringValue()).filteredOn(
                message -> message.contains("reward_chosen often falls")).hasSize(1);
        JsonNode epoch = events.stream().filter(event -> event.path("message").stringValue().startsWith("Step 10/20"))
                .findFirst().orElseThrow().path("data");
        assertThat(epoch.path("train_reward_accuracy").doubleValue()).isEqualTo(1);
        for (String prefix : List.of("train_", "valid_", "full_valid_")) {
            assertThat(epoch.path(prefix + "reward_margin").doubleValue()).as(prefix).isEqualTo(1);
            assertThat(epoch.path(prefix + "reward_chosen").doubleValue()).as(prefix).isEqualTo(-0.5);
            assertThat(epoch.path(prefix + "reward_rejected").doubleValue()).as(prefix).isEqualTo(-1.5);
        }
        assertThat(rig.server.get("/openai/v1/files/" + job.path("result_files").path(0).stringValue() + "/content")
                .text().lines().limit(2)).containsExactly(
                        "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy,train_reward_accuracy,"
                                + "train_reward_chosen,train_reward_margin,train_reward_rejected,valid_reward_accuracy,"
                                + "valid_reward_chosen,valid_reward_margin,valid_reward_rejected",
                        "1,2.00000,0.50000,,,1.00000,-0.05000,0.10000,-0.15000,,,,");
        assertThat(openAi.get("/" + id + "/checkpoints").path("data")).hasSize(2);
        JsonNode other = rig.job(uuid);
        SeedSchemas.assertJob(other);
        assertThat(other.path("job_type").stringValue()).isEqualTo("completion");
        assertThat(other.path("status").stringValue()).isEqualTo("SUCCESS");
        assertThat(rig.server.get(JobsRig.JOBS).status()).isEqualTo(200);
    }

    @Test
    void jobIsCancelledThroughTheOtherDialect() {
        String id = id(create(pairs, DPO));
        String uuid = OpenAiRig.uuid(id).toString();
        rig.await(uuid, JobState.RUNNING);
        SeedSchemas.assertJob(rig.job(uuid));
        assertThat(rig.server.post(JobsRig.JOBS + "/" + uuid + "/cancel", "").status()).isEqualTo(200);
        rig.await(uuid, JobState.CANCELLED);
        assertThat(openAi.job(id).path("status").stringValue()).isEqualTo("cancelled");
    }

    @Test
    void preferencesGoOnFromASupervisedModel() {
        rig.trainers("succeed");
        String first = id(create(chats, ""));
        rig.await(OpenAiRig.uuid(first).toString(), JobState.SUCCEEDED);
        String model = openAi.job(first).path("fine_tuned_model").stringValue();
        rig.trainers("hold-at 1");
        JsonNode second = openAi.create(body(pairs, DPO).replace("\"tiny\"", "\"" + model + "\""));
        RunSpec spec = spec(id(second));
        assertThat(spec.task()).isInstanceOf(Task.Preference.class);
        assertThat(spec.startAdapter()).isNotNull();
    }
}
