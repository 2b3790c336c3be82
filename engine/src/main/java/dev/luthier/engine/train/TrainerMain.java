package dev.luthier.engine.train;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.process.ParentWatch;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.engine.options.Options;
import dev.luthier.engine.tensor.Libtorch;
import java.nio.file.Path;

/**
 * {@code luthier train RUN_DIR [--checkpoint-seconds N]}: makes or goes on with the run of a run directory. SIGTERM and
 * Ctrl-C write a checkpoint and end it as paused.
 */
public final class TrainerMain {
    private static final String USAGE = "usage: luthier train RUN_DIR [--checkpoint-seconds N]";
    private static final double CHECKPOINT_SECONDS = 30;

    private TrainerMain() {}

    /** Exit status 0 when the outcome is trained, paused or cancelled, 1 on failure, 2 on bad usage. */
    public static void main(String[] arguments) {
        Settings settings;
        try {
            settings = parse(arguments);
        } catch (ProblemException e) {
            Options.report(e);
            System.exit(Options.status(e));
            return;
        }
        ParentWatch.follow();
        System.exit(train(settings.directory, settings.checkpointSeconds));
    }

    private record Settings(Path directory, double checkpointSeconds) {}

    private static Settings parse(String... arguments) {
        Options options = new Options(USAGE, arguments);
        Path directory = null;
        double checkpointSeconds = CHECKPOINT_SECONDS;
        for (String name = options.next(); name != null; name = options.next()) {
            if (name.equals("--checkpoint-seconds")) {
                checkpointSeconds = seconds(options);
            } else if (directory != null || name.startsWith("-")) {
                throw options.unknown();
            } else {
                directory = options.path("RUN_DIR", name);
            }
        }
        return new Settings(options.required("RUN_DIR", directory), checkpointSeconds);
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
            System.out.println(describe(outcome));
            return 0;
        } catch (ProblemException e) {
            System.err.println("luthier: " + e.getMessage());
            return 1;
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
        };
    }

    private static double seconds(Options options) {
        String text = options.text();
        try {
            double value = Double.parseDouble(text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Refused below, like a negative number.
        }
        throw options.refuse("--checkpoint-seconds must be a number of at least 0, not " + text);
    }
}
