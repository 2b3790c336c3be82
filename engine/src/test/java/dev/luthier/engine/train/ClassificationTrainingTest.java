package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.adapter.AdapterDirectory;
import dev.luthier.core.adapter.AdapterKind;
import dev.luthier.core.adapter.ClassifierConfig;
import dev.luthier.core.digest.Checksums;
import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.Task;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

final class ClassificationTrainingTest {
    @TempDir
    Path folder;

    private TinyRun runs;
    private RunSpec spec;

    @BeforeAll
    static void start() {
        Libtorch.start();
    }

    @BeforeEach
    void makeData() throws IOException {
        runs = new TinyRun(folder);
        spec = LabelledRun.spec(runs);
    }

    private static Outcome.Trained train(RunDirectory directory) {
        return (Outcome.Trained) new Trainer(directory, () -> false, 1000).run();
    }

    private static List<Progress.Step> steps(RunDirectory directory) {
        return TinyRun.progress(directory).stream().filter(Progress.Step.class::isInstance)
                .map(Progress.Step.class::cast).toList();
    }

    private static Progress.Metric lastMetric(RunDirectory directory) {
        return (Progress.Metric) TinyRun.progress(directory).stream().filter(Progress.Metric.class::isInstance)
                .reduce((_, later) -> later).orElseThrow();
    }

    private static List<String> notes(RunDirectory directory) {
        return TinyRun.progress(directory).stream().filter(Progress.Note.class::isInstance)
                .map(line -> ((Progress.Note) line).message()).toList();
    }

    private RunSpec with(@Nullable Path start, List<RunSpec.DataFile> validation, int steps, double rate,
            double decay) {
        return new RunSpec(spec.version(), spec.task(), spec.baseModel(), start, spec.trainingFiles(), validation,
                spec.lora(), new RunSpec.Optimizer(steps, rate, decay, 0.1, 0.9, 0.999, 1e-8, 1), spec.batch(),
                spec.numerics(), spec.selection(), spec.seed());
    }

    @Test
    void labelsAreLearntAndEachTargetHasFiguresOfItsOwn() {
        RunDirectory directory = runs.create("run", with(null, spec.validationFiles(), 36, 0.01, 0.01));
        train(directory);
        Progress.Step first = steps(directory).getFirst();
        Progress.Step last = steps(directory).getLast();
        assertThat(first.figures()).containsOnlyKeys("accuracy/kind", "accuracy/traits", "loss/kind", "loss/traits");
        double kind = Objects.requireNonNull(first.figures().get("loss/kind"));
        double traits = Objects.requireNonNull(first.figures().get("loss/traits"));
        assertThat(first.loss()).isCloseTo(kind + 0.5 * traits, within(1e-9));
        assertThat(kind).isCloseTo(Math.log(3), within(0.5));
        assertThat(last.loss()).isLessThan(0.4 * first.loss());
        assertThat(last.accuracy()).isGreaterThan(0.8);
        assertThat(lastMetric(directory).figures()).containsKeys("accuracy/kind", "loss/traits");
        assertThat(lastMetric(directory).validAccuracy()).isBetween(0.0, 1.0);
    }

    @Test
    void adapterIsAClassifierWithItsHeadTargetsTemperaturesAndChecksums() throws IOException {
        RunDirectory directory = runs.create("run", spec);
        train(directory);
        assertThat(Checksums.damage(directory.adapter())).isEmpty();
        assertThat(Files.readString(directory.adapter().resolve(Checksums.FILE))).contains("  classifier.json");
        JsonNode config = Json.parse(Files.readString(directory.adapter().resolve("adapter_config.json")));
        assertThat(config.get("task_type").asString()).isEqualTo("SEQ_CLS");
        assertThat(config.get("modules_to_save").toString()).isEqualTo("[\"score\"]");
        try (AdapterDirectory adapter = AdapterDirectory.open(directory.adapter(),
                ModelDirectory.open(runs.model()).config(), AdapterKind.CLASSIFIER)) {
            assertThat(Objects.requireNonNull(adapter.tensors().get("base_model.model.score.weight")).shape())
                    .containsExactly(5L, 48L);
            ClassifierConfig classifier = Objects.requireNonNull(adapter.classifier());
            assertThat(classifier.hasTargetsOf(LabelledRun.TASK)).isTrue();
            assertThat(classifier.targets()).extracting(ClassifierConfig.Target::temperature).doesNotContain(1.0);
        }
        assertThat(notes(directory)).hasSize(2)
                .anySatisfy(note -> assertThat(note).startsWith("kind is calibrated on 20 samples: temperature "))
                .anySatisfy(note -> assertThat(note).startsWith("traits is calibrated on "));
        assertThat(ClassifierConfig.read(directory.snapshots().resolve("step-000012")))
                .isEqualTo(ClassifierConfig.of(LabelledRun.TASK));
    }

    @Test
    void withoutValidationEveryTemperatureIsOne() {
        RunDirectory directory = runs.create("run", with(null, List.of(), 4, 0.01, 0));
        train(directory);
        assertThat(ClassifierConfig.read(directory.adapter())).isEqualTo(ClassifierConfig.of(LabelledRun.TASK));
        assertThat(notes(directory)).isEmpty();
    }

