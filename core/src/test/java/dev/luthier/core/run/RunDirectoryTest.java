package dev.luthier.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

final class RunDirectoryTest {
    @TempDir
    Path temp;

    private static final RunSpec SPEC = new RunSpec(Path.of("/models/base"), null,
            List.of(new RunSpec.DataFile(Path.of("/data/a.jsonl"), 2.5, "")), List.of(),
            RunSpec.Lora.plain(16, 32, List.of("q_proj")),
            new RunSpec.Optimizer(7, 1e-4, 0.1, 0.05, 0.9, 0.95, 1e-8, 1),
            new RunSpec.Batch(4, 512, 2048, 0), RunSpec.Numerics.plain("bf16", 2), 42);

    @Test
    void specSurvivesTheRoundTrip() {
        RunDirectory run = new RunDirectory(temp.resolve("run"));
        run.create(SPEC);
        assertThat(run.readSpec()).isEqualTo(SPEC);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {"lora, , lora must be given",
            "lora/alpha, 1e999, lora.alpha must be a number greater than 0",
            "lora/rank, 0, lora.rank must be 1 to 512", "lora/topLayers, -1, lora.topLayers must be at least 0",
            "lora/targets, , lora.targets must be given",
            "lora/targets, `[\"q_proj\", \"q_proj\"]`, lora.targets must name each layer once",
            "lora/targets, [null], lora.targets must be given", "lora/rnak, 3, lora.rnak is not known",
            "optimizer/learningRate, 1e999, optimizer.learningRate must be a number of at least 0",
            "optimizer/beta1, 1.0, optimizer.beta1 must be at least 0 and less than 1",
            "optimizer/epsilon, -1.0, optimizer.epsilon must be a number greater than 0",
            "optimizer/maxGradientNorm, -1.0, optimizer.maxGradientNorm must be a number of at least 0",
            "batch/skipInvalidShare, 0.6, batch.skipInvalidShare must be 0 to 0.5",
            "numerics/baseType, , numerics.baseType must be given",
            "numerics/quantization, , numerics.quantization must be given",
            "numerics/device, , numerics.device must be given",
            "numerics/memoryTier, , numerics.memoryTier must be given",
            "numerics/memoryTier, `\"low\"`, `numerics.memoryTier must be one of \"keep\", \"recompute_elementwise\"`",
            "optimizer/beta2, , optimizer.beta2 is missing", "batch, 7, batch is missing or of another kind",
            "version, 9, a later version of Luthier has written it", "version, 0, version must be a whole number",
            "numerics/threads, 100000, numerics.threads must be 1 to 1024"})
    void faultySpecIsAUserProblemThatNamesTheField(String field, @Nullable String value, String message)
            throws IOException {
        RunDirectory run = new RunDirectory(temp);
        ObjectNode spec = (ObjectNode) Json.parse(Json.write(SPEC));
        String[] path = field.split("/", -1);
        ObjectNode owner = path.length == 1 ? spec : (ObjectNode) spec.path(path[0]);
        owner.put(path[path.length - 1], "VALUE");
        Files.writeString(run.specFile(), Json.write(spec).replace("\"VALUE\"", value == null ? "null" : value));
        assertThatThrownBy(run::readSpec).isInstanceOfSatisfying(ProblemException.class, refused -> {
            assertThat(refused.problem().kind()).isEqualTo(Problem.Kind.USER);
            assertThat(refused).hasMessageContaining(message).hasMessageContaining("run.json")
                    .hasMessageNotContaining("REDACTED");
        });
    }

    @Test
    void everyOutcomeSurvivesTheRoundTrip() {
        RunDirectory run = new RunDirectory(temp);
        for (Outcome outcome : List.of(new Outcome.Trained("ab", 3, 99, 0.5, 1.25, null),
                new Outcome.Trained("ab", 3, 99, 0.5, 1.25, new Outcome.Selected(2, 0.75, 4)), new Outcome.Paused(4),
                new Outcome.Cancelled(5), new Outcome.Failed(Problem.user("bad_data", "line 3: no messages")),
                new Outcome.Blocked(Problem.resource("disk_full", "The disk is full."), 4096))) {
            run.writeOutcome(outcome);
            assertThat(run.readOutcome()).contains(outcome);
        }
    }

