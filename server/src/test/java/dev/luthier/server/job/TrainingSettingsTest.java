package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.server.TestServer.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** How a job is trained, as requests of both dialects, aliases and the server's settings say it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TrainingSettingsTest {
    private static final String HEADER = "Luthier-Training";

    private JobsRig rig;
    private OpenAiRig openAi;
    private String file;

    @BeforeAll
    void start(@TempDir Path directory) {
        rig = new JobsRig(directory, "--models.aliases.gpt-4o-mini", "tiny@thrifty", "--models.aliases.plain", "tiny",
                "--recipes.thrifty.rank", "8", "--recipes.thrifty.quantization", "nf4",
                "--recipes.thrifty.targets", "v_proj+q_proj", "--recipes.tall.top-layers", "9",
                "--models.aliases.tall", "tiny@tall", "--training.alpha", "24", "--training.pack-tokens", "96");
        rig.trainers("hold-at 1");
        openAi = new OpenAiRig(rig);
        file = openAi.file();
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    private JsonNode openAiTraining(String model, String metadata, String... headers) {
        Answer answer = rig.server.post(OpenAiRig.JOBS, OpenAiRig.body(file, metadata).replace("\"tiny\"", "\"" + model
                + "\""), headers);
        String id = OpenAiRig.ok(answer).path("id").stringValue();
        openAi.planned(id);
        openAi.post("/" + id + "/cancel", "");
        return rig.state(OpenAiRig.uuid(id).toString()).path("plan").path("training");
    }

    private JsonNode mistralTraining(String more, String header) {
        Answer answer = rig.server.post(JobsRig.JOBS, rig.body(file, more), HEADER, header);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return rig.await(answer.json().path("id").stringValue(), JobState.VALIDATED).path("plan").path("training");
    }

    @Test
    void metadataDecidesTheRunAndIsEchoed() {
        String metadata = """
                {"luthier.rank": "3", "luthier.alpha": "7.5", "luthier.targets": "v_proj+q_proj", "team": "a",
                 "luthier.rs_lora": "true", "luthier.dora": "true", "luthier.top_layers": "1",
                 "luthier.quantization": "nf4", "luthier.pack_tokens": "64", "luthier.batch_tokens": "9",
                 "luthier.memory_tier": "recompute_layers", "luthier.max_sample_tokens": "100"}""";
        JsonNode job = openAi.create(OpenAiRig.body(file, "\"metadata\":" + metadata));
        assertThat(job.path("metadata")).isEqualTo(Json.parse(metadata));
        String id = OpenAiRig.uuid(job.path("id").stringValue()).toString();
        rig.await(id, JobState.RUNNING);
        RunSpec spec = new RunDirectory(rig.data.resolve("runs").resolve(id)).readSpec();
        assertThat(spec.lora()).isEqualTo(new RunSpec.Lora(3, 7.5, List.of("q_proj", "v_proj"), true, true, 1));
        assertThat(spec.batch().microBatchTokens()).isEqualTo(64);
        assertThat(spec.batch().samplesPerStep()).as("9 tokens of samples of 4").isEqualTo(2);
        assertThat(spec.batch().maxSampleTokens()).isEqualTo(100);
        assertThat(spec.numerics().quantization()).isEqualTo(Quantization.NF4);
        assertThat(spec.numerics().memoryTier()).isEqualTo(MemoryTier.RECOMPUTE_LAYERS);
        assertThat(openAi.job(job.path("id").stringValue()).path("hyperparameters").path("batch_size").intValue())
                .isEqualTo(2);
        JsonNode expected = Json.parse("""
                {"rank": 3, "alpha": 7.5, "targets": ["q_proj", "v_proj"], "rs_lora": true, "dora": true,
                 "top_layers": 1, "base_type": "bf16", "quantization": "nf4", "pack_tokens": 64, "batch_tokens": 9,
                 "samples_per_step": 2, "memory_tier": "recompute_layers", "max_sample_tokens": 100}""");
        JsonNode training = rig.state(id).path("plan").path("training");
        assertThat(training.propertyNames()).contains("expected_peak_memory_bytes");
        assertThat(expected.properties()).isSubsetOf(training.properties());
        JsonNode events = openAi.get("/" + job.path("id").stringValue() + "/events");
        assertThat(events.path("data").valueStream().map(event -> event.path("data").path("training")))
                .contains(training);
        openAi.post("/" + job.path("id").stringValue() + "/cancel", "");
    }

    @Test
    void headerDoesTheSameInBothDialects() {
        String header = "rank = 3,targets=all, top-layers=1,, memory_tier=auto, pack-tokens=auto";
        JsonNode mistral = mistralTraining("\"hyperparameters\":{\"seq_len\":100}", header);
        JsonNode openai = openAiTraining("tiny", "", HEADER, header);
        for (JsonNode training : List.of(mistral, openai)) {
            assertThat(training.path("rank").intValue()).isEqualTo(3);
            assertThat(training.path("top_layers").intValue()).isEqualTo(1);
            assertThat(training.path("targets").size()).isEqualTo(7);
            assertThat(training.path("memory_tier").stringValue()).isEqualTo("keep");
            assertThat(training.path("pack_tokens").intValue()).isEqualTo(2048);
        }
        assertThat(mistral.path("max_sample_tokens").intValue()).isEqualTo(100);
        assertThat(mistralTraining("\"hyperparameters\":{\"seq_len\":100}", "max_sample_tokens=100")
                .path("max_sample_tokens").intValue()).isEqualTo(100);
    }

    @Test
    void requestWinsOverTheAliasOverTheServer() {
        JsonNode thrifty = openAiTraining("gpt-4o-mini", "\"metadata\":{\"luthier.rank\":\"5\"}", HEADER,
                "rank=5, max_sample_tokens=90");
        assertThat(thrifty.path("recipe").stringValue()).isEqualTo("thrifty");
        assertThat(thrifty.path("rank").intValue()).isEqualTo(5);
        assertThat(thrifty.path("max_sample_tokens").intValue()).isEqualTo(90);
        assertThat(thrifty.path("quantization").stringValue()).isEqualTo("nf4");
        assertThat(thrifty.path("targets")).isEqualTo(Json.parse("[\"q_proj\", \"v_proj\"]"));
        assertThat(thrifty.path("alpha").doubleValue()).isEqualTo(24);
        assertThat(thrifty.path("pack_tokens").intValue()).isEqualTo(96);
        for (String model : List.of("tiny", "plain")) {
            JsonNode plain = openAiTraining(model, "");
            assertThat(plain.has("recipe")).isFalse();
            assertThat(plain.path("rank").intValue()).isEqualTo(16);
            assertThat(plain.path("samples_per_step").intValue()).isEqualTo(12);
        }
        JsonNode whole = openAiTraining("gpt-4o-mini", "\"hyperparameters\":{\"batch_size\":\"auto\"}", HEADER,
                "batch_tokens=12, quantization=none");
        assertThat(whole.path("samples_per_step").intValue()).isEqualTo(3);
        assertThat(whole.path("quantization").stringValue()).isEqualTo("none");
        assertThat(openAiTraining("tiny", "\"hyperparameters\":{\"batch_size\":5}", HEADER, "batch_tokens=0")
                .path("samples_per_step").intValue()).isEqualTo(5);
    }

    @Test
    void bestAdapterAndEarlyStoppingAreSaidPerJob() {
        String validated = "\"validation_files\": [\"" + rig.file() + "\"]";
        JsonNode stopping = mistralTraining(validated,
                "early_stopping_enabled=true, early_stopping_patience=3, n_evals=5, early_stopping_min_delta=0.01");
        JsonNode expected = Json.parse("""
                {"best_checkpoint": true, "early_stopping_enabled": true, "early_stopping_patience": 3,
                 "early_stopping_min_delta": 0.01, "early_stopping_warmup_evals": 1, "n_evals": 5}""");
        assertThat(expected.properties()).isSubsetOf(stopping.properties());
        JsonNode best = mistralTraining(validated, "best_checkpoint=true");
        assertThat(best.path("best_checkpoint").booleanValue()).isTrue();
        assertThat(best.path("early_stopping_enabled").booleanValue()).isFalse();
        assertThat(best.has("n_evals")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            false | early_stopping_enabled=true | early_stopping_enabled needs a validation file
            false | best_checkpoint=true        | best_checkpoint needs a validation file
            false | n_evals=3                   | n_evals needs a validation file
            true  | early_stopping_patience=3   | early_stopping_patience has no effect unless early_stopping_enabled
            true  | early_stopping_enabled=true, best_checkpoint=false | best_checkpoint is false, but a job that stops
            true  | early_stopping_enabled=true, n_evals=3 | n_evals must be at least 4, early_stopping_patience
            true  | early_stopping_min_delta=-1 | early_stopping_min_delta must be a number from 0 to 100
            """)
    void selectionThatCannotBeIsRefused(boolean validated, String header, String message) {
        String more = validated ? "\"validation_files\": [\"" + rig.file() + "\"]" : "";
        Answer answer = rig.server.post(JobsRig.JOBS, rig.body(file, more), HEADER, header);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.text()).contains(message);
    }

    @Test
    void dryRunAndEstimatesSayHowItWouldBeTrained() {
        Answer dry = rig.server.post(JobsRig.JOBS + "?dry_run=true", rig.body(file, ""), HEADER,
                "rank=4, targets=q_proj+v_proj, top_layers=1, quantization=nf4");
        assertThat(dry.json().path("details").stringValue()).containsPattern(
                " steps of 12 samples, about 0\\.\\d\\d GB of memory \\(keep\\); duration unknown").endsWith(
                        " LoRA of rank 4 and alpha 24 on q_proj, v_proj of the topmost decoder layer, base in bf16, its linear layers kept in nf4.");
        JsonNode estimate = rig.server.post("/luthier/v1/estimates", rig.body(file, ""), HEADER, "dora=true").json();
        assertThat(estimate.path("training").path("dora").booleanValue()).isTrue();
    }

    @Test
    void jobThatCannotFitIsRefusedWithWhatWould(@TempDir Path directory) {
        try (JobsRig small = new JobsRig(directory, "--runs.memory-bytes", "1MiB")) {
            Answer answer = small.server.post("/luthier/v1/estimates", small.body(small.file(), ""));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text()).contains("needs about 0.3 GB of memory; 0.0 GB are available")
                    .contains("smaller base model");
        }
    }

    @Test
    void estimateSaysTierAndMemory() {
        JsonNode training = estimate("memory_tier=auto").path("training");
        assertThat(training.path("memory_tier").stringValue()).isEqualTo("keep");
        assertThat(training.path("expected_peak_memory_bytes").longValue()).isPositive();
    }

    @Test
    void timesAreMeasuredForEachRecipe() {
        assertThat(expectedSeconds("alpha=9")).isEqualTo(3 + 0.5 * 32);
        assertThat(estimate("rank=7").path("expected_seconds").isNull()).isTrue();
        assertThat(expectedSeconds("rank=7")).isEqualTo(3 + 0.5 * 32);
        assertThat(estimate("alpha=8").path("expected_seconds").isNull()).as("scaling does not matter").isFalse();
    }

    private JsonNode estimate(String header) {
        return rig.server.post("/luthier/v1/estimates", rig.body(rig.file(), ""), HEADER, header).json();
    }

    /** Waits until a probe has run. */
    private double expectedSeconds(String header) {
        long deadline = System.currentTimeMillis() + 60_000;
        while (true) {
            JsonNode estimate = estimate(header);
            if (estimate.path("expected_seconds").isNumber()) {
                return estimate.path("expected_seconds").doubleValue();
            }
            assertThat(System.currentTimeMillis()).as(estimate::toString).isLessThan(deadline);
            JobsRig.pause();
        }
    }

    @Test
    void faultsNamePlaceValueAndWhatIsAllowed() {
        Map<String, String> faults = Map.ofEntries(
                Map.entry("rank=0", "Luthier-Training: rank must be a whole number from 1 to 512, not \"0\"."),
                Map.entry("rank=3.5", "rank must be a whole number from 1 to 512, not \"3.5\"."),
                Map.entry("alpha=NaN", "alpha must be a number from 0.001 to 4096, not \"NaN\"."),
                Map.entry("alpha=1e-300", "alpha must be a number from 0.001 to 4096, not \"1e-300\"."),
                Map.entry("alpha=32f", "alpha must be a number"), Map.entry("alpha=0x10p1", "alpha must be a number"),
                Map.entry("rank=+8", "rank must be a whole number from 1 to 512, not \"+8\"."),
                Map.entry("targets=q_proj+lm_head", "of q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj"),
                Map.entry("targets=q_proj+q_proj", "each once"),
                Map.entry("dora=yes", "dora must be true or false, not \"yes\"."),
                Map.entry("quantization=int8", "quantization must be one of none, bf16, nf4, not \"int8\"."),
                Map.entry("memory_tier=low", "must be one of auto, keep, recompute_elementwise, recompute_layers"),
                Map.entry("rnak=4", "Luthier-Training: rnak is unknown. Did you mean rank?"),
                Map.entry("lora_rank=4", "Luthier-Training: lora_rank is unknown. There are rank, alpha"),
                Map.entry("rank", "\"rank\" must be KEY=VALUE; pairs are separated by commas."),
                Map.entry("rank=4, rank=5", "differ. Give one of them."),
                Map.entry("top_layers=2", "top_layers must be at most 1, the decoder layers of tiny, not 2."),
                Map.entry("max_sample_tokens=129", "must be at most 128, the context of tiny, not 129."));
        faults.forEach((header, message) -> {
            Answer answer = rig.server.post(OpenAiRig.JOBS, OpenAiRig.body(file, ""), HEADER, header);
            assertThat(answer.status()).as(header).isEqualTo(400);
            JsonNode error = answer.json().path("error");
            assertThat(error.path("message").stringValue()).as(header).contains(message);
            assertThat(error.path("param").stringValue()).isEqualTo(HEADER);
            Answer mistral = rig.server.post(JobsRig.JOBS, rig.body(file, ""), HEADER, header);
            assertThat(mistral.status()).as(header).isEqualTo(400);
            assertThat(mistral.json().path("message").stringValue()).contains(message);
        });
        Answer unknown = openAi.post("", OpenAiRig.body(file, "\"metadata\":{\"luthier.rnak\":\"4\"}"));
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.json().path("error").path("message").stringValue())
                .isEqualTo("luthier.rnak is unknown. Did you mean rank?");
        assertThat(unknown.json().path("error").path("param").stringValue()).isEqualTo("metadata.luthier.rnak");
    }

    @Test
    void everyFaultIsReportedAtOnceAndContradictionsAreFaults() {
        Answer several = rig.server.post(OpenAiRig.JOBS, OpenAiRig.body(file,
                "\"seed\":-1,\"metadata\":{\"luthier.rank\":\"4\",\"luthier.dora\":\"1\",\"luthier.\":\"\"}"), HEADER,
                "rank=5,alpha=x");
        assertThat(several.status()).isEqualTo(400);
        assertThat(several.json().path("error").path("message").stringValue()).contains("5 faults", "seed must",
                "luthier.dora must be true or false", "luthier. is unknown",
                "luthier.rank and Luthier-Training: rank differ", "alpha must be");
        Answer batch = openAi.post("", OpenAiRig.body(file,
                "\"hyperparameters\":{\"batch_size\":4},\"metadata\":{\"luthier.batch_tokens\":\"100\"}"));
        assertThat(batch.json().path("error").path("message").stringValue())
                .contains("luthier.batch_tokens and batch_size both say how large a step is");
        Answer length = rig.server.post(JobsRig.JOBS, rig.body(file, "\"hyperparameters\":{\"seq_len\":100}"), HEADER,
                "max_sample_tokens=90");
        assertThat(length.json().path("message").stringValue()).contains("hyperparameters.seq_len differ");
        Answer tall = rig.server.post(JobsRig.JOBS, rig.body(file, "").replace("\"tiny\"", "\"tall\""));
        assertThat(tall.status()).isEqualTo(400);
        assertThat(tall.json().path("message").stringValue())
                .contains("recipes.tall.top-layers must be at most 1, the decoder layers of tiny, not 9.");
    }

    @Test
    void headerTellsRepeatedRequestsApart() {
        String body = rig.body(file, "");
        Answer first = rig.server.post(JobsRig.JOBS, body, HEADER, "rank=4", "Idempotency-Key", "training-1");
        Answer again = rig.server.post(JobsRig.JOBS, body, HEADER, "rank=4", "Idempotency-Key", "training-1");
        Answer other = rig.server.post(JobsRig.JOBS, body, HEADER, "rank=5", "Idempotency-Key", "training-1");
        assertThat(again.json().path("id")).isEqualTo(first.json().path("id"));
        assertThat(other.status()).isEqualTo(422);
    }

    @Test
    void settingsOfTheServerDoNotChangeAJob(@TempDir Path directory) {
        try (JobsRig own = new JobsRig(directory, "--training.rank", "3")) {
            own.trainers("hold-at 1");
            String id = own.create(own.body(own.file(), "")).path("id").stringValue();
            own.restart("--training.rank", "5", "--runs.type", "fp32", "--runs.samples-per-step", "2");
            JsonNode training = own.await(id, JobState.VALIDATED).path("plan").path("training");
            assertThat(training.path("rank").intValue()).isEqualTo(3);
            assertThat(training.path("samples_per_step").intValue()).isEqualTo(8);
            assertThat(own.server.post(JobsRig.JOBS + "/" + id + "/start", "").status()).isEqualTo(200);
            own.await(id, JobState.RUNNING);
            RunSpec spec = new RunDirectory(own.data.resolve("runs").resolve(id)).readSpec();
            assertThat(spec.lora().rank()).isEqualTo(3);
            assertThat(spec.numerics().baseType()).isEqualTo("bf16");
            JsonNode next = own.create(own.body(own.file(), ""));
            assertThat(own.await(next.path("id").stringValue(), JobState.VALIDATED).path("plan").path("training")
                    .path("base_type").stringValue()).isEqualTo("fp32");
        }
    }
}
