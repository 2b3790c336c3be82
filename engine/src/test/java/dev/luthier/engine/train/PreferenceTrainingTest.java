package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.json.Json;
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
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PreferenceTrainingTest {
    private static final Task.Preference TASK = new Task.Preference(0.1, 0, false);

    @TempDir
    Path folder;

    private TinyRun runs;

    @BeforeAll
    static void start() {
        Libtorch.start();
    }

    @BeforeEach
    void makePairs() throws IOException {
        runs = PairRun.in(folder);
        Files.writeString(folder.resolve("pairs.jsonl"), pairs(24, 1));
        Files.writeString(folder.resolve("valid-pairs.jsonl"), pairs(5, 2));
    }

    /** The preferred answer is of even words, the other one of odd words. */
    private static String pairs(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, count).mapToObj(_ -> Json.write(Map.of("input",
                Map.of("messages", List.of(message("user", words(random, random.nextInt(2, 9), 0, 1)))),
                "preferred_output", List.of(message("assistant", words(random, random.nextInt(1, 12), 0, 2))),
                "non_preferred_output", List.of(message("assistant", words(random, random.nextInt(1, 12), 1, 2))))))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static Map<String, String> message(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    private static String words(SplittableRandom random, int count, int first, int distance) {
        return IntStream.range(0, count).mapToObj(_ -> "w" + (first + distance * random.nextInt(8)))
                .collect(Collectors.joining(" "));
    }

    private RunSpec spec() {
        return spec(runs.spec(), TASK);
    }

    private RunSpec spec(RunSpec of, Task task) {
        return PairRun.spec(of, task, folder.resolve("pairs.jsonl"), folder.resolve("valid-pairs.jsonl"));
    }

    private static Outcome.Trained train(RunDirectory directory) {
        return (Outcome.Trained) new Trainer(directory, () -> false, 1000).run();
    }

    private static List<Progress.Step> steps(RunDirectory directory) {
        return TinyRun.progress(directory).stream().filter(Progress.Step.class::isInstance)
                .map(Progress.Step.class::cast).toList();
    }

    private static List<Progress.Metric> metrics(RunDirectory directory) {
        return TinyRun.progress(directory).stream().filter(Progress.Metric.class::isInstance)
                .map(Progress.Metric.class::cast).toList();
    }

    @Test
    void trainingBeginsAtTheLogarithmOfTwoAndLearnsThePreference() {
        RunDirectory directory = runs.create("run", spec());
        train(directory);
        Progress.Step first = steps(directory).getFirst();
        assertThat(first.loss()).isCloseTo(Math.log(2), within(1e-6));
        assertThat(first.figures().get("reward_chosen")).isCloseTo(0, within(1e-5));
        assertThat(first.figures().get("reward_rejected")).isCloseTo(0, within(1e-5));
        Progress.Step last = steps(directory).getLast();
        assertThat(last.loss()).isLessThan(first.loss());
        assertThat(last.figures()).containsOnlyKeys("reward_accuracy", "reward_chosen", "reward_margin",
                "reward_rejected");
        assertThat(last.figures().get("reward_accuracy")).isEqualTo(1);
        assertThat(last.figures().get("reward_margin")).isPositive();
        assertThat(metrics(directory).getLast().figures().get("reward_accuracy")).isEqualTo(1);
        assertThat(directory.encoded()).doesNotExist();
    }

    @Test
    void theReferenceIsTheModelThatTrainingStartsFrom() {
        RunDirectory taught = runs.create("taught", runs.spec());
        train(taught);
        RunSpec further = new RunSpec(runs.model(), taught.adapter(), runs.spec().trainingFiles(), List.of(),
                runs.spec().lora(), runs.spec().optimizer(), runs.spec().batch(), runs.spec().numerics(), 7);
        RunDirectory directory = runs.create("further", spec(further, TASK));
        train(directory);
        assertThat(steps(directory).getFirst().loss()).isCloseTo(Math.log(2), within(1e-6));
        assertThat(steps(directory).getLast().loss()).isLessThan(0.69);
    }

    @Test
    void validationIsComparedWithTheReferenceToo() {
        RunSpec still = spec();
        RunDirectory directory = runs.create("still", new RunSpec(still.version(), still.task(), still.baseModel(),
                null, still.trainingFiles(), still.validationFiles(), still.lora(),
                new RunSpec.Optimizer(2, 0, 0, 0, 0.9, 0.999, 1e-8, 1), still.batch(), still.numerics(),
                still.selection(), still.seed()));
        train(directory);
        assertThat(Objects.requireNonNull(metrics(directory).getLast().validLoss()))
                .isCloseTo(Math.log(2), within(1e-6));
    }

    @Test
    void pausesChangeNothingNotEvenInTheReferencePass() {
        assertPausesChangeNothing(spec());
    }

    @Test
    void pausesChangeNothingWhereLowerLayersAreReused() {
        RunSpec of = spec();
        assertPausesChangeNothing(new RunSpec(of.version(), new Task.Preference(0.3, 0.5, true), of.baseModel(), null,
                of.trainingFiles(), of.validationFiles(),
                new RunSpec.Lora(3, 6, RunSpec.Lora.LINEAR_LAYERS, true, true, 1), of.optimizer(), of.batch(),
                new RunSpec.Numerics("bf16", Quantization.NF4, ComputeDevice.CPU, 1, MemoryTier.RECOMPUTE_LAYERS,
                        20_000),
                new RunSpec.Selection(true, 0, 0, 0, 3), of.seed()));
    }

    private void assertPausesChangeNothing(RunSpec spec) {
        Outcome.Trained undisturbed = train(runs.create("whole", spec));
        RunDirectory directory = runs.create("paused", spec);
        Outcome outcome = null;
        int attempts = 0;
        while (!(outcome instanceof Outcome.Trained)) {
            AtomicInteger asked = new AtomicInteger();
            outcome = new Trainer(directory, () -> asked.incrementAndGet() > 5, 1000).run();
            attempts++;
            assertThat(attempts).isLessThan(60);
        }
        assertThat(attempts).isGreaterThan(4);
        assertThat(((Outcome.Trained) outcome).adapterSha256()).isEqualTo(undisturbed.adapterSha256());
    }

    @Test
    void damagedReferenceIsMadeAnew() throws IOException {
        Outcome.Trained undisturbed = train(runs.create("whole", spec()));
        RunDirectory directory = runs.create("damaged", spec());
        AtomicInteger asked = new AtomicInteger();
        assertThat(new Trainer(directory, () -> asked.incrementAndGet() > 19, 1000).run())
                .isInstanceOf(Outcome.Paused.class);
        Path file = directory.encoded().resolve("reference-0.losses");
        byte[] bytes = Files.readAllBytes(file);
        assertThat(bytes).hasSize(24 * 16);
        bytes[7] ^= 1;
        Files.write(file, bytes);
        assertThat(train(directory).adapterSha256()).isEqualTo(undisturbed.adapterSha256());
    }

    @Test
    void preferredAnswersCanBeLearntAlongside() {
        RunDirectory plain = runs.create("plain", spec());
        RunDirectory both = runs.create("both", spec(runs.spec(), new Task.Preference(0.1, 1, false)));
        train(plain);
        train(both);
        assertThat(steps(both).getFirst().loss()).isGreaterThan(Math.log(2) + 0.5);
        assertThat(steps(both).getLast().figures().get("reward_chosen"))
                .isGreaterThan(steps(plain).getLast().figures().get("reward_chosen"));
    }
}