    @Test
    void tornLastProgressLineIsLeftForLater() throws IOException {
        RunDirectory run = new RunDirectory(temp);
        Progress first = new Progress.Note(1, 1, 1000, "info", "hello");
        Progress second = new Progress.Metric(1, 2, 1001, 10, 0.5, null, null, null, Map.of());
        String torn = Json.write(second);
        Files.writeString(run.progressFile(), Json.write(first) + "\n" + torn.substring(0, 20));
        RunDirectory.ProgressPage page = run.readProgress(0);
        assertThat(page.lines()).containsExactly(first);
        Files.writeString(run.progressFile(), torn.substring(20) + "\n", StandardOpenOption.APPEND);
        assertThat(run.readProgress(page.nextOffset()).lines()).containsExactly(second);
    }

    @Test
    void damagedProgressLineIsReplacedByAWarning() throws IOException {
        RunDirectory run = new RunDirectory(temp);
        Progress first = new Progress.Note(1, 1, 1000, "info", "hello");
        Progress last = new Progress.Note(1, 3, 1002, "info", "bye");
        Files.writeString(run.progressFile(),
                Json.write(first) + "\n{\"type\":\"stap\"}\n" + Json.write(last) + "\n");
        assertThat(run.readProgress(0).lines()).satisfiesExactly(line -> assertThat(line).isEqualTo(first),
                line -> assertThat(line).isInstanceOfSatisfying(Progress.Note.class, note -> {
                    assertThat(note.level()).isEqualTo("warn");
                    assertThat(note.message()).contains("at byte " + (Json.write(first).length() + 1), "damaged");
                }), line -> assertThat(line).isEqualTo(last));
    }

    @Test
    void documentsCarryTheirVersion() throws IOException {
        RunDirectory run = new RunDirectory(temp);
        run.create(SPEC);
        run.writeOutcome(new Outcome.Paused(4));
        assertThat(Json.parse(Files.readString(run.specFile())).path("version").intValue())
                .isEqualTo(RunSpec.VERSION);
        assertThat(Json.parse(Files.readString(temp.resolve("outcome.json"))).path("version").intValue()).isEqualTo(1);
    }

    @Test
    void fieldsThatEarlierProgramsDidNotWriteHaveDefaults() throws IOException {
        RunDirectory run = new RunDirectory(temp);
        ObjectNode spec = (ObjectNode) Json.parse(Json.write(SPEC));
        ((ObjectNode) spec.path("lora")).remove(List.of("rsLora", "dora", "topLayers"));
        ObjectNode numerics = ((ObjectNode) spec.path("numerics"))
                .remove(List.of("quantization", "device", "memoryTier", "reuseBytes"));
        Files.writeString(run.specFile(), Json.write(spec));
        assertThat(run.readSpec()).isEqualTo(SPEC);
        numerics.put("recompute", true);
        Files.writeString(run.specFile(), Json.write(spec));
        assertThat(run.readSpec().numerics()).isEqualTo(SPEC.numerics().with(MemoryTier.RECOMPUTE_LAYERS));
    }

    @Test
    void progressThatWasWrittenAnewIsReadFromItsStart() throws IOException {
        RunDirectory run = new RunDirectory(temp);
        Progress line = new Progress.Note(1, 1, 1000, "info", "hello");
        Files.writeString(run.progressFile(), Json.write(line) + "\n");
        assertThat(run.readProgress(100_000).lines()).containsExactly(line);
    }

    @Test
    void placesDoNotMatterWhereHashesTellWhatLiesThere() {
        RunSpec hashed = new RunSpec(SPEC.baseModel(), null,
                List.of(new RunSpec.DataFile(Path.of("/data/a.jsonl"), 2.5, "ab")), List.of(), SPEC.lora(),
                SPEC.optimizer(), SPEC.batch(), SPEC.numerics(), SPEC.seed());
        List<Path> elsewhere = List.of(Path.of("/elsewhere/file"));
        assertThat(hashed.makesTheSameAs(hashed.at(Path.of("/elsewhere"), null, elsewhere, List.of()))).isTrue();
        assertThat(SPEC.makesTheSameAs(SPEC.at(SPEC.baseModel(), null, elsewhere, List.of()))).isFalse();
        assertThat(hashed.makesTheSameAs(SPEC)).isFalse();
    }

    @Test
    void lockIsExclusive() {
        RunDirectory run = new RunDirectory(temp);
        try (RunLock _ = run.tryLock().orElseThrow()) {
            assertThat(run.tryLock()).isEmpty();
        }
        run.tryLock().orElseThrow().close();
    }

    @Test
    void desiredDefaultsToRun() {
        RunDirectory run = new RunDirectory(temp);
        assertThat(run.readDesired()).isEqualTo(Desired.RUN);
        run.writeDesired(Desired.CANCEL);
        assertThat(run.readDesired()).isEqualTo(Desired.CANCEL);
    }
}
