package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.adapter.AdapterDirectory;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.Desired;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunLock;
import dev.luthier.core.run.RunSpec;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    @TempDir
    Path folder;
    private TinyRun runs;

    @BeforeAll
    static void start() {
        Libtorch.start();
    }

    @BeforeEach
    void makeModel() throws IOException {
        runs = new TinyRun(folder);
    }

    private static Outcome train(RunDirectory directory) {
        return new Trainer(directory, () -> false, 1000).run();
    }

    private static Problem failure(RunDirectory directory) {
        Outcome outcome = train(directory);
        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        assertThat(directory.readOutcome()).contains(outcome);
        return ((Outcome.Failed) outcome).problem();
    }

    @Test
    void runLeavesAdapterOutcomeProgressAndSnapshots() throws IOException {
        RunDirectory directory = runs.create("run", runs.spec());
        Outcome.Trained trained = (Outcome.Trained) train(directory);
        assertThat(trained.steps()).isEqualTo(12);
        assertThat(directory.readOutcome()).contains(trained);
        assertThat(directory.adapter()).isDirectoryContaining("glob:**adapter_config.json")
                .isDirectoryContaining("glob:**adapter_model.safetensors");
        assertThat(directory.checkpoints()).doesNotExist();

        List<Progress> lines = TinyRun.progress(directory);
        assertThat(lines.getFirst()).isInstanceOf(Progress.Started.class);
        List<Progress.Step> steps = lines.stream().filter(Progress.Step.class::isInstance)
                .map(Progress.Step.class::cast).toList();
        assertThat(steps).extracting(Progress.Step::step).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        assertThat(steps.getLast().loss()).isLessThan(steps.getFirst().loss());
        assertThat(steps.getLast().tokens()).isEqualTo(trained.trainedTokens());
        assertThat(steps.getLast().epoch()).isEqualTo(2);
        assertThat(lines).filteredOn(Progress.Metric.class::isInstance).extracting(line -> (Progress.Metric) line)
                .satisfiesExactly(first -> assertThat(first.epoch()).isEqualTo(1), last -> {
                    assertThat(last.epoch()).isEqualTo(2);
                    assertThat(last.validLoss()).isNotNull();
                });
        assertThat(lines).extracting(line -> line.getClass().getSimpleName()).endsWith("Metric", "Step", "Snapshot");
        assertThat(lines).filteredOn(Progress.Snapshot.class::isInstance)
                .extracting(line -> ((Progress.Snapshot) line).directory())
                .containsExactly("snapshots/step-000006", "snapshots/step-000012");
        assertThat(Files.readAllBytes(directory.path().resolve("snapshots/step-000012/adapter_model.safetensors")))
                .isEqualTo(Files.readAllBytes(directory.adapter().resolve("adapter_model.safetensors")));
    }

    @Test
    void pausedRunsEndWithTheBytesOfAnUndisturbedOne() {
        Outcome.Trained undisturbed = (Outcome.Trained) train(runs.create("whole", runs.spec()));
        RunDirectory directory = runs.create("paused", runs.spec());
        Outcome outcome = null;
        int attempts = 0;
        while (!(outcome instanceof Outcome.Trained)) {
            AtomicInteger asked = new AtomicInteger();
            outcome = new Trainer(directory, () -> asked.incrementAndGet() > 5, 1000).run();
            attempts++;
        }
        assertThat(attempts).isEqualTo(3);
        assertThat(((Outcome.Trained) outcome).adapterSha256()).isEqualTo(undisturbed.adapterSha256());
        assertThat(((Outcome.Trained) outcome).trainLoss()).isEqualTo(undisturbed.trainLoss());
        assertThat(TinyRun.progress(directory)).filteredOn(Progress.Started.class::isInstance)
                .extracting(line -> ((Progress.Started) line).resumedFromStep()).containsExactly(0, 5, 10);
    }

    @Test
    void checkpointsAndRecomputationDoNotChangeTheBytes() {
        RunSpec spec = runs.spec();
        Outcome.Trained plain = (Outcome.Trained) train(runs.create("plain", spec));
        Outcome.Trained checkpointed = (Outcome.Trained) new Trainer(runs.create("checkpointed", spec), () -> false, 0)
                .run();
        RunSpec recomputing = new RunSpec(spec.baseModel(), null, spec.trainingFiles(),
                spec.validationFiles(), spec.lora(), spec.optimizer(), spec.batch(),
                new RunSpec.Numerics("fp32", Quantization.NONE, ComputeDevice.CPU, 1, MemoryTier.RECOMPUTE_LAYERS, 0),
                spec.seed());
        Outcome.Trained recomputed = (Outcome.Trained) train(runs.create("recomputed", recomputing));
        assertThat(checkpointed.adapterSha256()).isEqualTo(plain.adapterSha256());
        assertThat(recomputed.adapterSha256()).isEqualTo(plain.adapterSha256());
    }

    @Test
    void tornProgressLineIsCutOff() throws IOException {
        RunDirectory directory = runs.create("torn", runs.spec());
        AtomicInteger asked = new AtomicInteger();
        assertThat(new Trainer(directory, () -> asked.incrementAndGet() > 3, 1000).run())
                .isEqualTo(new Outcome.Paused(3));
        Files.writeString(directory.progressFile(), "{\"type\":\"step\",\"attem", StandardOpenOption.APPEND);
        assertThat(train(directory)).isInstanceOf(Outcome.Trained.class);
        try (RandomAccessFile file = new RandomAccessFile(directory.progressFile().toFile(), "r")) {
            assertThat(directory.readProgress(0).nextOffset()).isEqualTo(file.length());
        }
        assertThat(TinyRun.progress(directory).getLast().attempt()).isEqualTo(2);
    }

    @Test
    void wishesOfTheServerAreFollowed() {
        RunDirectory directory = runs.create("wishes", runs.spec());
        directory.writeDesired(Desired.PAUSE);
        assertThat(train(directory)).isEqualTo(new Outcome.Paused(0));
        directory.writeDesired(Desired.CANCEL);
        assertThat(train(directory)).isEqualTo(new Outcome.Cancelled(0));
        assertThat(directory.adapter()).doesNotExist();
        directory.writeDesired(Desired.RUN);
        assertThat(train(directory)).isInstanceOf(Outcome.Trained.class);
    }

    @Test
    void trainedRunStaysAsItIs() {
        RunDirectory directory = runs.create("again", runs.spec());
        Outcome first = train(directory);
        long lines = TinyRun.progress(directory).size();
        assertThat(train(directory)).isEqualTo(first);
        assertThat(TinyRun.progress(directory)).hasSize((int) lines);
    }

    @Test
    void lockedRunIsRefused() {
        RunDirectory directory = runs.create("locked", runs.spec());
        try (RunLock _ = directory.tryLock().orElseThrow()) {
            assertThatThrownBy(() -> train(directory)).isInstanceOf(ProblemException.class)
                    .hasMessageContaining("in use by another trainer");
        }
    }

    @Test
    void trainerWhoseRunDirectoryIsReplacedEndsAndLeavesTheOtherAlone() throws IOException {
        RunDirectory directory = runs.create("replaced", runs.spec());
        AtomicInteger asked = new AtomicInteger();
        Trainer orphan = new Trainer(directory, () -> {
            if (asked.incrementAndGet() == 4) {
                replace(directory);
            }
            return false;
        }, 0);
        assertThatThrownBy(orphan::run).isInstanceOf(ProblemException.class)
                .hasMessageContaining("was removed or replaced");
        try (Stream<Path> files = Files.list(directory.path())) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("run.json", "lock");
        }
    }

    /** As the restore of a backup does. */
    private void replace(RunDirectory directory) {
        try {
            CheckpointStore.delete(directory.path());
            directory.create(runs.spec());
            directory.tryLock().orElseThrow().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void trainingGoesOnFromAnAdapter() {
        RunSpec spec = runs.spec();
        RunDirectory first = runs.create("first", spec);
        Outcome.Trained trained = (Outcome.Trained) train(first);
        RunSpec next = new RunSpec(spec.baseModel(), first.adapter(), spec.trainingFiles(), List.of(),
                spec.lora(), spec.optimizer(), spec.batch(), spec.numerics(), spec.seed());
        RunDirectory second = runs.create("second", next);
        Outcome.Trained continued = (Outcome.Trained) train(second);
        assertThat(continued.trainLoss()).isLessThan(trained.trainLoss());

        RunSpec other = new RunSpec(spec.baseModel(), first.adapter(), spec.trainingFiles(), List.of(),
                RunSpec.Lora.plain(4, 6, spec.lora().targets()), spec.optimizer(), spec.batch(), spec.numerics(), 1);
        assertThat(failure(runs.create("third", other)).code()).isEqualTo("start_adapter_differs");
    }

    @Test
    void trainingGoesOnFromAnAdapterWithModulesRanksAndAlphasByLayer() throws IOException {
        Path foreign = folder.resolve("foreign");
        ForeignAdapter.write(foreign, folder.resolve("merged"));
        ModelConfig base = ModelDirectory.open(runs.model()).config();
        RunSpec spec = runs.spec();
        RunSpec.Lora lora = AdapterDirectory.envelope(foreign, base);
        RunSpec.Optimizer still = new RunSpec.Optimizer(3, 0, 0.1, 0.1, 0.9, 0.999, 1e-8, 1.0);
        RunDirectory kept = runs.create("kept-foreign", new RunSpec(spec.baseModel(), foreign,
                spec.trainingFiles(), List.of(), lora, still, spec.batch(), spec.numerics(), spec.seed()));
        assertThat(train(kept)).isInstanceOf(Outcome.Trained.class);
        try (AdapterDirectory before = AdapterDirectory.open(foreign, base);
                AdapterDirectory after = AdapterDirectory.open(kept.adapter(), base)) {
            assertThat(after.shape()).isEqualTo(before.shape());
            before.tensors().forEach((name, tensor) -> assertThat(
                    Objects.requireNonNull(after.tensors().get(name)).toFloats()).isEqualTo(tensor.toFloats()));
        }
        RunDirectory taught = runs.create("taught-foreign", new RunSpec(spec.baseModel(), foreign,
                spec.trainingFiles(), List.of(), lora, spec.optimizer(), spec.batch(), spec.numerics(), spec.seed()));
        assertThat(train(taught)).isInstanceOf(Outcome.Trained.class);
        List<Progress.Step> steps = TinyRun.progress(taught).stream().filter(Progress.Step.class::isInstance)
                .map(Progress.Step.class::cast).toList();
        assertThat(steps.getLast().loss()).isLessThan(steps.getFirst().loss());
        assertThat(AdapterDirectory.namedBase(taught.adapter())).isEqualTo("model");
    }

    @Test
    void learningRateOfZeroKeepsTheAdapterThatTrainingGoesOnFrom() {
        RunSpec spec = runs.spec();
        RunDirectory first = runs.create("taught", spec);
        Outcome.Trained trained = (Outcome.Trained) train(first);
        RunSpec.Optimizer still = new RunSpec.Optimizer(3, 0, 0.1, 0.1, 0.9, 0.999, 1e-8, 1.0);
        RunSpec next = new RunSpec(spec.baseModel(), first.adapter(), spec.trainingFiles(), List.of(),
                spec.lora(), still, spec.batch(), spec.numerics(), spec.seed());
        Outcome.Trained same = (Outcome.Trained) train(runs.create("kept", next));
        assertThat(same.adapterSha256()).isEqualTo(trained.adapterSha256());
    }

    @Test
    void longSampleFailsTheRunAndNamesItsLine() throws IOException {
        String text = String.join(" ", Stream.generate(() -> "w1").limit(70).toList());
        Files.writeString(runs.trainFile(), "{\"text\": \"" + text + "\"}\n", StandardOpenOption.APPEND);
        Problem problem = failure(runs.create("long", runs.spec()));
        assertThat(problem.kind()).isEqualTo(Problem.Kind.USER);
        assertThat(problem.message()).contains("line 25").contains("71 tokens");
    }

    @Test
    void truncatedWeightsFailTheRun() throws IOException {
        Path weights = runs.model().resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(bytes, bytes.length - 100));
        Problem problem = failure(runs.create("truncated", runs.spec()));
        assertThat(problem.kind()).isEqualTo(Problem.Kind.USER);
        assertThat(problem.message()).contains("model.safetensors").contains("truncated");
    }

    @Test
    void divergenceFailsTheRunAndSaysWhatToDo() {
        RunSpec spec = runs.spec();
        RunSpec wild = new RunSpec(spec.baseModel(), null, spec.trainingFiles(), List.of(), spec.lora(),
                new RunSpec.Optimizer(12, 1e30, 0, 0, 0.9, 0.999, 1e-8, 0), spec.batch(), spec.numerics(), 1);
        Problem problem = failure(runs.create("wild", wild));
        assertThat(problem.code()).isEqualTo("training_diverged");
        assertThat(problem.message()).contains("lower learning rate");
    }

    @Test
    void lackOfMemoryIsAResourceProblem() {
        RuntimeException ofLibtorch = new RuntimeException("[enforce fail at alloc_cpu.cpp:117] err == 0. "
                + "DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes.");
        assertThat(Trainer.problem(ofLibtorch).kind()).isEqualTo(Problem.Kind.RESOURCE);
        assertThat(Trainer.problem(new OutOfMemoryError("Java heap space")).code()).isEqualTo("out_of_memory");
        RuntimeException ofCuda = new RuntimeException("CUDA out of memory. Tried to allocate 2.00 GiB.");
        assertThat(Trainer.problem(ofCuda).code()).isEqualTo("out_of_memory");
    }

    @Test
    void unreadableRunJsonIsRefused() throws IOException {
        RunDirectory directory = new RunDirectory(Files.createDirectories(folder.resolve("bad")));
        Files.write(directory.specFile(), "{".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> train(directory)).isInstanceOf(ProblemException.class)
                .hasMessageContaining("run.json");
    }
}
