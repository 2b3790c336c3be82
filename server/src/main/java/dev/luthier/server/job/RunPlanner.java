package dev.luthier.server.job;

import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.server.model.BaseModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;

/** Turns a planned job into the run directory that a trainer works on, every setting resolved. */
final class RunPlanner {
    private static final List<String> LINEAR_LAYERS = List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj",
            "up_proj", "down_proj");
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.95;
    private static final double EPSILON = 1e-8;
    private static final double MAX_GRADIENT_NORM = 1.0;

    private final RunSettings settings;
    private final Function<UUID, Path> bytesOfFile;

    /** @param bytesOfFile where the bytes of a file lie, by its id */
    RunPlanner(RunSettings settings, Function<UUID, Path> bytesOfFile) {
        this.settings = settings;
        this.bytesOfFile = bytesOfFile;
    }

    RunDirectory directory(UUID job) {
        return new RunDirectory(settings.runs().resolve(job.toString()));
    }

    /**
     * The spec of a job's run. It is written once: a job that goes on after a pause or a crash keeps the one that it
     * started with, whatever the settings have become.
     */
    RunSpec spec(Job job, BaseModel base) {
        JobRequest request = job.request();
        JobPlan plan = Objects.requireNonNull(job.plan(), "a job in the run queue has a plan");
        Hyperparameters wanted = request.hyperparameters();
        double learningRate = Objects.requireNonNull(job.learningRate(), "a plan has a learning rate");
        return new RunSpec(RunSpec.VERSION, base.directory(), null, dataFiles(request.trainingFiles()),
                dataFiles(request.validationFiles()),
                new RunSpec.Lora(settings.rank(), settings.alpha(), LINEAR_LAYERS),
                new RunSpec.Optimizer(plan.steps(), learningRate, wanted.weightDecay(),
                        wanted.warmupFraction(), BETA1, BETA2, EPSILON, MAX_GRADIENT_NORM),
                new RunSpec.Batch(plan.samplesPerStep(), plan.maxSampleTokens(), plan.microBatchTokens(),
                        request.skipInvalidShare()),
                new RunSpec.Numerics(settings.baseType(), settings.threadsFor(base), false), request.seed());
    }

    private List<RunSpec.DataFile> dataFiles(List<JobFile> files) {
        return files.stream()
                .map(file -> new RunSpec.DataFile(bytesOfFile.apply(file.id()), file.weight(), file.sha256())).toList();
    }
}
