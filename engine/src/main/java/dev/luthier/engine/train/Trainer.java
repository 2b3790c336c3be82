package dev.luthier.engine.train;

import dev.luthier.core.data.SampleEncoder;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunLock;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.Task;
import dev.luthier.core.storage.StorageFault;
import dev.luthier.core.tokenizer.Tokenizer;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a run: takes the lock of the run directory, trains, writes the outcome. Whatever goes wrong becomes a
 * failed outcome, or a blocked one if it is a fault of the disk, which passes. For one use.
 */
public final class Trainer {
    private final RunDirectory directory;
    private final BooleanSupplier stopSignal;
    private final double checkpointSeconds;
    private long neededBytes;

    /**
     * @param stopSignal asked between steps; true writes a checkpoint and ends the attempt as paused
     * @param checkpointSeconds how old the last checkpoint may get, at least 0
     */
    public Trainer(RunDirectory directory, BooleanSupplier stopSignal, double checkpointSeconds) {
        this.directory = directory;
        this.stopSignal = stopSignal;
        this.checkpointSeconds = checkpointSeconds;
    }

    /**
     * Trains to the end, or until asked to stop. A run that is trained already stays as it is.
     *
     * @throws ProblemException RESOURCE if another process holds the lock, USER if there is no valid run.json: then
     *     nothing is written; RESOURCE if the directory was removed or replaced meanwhile: then nothing more is
     */
    public Outcome run() {
        RunSpec spec = directory.readSpec();
        try (RunLock lock = directory.lockForTrainer().orElseThrow(() -> Problem.resource("run_locked",
                directory.path() + " is in use by another trainer.").asException())) {
            if (earlierOutcome() instanceof Outcome.Trained earlier) {
                return earlier;
            }
            directory.clearOutcome();
            Outcome outcome;
            try (ProgressLog log = ProgressLog.open(directory)) {
                outcome = attempt(spec, lock, log);
            } catch (IOException | OutOfMemoryError | RuntimeException e) {
                outcome = unfinished(e);
            }
            lock.requireInPlace();
            directory.writeOutcome(outcome);
            return outcome;
        }
    }

    /* One that is damaged says nothing: the run ends with the same bytes again. */
    private @Nullable Outcome earlierOutcome() {
        try {
            return directory.readOutcome().orElse(null);
        } catch (ProblemException e) {
            return null;
        }
    }

    private Outcome unfinished(Throwable thrown) {
        return StorageFault.in(thrown).<Outcome>map(fault -> new Outcome.Blocked(
                fault.problem(directory.path(), neededBytes), neededBytes))
                .orElseGet(() -> new Outcome.Failed(switch (thrown) {
                    case ProblemException e -> e.problem();
                    case IOException e -> notWritten(e);
                    case UncheckedIOException e -> notWritten(e);
                    default -> problem(thrown);
                }));
    }

    private Problem notWritten(Exception e) {
        return Problem.resource("run_directory_not_written", directory.path() + " cannot be written: " + e + ".");
    }

    private Outcome attempt(RunSpec spec, RunLock lock, ProgressLog log) throws IOException {
        Libtorch.use(spec.numerics().device());
        Libtorch.setThreads(spec.numerics().threads());
        ModelDirectory model = ModelDirectory.open(spec.baseModel());
        checkContext(spec, model);
        try (Tokenizer tokenizer = model.tokenizer();
                TrainingData data = new TrainingData(spec, directory.encoded(),
                        SampleEncoder.of(model, tokenizer, spec.task()), log);
                LoraModel lora = LoraModel.of(spec, model);
                Objective objective = objective(spec, lora, data, log);
                TrainingLoop loop = new TrainingLoop(directory, lock, spec, lora, data, objective, log, stopSignal,
                        checkpointSeconds)) {
            neededBytes = loop.bytesToWrite();
            Outcome outcome = loop.run();
            switch (outcome) {
                case Outcome.Trained _,Outcome.Cancelled _ -> {
                    lock.requireInPlace();
                    directory.writeOutcome(outcome);
                    loop.clean();
                }
                case Outcome.Paused _,Outcome.Failed _,Outcome.Blocked _ -> {
                    // To be gone on with.
                }
            }
            return outcome;
        }
    }

    private Objective objective(RunSpec spec, LoraModel lora, TrainingData data, ProgressLog log) {
        return switch (spec.task()) {
            case Task.Supervised _ -> new SupervisedObjective(lora.decoder());
            case Task.Preference preference -> new PreferenceObjective(preference, lora.decoder(),
                    new ReferenceLosses(spec, data.all(), directory.encoded()), log);
            case Task.Classification classification -> new ClassificationObjective(classification, lora.decoder(),
                    lora.classifierHead());
        };
    }

    private static void checkContext(RunSpec spec, ModelDirectory model) {
        int longest = model.config().maxPositions();
        if (spec.batch().maxSampleTokens() > longest) {
            throw Problem.user("context_exceeded", "batch.maxSampleTokens is " + spec.batch().maxSampleTokens()
                    + ", but the base model has only " + longest + " positions.", "batch.maxSampleTokens")
                    .asException();
        }
    }

    /** libtorch reports failed allocations as plain runtime errors. */
    static Problem problem(Throwable error) {
        String message = String.valueOf(error.getMessage());
        String lower = message.toLowerCase(Locale.ROOT);
        if (error instanceof OutOfMemoryError || lower.contains("not enough memory")
                || lower.contains("can't allocate memory") || lower.contains("bad_alloc")
                || lower.contains("cuda out of memory")) {
            return Problem.resource("out_of_memory", "The machine has too little memory for this run. Use a smaller"
                    + " batch.microBatchTokens, numerics.memoryTier \"recompute_layers\", or a smaller base model. ("
                    + firstLine(message)
                    + ")");
        }
        error.printStackTrace(); // The process' error stream is the run's log.
        return Problem.internal("trainer_failed", "The trainer failed: " + error.getClass().getSimpleName() + ": "
                + firstLine(message));
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("");
    }
}
