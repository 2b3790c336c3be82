package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.digest.Checksums;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a run reads back is compared with what was written: damage costs time, never other bytes. */
final class DamagedRunTest {
    @TempDir
    private Path folder;
    private TinyRun runs;

    @BeforeAll
    static void startLibtorch() {
        Libtorch.start();
    }

    @BeforeEach
    void makeModel() throws IOException {
        runs = new TinyRun(folder);
    }

    /** Damage to a file. */
    interface Damage {
        void to(Path file) throws IOException;
    }

    static Stream<Damage> damages() {
        return Stream.of(checkpoint -> flip(checkpoint.resolve("state.safetensors"), -5),
                checkpoint -> flip(checkpoint.resolve("state.safetensors"), 20),
                checkpoint -> replace(checkpoint.resolve("state.json"), "\"step\" : 4", "\"step\" : 3"),
                checkpoint -> replace(checkpoint.resolve("state.json"), "\"sum\" : ", "\"sum\" : 1"),
                checkpoint -> Files.writeString(checkpoint.resolve("state.json"), "{"),
                checkpoint -> Files.delete(checkpoint.resolve("state.json")),
                checkpoint -> Files.delete(checkpoint.resolve("state.safetensors")),
                checkpoint -> Files.writeString(checkpoint.resolve(Checksums.FILE), ""));
    }

    private static void flip(Path file, int at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at < 0 ? bytes.length + at : at] ^= 1;
        Files.write(file, bytes);
    }

    private static void replace(Path file, String part, String by) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(part);
        Files.writeString(file, text.replace(part, by));
    }

    private static Outcome.Trained train(RunDirectory directory) {
        return (Outcome.Trained) new Trainer(directory, () -> false, 1000).run();
    }

    /** Four steps are made, each with its checkpoint; the newest two stay. */
    private RunDirectory paused(String name) {
        RunDirectory directory = runs.create(name, runs.spec());
        AtomicInteger asked = new AtomicInteger();
        assertThat(new Trainer(directory, () -> asked.incrementAndGet() > 4, 0).run())
                .isEqualTo(new Outcome.Paused(4));
        return directory;
    }

    private static List<Integer> starts(RunDirectory directory) {
        return TinyRun.progress(directory).stream().filter(Progress.Started.class::isInstance)
                .map(line -> ((Progress.Started) line).resumedFromStep()).toList();
    }

    private static List<String> warnings(RunDirectory directory) {
        return TinyRun.progress(directory).stream().filter(Progress.Note.class::isInstance)
                .map(Progress.Note.class::cast).filter(note -> note.level().equals("warn")).map(Progress.Note::message)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("damages")
    void damagedCheckpointIsPassedOverForTheOneBefore(Damage damage) throws IOException {
        Outcome.Trained undisturbed = train(runs.create("whole", runs.spec()));
        RunDirectory directory = paused("damaged");
        damage.to(directory.checkpoints().resolve("step-000004"));
        assertThat(train(directory).adapterSha256()).isEqualTo(undisturbed.adapterSha256());
        assertThat(starts(directory)).containsExactly(0, 3);
        assertThat(warnings(directory)).singleElement().asString().contains("step-000004", "is damaged",
                "step-000004.damaged");
        assertThat(directory.checkpoints()).doesNotExist();
    }

    @Test
    void runWhoseCheckpointsAreAllDamagedBeginsAnew() throws IOException {
        Outcome.Trained undisturbed = train(runs.create("whole", runs.spec()));
        RunDirectory directory = paused("damaged");
        flip(directory.checkpoints().resolve("step-000003/state.safetensors"), -1);
        flip(directory.checkpoints().resolve("step-000004/state.safetensors"), -1);
        assertThat(train(directory).adapterSha256()).isEqualTo(undisturbed.adapterSha256());
        assertThat(starts(directory)).containsExactly(0, 0);
        assertThat(warnings(directory)).hasSize(2);
    }

    @Test
    void checkpointOfAnEarlierVersionWithoutChecksumsIsGoneOnFrom() throws IOException {
        Outcome.Trained undisturbed = train(runs.create("whole", runs.spec()));
        RunDirectory directory = paused("earlier");
        Path checkpoint = directory.checkpoints().resolve("step-000004");
        Files.delete(checkpoint.resolve(Checksums.FILE));
        replace(checkpoint.resolve("state.json"), "\"quantization\" : \"none\",", "");
        assertThat(train(directory).adapterSha256()).isEqualTo(undisturbed.adapterSha256());
        assertThat(starts(directory)).containsExactly(0, 4);
    }

    @Test
    void damagedSamplesAndOutcomeAreMadeAnew() throws IOException {
        Outcome.Trained undisturbed = train(runs.create("whole", runs.spec()));
        RunDirectory directory = paused("damaged");
        flip(directory.encoded().resolve("training-0.tokens"), 200);
        Files.writeString(directory.path().resolve("outcome.json"), "{\"outcome\" : \"trained");
        assertThat(train(directory).adapterSha256()).isEqualTo(undisturbed.adapterSha256());
    }

    @Test
    void trainingDoesNotGoOnFromADamagedAdapter() throws IOException {
        RunDirectory first = runs.create("first", runs.spec());
        train(first);
        replace(first.adapter().resolve("adapter_config.json"), "\"lora_alpha\" : 6", "\"lora_alpha\" : 7");
        RunSpec spec = runs.spec();
        RunDirectory second = runs.create("second", new RunSpec(spec.baseModel(), first.adapter(),
                spec.trainingFiles(), List.of(), spec.lora(), spec.optimizer(), spec.batch(), spec.numerics(), 7));
        assertThat(new Trainer(second, () -> false, 1000).run()).isInstanceOfSatisfying(Outcome.Failed.class,
                failed -> {
                    assertThat(failed.problem().code()).isEqualTo("adapter_damaged");
                    assertThat(failed.problem().message()).contains("adapter_config.json has the SHA-256");
                });
    }

    @Test
    void snapshotsCarryChecksumsToo() {
        RunDirectory directory = runs.create("run", runs.spec());
        train(directory);
        for (String step : List.of("step-000006", "step-000012")) {
            Path snapshot = directory.snapshots().resolve(step);
            assertThat(Checksums.areIn(snapshot)).isTrue();
            assertThat(Checksums.damage(snapshot)).isEmpty();
        }
    }
}
