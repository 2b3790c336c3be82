package dev.luthier.server.job;

import dev.luthier.core.adapter.AdapterDirectory;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.plan.Arithmetic;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.storage.StorageFault;
import dev.luthier.server.model.AdapterFiles;
import dev.luthier.server.model.AdapterShelf;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.model.FineTunedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns a planned job into the run directory that a trainer works on, every setting resolved. */
final class RunPlanner {
    private static final String UUID_FORM = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    private static final String SET_ASIDE = ".damaged-";
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.95;
    private static final double EPSILON = 1e-8;
    private static final double MAX_GRADIENT_NORM = 1.0;

    private final RunSettings settings;
    private final Function<UUID, Path> bytesOfFile;
    private final Function<UUID, Optional<FineTunedModel>> models;

    /**
     * @param bytesOfFile where the bytes of a file lie, by its id
     * @param models fine-tuned models by key
     */
    RunPlanner(RunSettings settings, Function<UUID, Path> bytesOfFile,
            Function<UUID, Optional<FineTunedModel>> models) {
        this.settings = settings;
        this.bytesOfFile = bytesOfFile;
        this.models = models;
    }

    RunDirectory directory(UUID job) {
        return new RunDirectory(settings.runs().resolve(job.toString()));
    }

    /** The jobs that have a run directory, known or not. */
    List<UUID> runs() {
        if (!Files.isDirectory(settings.runs())) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(settings.runs())) {
            return all.map(run -> run.getFileName().toString()).filter(name -> name.matches(UUID_FORM))
                    .map(UUID::fromString).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Keeps the adapter that a new job's training goes on from, if it does, in its run directory: the model may be
     * deleted, or replaced by later epochs of its own job, before the run starts.
     *
     * @throws dev.luthier.core.problem.ProblemException USER, when the model is no longer there
     */
    void keepStart(UUID job, JobRequest request) {
        UUID start = request.startModel();
        boolean kept = start == null || models.apply(start)
                .filter(model -> AdapterFiles.link(model.adapter(), directory(job).startAdapter())).isPresent();
        if (!kept) {
            throw Problem.user("start_model_gone", "The model " + request.model()
                    + ", whose training is to go on, has just been deleted. Name another one.", "model").asException();
        }
    }

    /**
     * Makes a job's run directory ready for a trainer. One that is ready stays as it is, but for the places of what it
     * reads. One that cannot be used any more is set aside, and the run starts anew.
     *
     * @return what was wrong with the directory, when the run starts anew because of it
     * @throws dev.luthier.core.problem.ProblemException USER, when the adapter that training goes on from is gone
     */
    Optional<String> prepare(Job job, BaseModel base) {
        RunDirectory run = directory(job.id());
        Optional<String> fault = fault(job, run);
        if (fault.isEmpty() && Files.exists(run.specFile())) {
            RunSpec written = run.readSpec();
            Path start = written.startAdapter() == null ? null : run.startAdapter();
            RunSpec here = written.at(base.directory(), start, places(job.request().trainingFiles()),
                    places(job.request().validationFiles()));
            if (!here.equals(written)) {
                run.create(here);
            }
            return Optional.empty();
        }
        if (fault.isPresent() && Files.exists(run.path())) {
            setAside(run, job.attempt());
        }
        if (job.request().startModel() != null && !Files.isDirectory(run.startAdapter())) {
            keepStart(job.id(), job.request());
        }
        run.create(spec(job, base, job.request().startModel() == null ? null : run.startAdapter()));
        return fault;
    }

    private static Optional<String> fault(Job job, RunDirectory run) {
        boolean begun = job.attempt() > 1 || job.progressOffset() > 0;
        if (!Files.exists(run.specFile())) {
            return begun ? Optional.of("run.json is missing in its run directory") : Optional.empty();
        }
        try {
            RunSpec spec = run.readSpec();
            boolean sameFiles = spec.trainingFiles().size() == job.request().trainingFiles().size()
                    && spec.validationFiles().size() == job.request().validationFiles().size();
            return sameFiles ? Optional.empty() : Optional.of("run.json in its run directory is of another job");
        } catch (ProblemException e) {
            if (StorageFault.in(e).isPresent()) {
                throw e;
            }
            return Optional.of("run.json in its run directory is damaged");
        }
    }

    /* Kept for whoever wants to know what happened; goes with the job. */
    private void setAside(RunDirectory run, int attempt) {
        Path aside = settings.runs().resolve(run.path().getFileName() + SET_ASIDE + attempt);
        try {
            AdapterShelf.deleteTree(aside);
            Files.move(run.path(), aside, StandardCopyOption.ATOMIC_MOVE);
            if (Files.isDirectory(aside.resolve(run.startAdapter().getFileName()))) {
                Files.createDirectories(run.path());
                AdapterFiles.link(aside.resolve(run.startAdapter().getFileName()), run.startAdapter());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes everything that the runs of a job have left. */
    void remove(UUID job) {
        AdapterShelf.deleteTree(directory(job).path());
        if (!Files.isDirectory(settings.runs())) {
            return;
        }
        try (DirectoryStream<Path> aside = Files.newDirectoryStream(settings.runs(), job + SET_ASIDE + "*")) {
            aside.forEach(AdapterShelf::deleteTree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> places(List<JobFile> files) {
        return files.stream().map(file -> bytesOfFile.apply(file.id())).toList();
    }

    /**
     * The spec of a job's run. It is written once: a job that goes on after a pause or a crash keeps the one that it
     * started with, whatever the settings have become.
     */
    private RunSpec spec(Job job, BaseModel base, @Nullable Path start) {
        JobRequest request = job.request();
        JobPlan plan = Objects.requireNonNull(job.plan(), "a job in the run queue has a plan");
        TrainingSettings training = request.training();
        Hyperparameters wanted = request.hyperparameters();
        double learningRate = Objects.requireNonNull(job.learningRate(), "a plan has a learning rate");
        return new RunSpec(RunSpec.VERSION, plan.task(), base.directory(), start, dataFiles(request.trainingFiles()),
                dataFiles(request.validationFiles()),
                start == null
                        ? training.lora()
                        : AdapterDirectory.envelope(start, ModelDirectory.open(base.directory()).config()),
                new RunSpec.Optimizer(plan.steps(), learningRate, wanted.weightDecay(),
                        wanted.warmupFraction(), BETA1, BETA2, EPSILON, MAX_GRADIENT_NORM),
                new RunSpec.Batch(plan.samplesPerStep(), plan.maxSampleTokens(), plan.microBatchTokens(),
                        request.skipInvalidShare()),
                numerics(training, plan, base),
                training.selection(), request.seed());
    }

    private RunSpec.Numerics numerics(TrainingSettings training, JobPlan plan, BaseModel base) {
        Arithmetic arithmetic = plan.arithmetic();
        return arithmetic == null
                ? new RunSpec.Numerics(training.baseType(), training.quantization(), settings.device(),
                        settings.threadsFor(base), plan.memoryTier(), settings.reuseBytes())
                : new RunSpec.Numerics(arithmetic.baseType(), arithmetic.quantization(), settings.device(),
                        arithmetic.threads(), plan.memoryTier(), settings.reuseBytes());
    }

    private List<RunSpec.DataFile> dataFiles(List<JobFile> files) {
        return files.stream()
                .map(file -> new RunSpec.DataFile(bytesOfFile.apply(file.id()), file.weight(), file.sha256())).toList();
    }
}
