package dev.luthier.engine.train;

import dev.luthier.core.command.Program;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.process.ParentWatch;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.storage.StorageFault;
import dev.luthier.engine.tensor.Libtorch;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code luthier train RUN_DIR}: makes or goes on with the run of a run directory. SIGTERM and Ctrl-C write a checkpoint
 * and end it as paused. Exit status 0 when the outcome is trained, paused or cancelled, 1 on failure, 2 on bad usage,
 * 75 on a fault of the disk.
 */
@Command(name = "luthier train", description = "Make, or go on with, the run of a run directory, without a server. Ctrl-C writes a checkpoint; the same command goes on from it.")
public final class TrainerMain implements Callable<Integer> {
    /** What sysexits.h calls a temporary failure. */
    private static final int BLOCKED = 75;

    @Parameters(paramLabel = "RUN_DIR", description = "A directory with a run.json.")
    private Path directory;

    @Option(names = "--checkpoint-seconds", paramLabel = "N", defaultValue = "30", description = "Seconds between checkpoints, at least 0 (${DEFAULT-VALUE}).")
    private double checkpointSeconds;

    @Spec
    private CommandSpec spec;

    private TrainerMain() {}

    public static void main(String[] arguments) {
        System.exit(Program.of(new TrainerMain()).execute(arguments));
    }

    @Override
    public Integer call() {
        if (!(checkpointSeconds >= 0)) {
            throw Program.refuse(spec, "--checkpoint-seconds must be a number of at least 0, not " + checkpointSeconds);
        }
        ParentWatch.follow();
        return train(directory, checkpointSeconds);
    }

    private static int train(Path directory, double checkpointSeconds) {
        TerminationSignal signal = TerminationSignal.install();
        try {
            Libtorch.start();
            Outcome outcome = new Trainer(new RunDirectory(directory), signal::received, checkpointSeconds).run();
            if (outcome instanceof Outcome.Failed(var problem)) {
                System.err.println("luthier: " + problem.message());
                return 1;
            }
            if (outcome instanceof Outcome.Blocked(var problem, var _)) {
                System.err.println("luthier: " + problem.message() + " The run goes on from its last checkpoint when it"
                        + " is started again.");
                return BLOCKED;
            }
            System.out.println(describe(outcome));
            return 0;
        } catch (ProblemException | UncheckedIOException e) {
            System.err.println("luthier: " + e.getMessage());
            return StorageFault.in(e).isPresent() ? BLOCKED : 1; // libtorch not unpacked, or the outcome not written
        } finally {
            signal.done();
        }
    }

    private static String describe(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Trained trained -> "trained " + trained.steps() + " steps";
            case Outcome.Paused paused -> "paused after step " + paused.step();
            case Outcome.Cancelled cancelled -> "cancelled after step " + cancelled.step();
            case Outcome.Failed failed -> failed.problem().message();
            case Outcome.Blocked blocked -> blocked.problem().message();
        };
    }
}
