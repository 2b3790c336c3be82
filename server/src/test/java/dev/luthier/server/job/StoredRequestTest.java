package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.Task;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Requests and plans as the database keeps them. */
final class StoredRequestTest {

    @Test
    void requestsAndPlansOfEarlierVersionsAreRead() {
        JobRequest request = JobDocuments.REQUEST.read("""
                {"dialect": "mistral", "model": "m", "baseModel": "tiny",
                 "trainingFiles": [{"id": "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d", "weight": 1.0, "sha256": ""}],
                 "validationFiles": [], "hyperparameters": {"steps": 20, "epochs": null, "learningRate": 0.001,
                  "weightDecay": 0.1, "warmupFraction": 0.05, "maxSampleTokens": null, "samplesPerStep": null},
                 "suffix": null, "autoStart": true, "skipInvalidShare": 0.0, "seed": 42,
                 "integrations": [{"project": "p", "name": null, "runName": null, "encryptedKey": null}]}""",
                "the request");
        assertThat(request.startModel()).isNull();
        assertThat(request.metadata()).isNull();
        assertThat(request.rules()).isEqualTo(new JobRules(0, false));
        assertThat(request.integrations().getFirst().tags()).isEmpty();
        assertThat(request.hyperparameters().learningRate()).isEqualTo(0.001);
        JobPlan plan = JobDocuments.PLAN.read("""
                {"steps": 20, "epochs": 1.0, "samplesPerStep": 4, "maxSampleTokens": 128, "microBatchTokens": 64,
                 "trainingSamples": 8, "validationSamples": 0, "skippedSamples": 0, "dataTokens": 80,
                 "tokensPerStep": 40, "trainTokens": 800, "longestSample": 12, "expectedSeconds": null,
                 "work": {"tokens": 800, "targets": 400.0, "pairs": 9600.0}}""",
                "the plan");
        assertThat(plan.work()).isNull();
        assertThat(plan.learningRate()).isNull();
        assertThat(plan.memoryTier()).isEqualTo(MemoryTier.KEEP);
        assertThat(request.method()).isEqualTo(Method.SUPERVISED);
        assertThat(request.training().dpoSftWeight()).isZero();
        assertThat(plan.task()).isEqualTo(Task.SUPERVISED);
        assertThat(request.training().lora()).isEqualTo(RunSpec.Lora.plain(16, 32, RunSpec.Lora.LINEAR_LAYERS));
    }

    @Test
    void requestsAreReadAsTheyWereWritten() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("z", "1");
        metadata.put("a", "");
        JobRequest request = new JobRequest(JobRequest.OPENAI, "ft:tiny:o::abc", "tiny", new Method.Preference(0.25),
                List.of(new JobFile(UUID.randomUUID(), 1, "00")), List.of(),
                new Hyperparameters(null, 3.0, null, 0.1, 0.05, null, 4), "s", true, 0,
                List.of(new WandbIntegration("p", "n", null, "e", List.of("t"), null)), 7, UUID.randomUUID(), metadata,
                new TrainingSettings(new RunSpec.Lora(3, 7.5, List.of("v_proj"), true, true, 2), "bf16",
                        Quantization.NF4, 512, 8, 4096, 100, MemoryTier.RECOMPUTE_LAYERS,
                        new RunSpec.Selection(true, 3, 0.25, 2, 20), 0.5, true, "thrifty"),
                new JobRules(10, true));
        JobRequest read = JobDocuments.REQUEST.read(JobDocuments.REQUEST.write(request), "the request");
        assertThat(read).isEqualTo(request);
        assertThat(read.metadata()).containsExactly(Map.entry("z", "1"), Map.entry("a", ""));
    }
}