    @Test
    void headDoesNotDecay() {
        RunDirectory plain = runs.create("plain", with(null, List.of(), 1, 0.01, 0));
        RunDirectory decaying = runs.create("decaying", with(null, List.of(), 1, 0.01, 0.5));
        train(plain);
        train(decaying);
        assertThat(head(decaying)).isEqualTo(head(plain));
        assertThat(tensor(decaying.adapter(), "base_model.model.model.layers.2.mlp.down_proj.lora_A.weight"))
                .isNotEqualTo(
                        tensor(plain.adapter(), "base_model.model.model.layers.2.mlp.down_proj.lora_A.weight"));
    }

    private float[] head(RunDirectory directory) {
        return tensor(directory.adapter(), AdapterDirectory.HEAD);
    }

    private float[] tensor(Path directory, String name) {
        try (AdapterDirectory adapter = AdapterDirectory.open(directory,
                ModelDirectory.open(runs.model()).config())) {
            return Objects.requireNonNull(adapter.tensors().get(name)).toFloats();
        }
    }

    @Test
    void pausesChangeNothing() {
        assertPausesChangeNothing(spec);
    }

    @ParameterizedTest
    @EnumSource
    void pausesChangeNothingOnAQuantisedBaseWhereLowerLayersAreReusedAndTheBestIsTaken(MemoryTier tier) {
        assertPausesChangeNothing(new RunSpec(spec.version(), spec.task(), spec.baseModel(), null,
                spec.trainingFiles(), spec.validationFiles(),
                new RunSpec.Lora(3, 6, RunSpec.Lora.LINEAR_LAYERS, true, true, 1), spec.optimizer(), spec.batch(),
                new RunSpec.Numerics("bf16", Quantization.NF4, ComputeDevice.CPU, 1, tier, 20_000),
                new RunSpec.Selection(true, 2, 0, 0, 6), spec.seed()));
    }

    private void assertPausesChangeNothing(RunSpec of) {
        RunDirectory whole = runs.create("whole", of);
        Outcome.Trained undisturbed = train(whole);
        RunDirectory directory = runs.create("paused", of);
        Outcome outcome = null;
        int attempts = 0;
        while (!(outcome instanceof Outcome.Trained)) {
            AtomicInteger asked = new AtomicInteger();
            outcome = new Trainer(directory, () -> asked.incrementAndGet() > 4, 1000).run();
            attempts++;
            assertThat(attempts).isLessThan(60);
        }
        assertThat(attempts).isGreaterThan(2);
        assertThat(((Outcome.Trained) outcome).adapterSha256()).isEqualTo(undisturbed.adapterSha256());
        assertThat(directory.adapter().resolve("classifier.json"))
                .hasSameBinaryContentAs(whole.adapter().resolve("classifier.json"));
    }

    @Test
    void memoryTiersDoNotChangeTheBytes() {
        List<String> adapters = List.of(MemoryTier.values()).stream()
                .map(tier -> train(runs.create(tier.toString(),
                        new RunSpec(spec.version(), spec.task(), spec.baseModel(), null, spec.trainingFiles(),
                                spec.validationFiles(), spec.lora(), spec.optimizer(), spec.batch(),
                                spec.numerics().with(tier), spec.selection(), spec.seed())))
                        .adapterSha256())
                .distinct().toList();
        assertThat(adapters).hasSize(1);
    }

    @Test
    void headIsKeptWhereTrainingGoesOnFromTheSameTargetsAndFreshWhereTheyDiffer() {
        RunDirectory taught = runs.create("taught", spec);
        train(taught);
        RunSpec still = with(taught.adapter(), List.of(), 2, 0, 0);
        RunDirectory same = runs.create("same", still);
        train(same);
        assertThat(head(same)).isEqualTo(head(taught));
        RunDirectory fresh = runs.create("fresh", with(null, List.of(), 2, 0, 0));
        train(fresh);
        List<Task.Target> targets = LabelledRun.TASK.targets();
        RunDirectory other = runs.create("other", still.with(new Task.Classification(List.of(targets.get(0),
                new Task.Target("traits", List.of("low", "many"), 0.5, Task.LossFunction.MULTI_CLASS)))));
        train(other);
        assertThat(head(other)).isEqualTo(head(fresh)).isNotEqualTo(head(taught));
        String matrix = "base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight";
        assertThat(tensor(other.adapter(), matrix)).isEqualTo(tensor(taught.adapter(), matrix));
    }

    @Test
    void trainingGoesOnFromACompletionAdapterButNotTheOtherWayRound() {
        RunDirectory completion = runs.create("completion", runs.spec());
        train(completion);
        RunDirectory classifier = runs.create("classifier", with(completion.adapter(), List.of(), 2, 0, 0));
        train(classifier);
        String matrix = "base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight";
        assertThat(tensor(classifier.adapter(), matrix)).isEqualTo(tensor(completion.adapter(), matrix));
        RunSpec of = runs.spec();
        RunDirectory back = runs.create("back", new RunSpec(of.baseModel(), classifier.adapter(), of.trainingFiles(),
                List.of(), of.lora(), of.optimizer(), of.batch(), of.numerics(), 1));
        assertThat(new Trainer(back, () -> false, 1000).run()).isInstanceOfSatisfying(Outcome.Failed.class,
                failed -> assertThat(failed.problem().message()).contains("is a classifier"));
    }
}
