package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trainer as a process, killed without warning, asked to end, and on a disk that takes no more. */
class TrainerKillTest {
    @TempDir
    Path folder;

    @Test
    void killedRunEndsWithTheBytesOfAnUndisturbedOne() throws IOException, InterruptedException {
        TinyRun runs = new TinyRun(folder);
        RunDirectory whole = runs.create("whole", runs.spec());
        assertThat(status(start(whole))).isZero();
        RunDirectory killed = runs.create("killed", runs.spec());
        for (int step : new int[]{2, 6}) {
            Process process = start(killed);
            waitForStep(killed, step, process);
            process.destroyForcibly();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        blockedByTheDisk(killed);
        Process terminated = start(killed);
        waitForStep(killed, 8, terminated);
        terminated.destroy(); // SIGTERM
        assertThat(terminated.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(killed.readOutcome()).get().isInstanceOfAny(Outcome.Paused.class, Outcome.Trained.class);
        assertThat(status(start(killed))).isZero();
        assertThat(outcome(killed).adapterSha256()).isEqualTo(outcome(whole).adapterSha256());
        assertThat(outcome(killed).trainLoss()).isEqualTo(outcome(whole).trainLoss());
    }

    private static int status(Process trainer) throws InterruptedException {
        try {
            assertThat(trainer.waitFor(120, TimeUnit.SECONDS)).as("the trainer ends").isTrue();
            return trainer.exitValue();
        } finally {
            trainer.destroyForcibly();
        }
    }

    /** An attempt in which no file may grow to the size of a checkpoint or an adapter. */
    private static void blockedByTheDisk(RunDirectory directory) throws IOException, InterruptedException {
        List<String> limited = new ArrayList<>(List.of("sh", "-c", "ulimit -f 40 && exec \"$@\"", "sh"));
        limited.addAll(command(directory));
        Process process = new ProcessBuilder(limited).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.logFile().toFile())).start();
        assertThat(status(process)).as(Files.readString(directory.logFile())).isEqualTo(75);
        assertThat(directory.readOutcome()).get().isInstanceOfSatisfying(Outcome.Blocked.class, blocked -> {
            assertThat(blocked.problem().code()).isEqualTo("disk_full");
            assertThat(blocked.neededBytes()).isPositive();
        });
        assertThat(directory.checkpoints().resolve("writing")).doesNotExist();
        assertThat(directory.path().resolve("adapter.writing")).doesNotExist();
    }

    private static Outcome.Trained outcome(RunDirectory directory) {
        return (Outcome.Trained) directory.readOutcome().orElseThrow();
    }

    private static Process start(RunDirectory directory) throws IOException {
        return new ProcessBuilder(command(directory)).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.logFile().toFile())).start();
    }

    private static List<String> command(RunDirectory directory) {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-Xmx256m", "-XX:-UsePerfData", "-cp",
                System.getProperty("java.class.path"), TrainerMain.class.getName(), directory.path().toString(),
                "--checkpoint-seconds", "0");
    }

    /** Returns once the step was made, or the process has ended. */
    private static void waitForStep(RunDirectory directory, int step, Process process) throws InterruptedException {
        while (process.isAlive() && lastStep(directory) < step) {
            Thread.sleep(2);
        }
    }

    private static int lastStep(RunDirectory directory) {
        List<Progress> lines = directory.readProgress(0).lines();
        return lines.stream().filter(Progress.Step.class::isInstance).mapToInt(line -> ((Progress.Step) line).step())
                .max().orElse(0);
    }
}
