package dev.luthier.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunDirectoryTest {
    @TempDir
    Path temp;

    @Test
    void specSurvivesTheRoundTrip() {
        RunDirectory run = new RunDirectory(temp.resolve("run"));
        RunSpec spec = new RunSpec(1, Path.of("/models/base"), null,
                List.of(new RunSpec.DataFile(Path.of("/data/a.jsonl"), 2.5, "")), List.of(),
                RunSpec.Lora.plain(16, 32, List.of("q_proj")),
                new RunSpec.Optimizer(7, 1e-4, 0.1, 0.05, 0.9, 0.95, 1e-8, 1),
                new RunSpec.Batch(4, 512, 2048, 0), RunSpec.Numerics.plain("bf16", 2), 42);
        run.create(spec);
        assertThat(run.readSpec()).isEqualTo(spec);
    }

    @Test
    void everyOutcomeSurvivesTheRoundTrip() {
        RunDirectory run = new RunDirectory(temp);
        for (Outcome outcome : List.of(new Outcome.Trained("ab", 3, 99, 0.5, 1.25), new Outcome.Paused(4),
                new Outcome.Cancelled(5), new Outcome.Failed(Problem.user("bad_data", "line 3: no messages")))) {
            run.writeOutcome(outcome);
            assertThat(run.readOutcome()).contains(outcome);
        }
    }

    @Test
    void tornLastProgressLineIsLeftForLater() throws IOException {
        RunDirectory run = new RunDirectory(temp);
        Progress first = new Progress.Note(1, 1, 1000, "info", "hello");
        Progress second = new Progress.Metric(1, 2, 1001, 10, 0.5, null, null, null);
        String torn = Json.write(second);
        Files.writeString(run.progressFile(), Json.write(first) + "\n" + torn.substring(0, 20));
        RunDirectory.ProgressPage page = run.readProgress(0);
        assertThat(page.lines()).containsExactly(first);
        Files.writeString(run.progressFile(), torn.substring(20) + "\n", StandardOpenOption.APPEND);
        assertThat(run.readProgress(page.nextOffset()).lines()).containsExactly(second);
    }

    @Test
    void lockIsExclusive() {
        RunDirectory run = new RunDirectory(temp);
        try (RunDirectory.RunLock lock = run.tryLock().orElseThrow()) {
            assertThat(lock.channel().isOpen()).isTrue();
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
