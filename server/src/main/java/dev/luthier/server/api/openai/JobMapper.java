package dev.luthier.server.api.openai;

import dev.luthier.core.job.JobState;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.Task;
import dev.luthier.server.api.ClientIntegers;
import dev.luthier.server.api.Ids;
import dev.luthier.server.api.JobForm;
import dev.luthier.server.api.openai.JobJson.DpoHyperparametersJson;
import dev.luthier.server.api.openai.JobJson.DpoJson;
import dev.luthier.server.api.openai.JobJson.ErrorJson;
import dev.luthier.server.api.openai.JobJson.HyperparametersJson;
import dev.luthier.server.api.openai.JobJson.IntegrationJson;
import dev.luthier.server.api.openai.JobJson.MethodJson;
import dev.luthier.server.api.openai.JobJson.SupervisedJson;
import dev.luthier.server.api.openai.JobJson.WandbJson;
import dev.luthier.server.job.Job;
import dev.luthier.server.job.JobFile;
import dev.luthier.server.job.JobPlan;
import dev.luthier.server.job.JobRequest;
import dev.luthier.server.job.Method;
import dev.luthier.server.job.WandbIntegration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Turns jobs, in whichever dialect they were made, into what OpenAI's clients see. */
final class JobMapper implements JobForm {
    private static final String AUTO = "auto";
    private static final int MAX_EPOCHS = 50;
    private static final int MAX_BATCH_SIZE = 256;
    /** Slack of epochs that were reckoned from steps, so that 3.0000000001 is three. */
    private static final double ROUNDING = 1e-9;

    private final boolean pausedStatus;
    private final String wandbProject;
    private final InstantSource clock;

    /**
     * @param pausedStatus whether {@code status} shows {@code paused}
     * @param wandbProject project of integrations that name none
     */
    JobMapper(boolean pausedStatus, String wandbProject, InstantSource clock) {
        this.pausedStatus = pausedStatus;
        this.wandbProject = wandbProject;
        this.clock = clock;
    }

    @Override
    public String dialect() {
        return JobRequest.OPENAI;
    }

    @Override
    public String id(Job job) {
        return Ids.openAi(Ids.JOB, job.id());
    }

    @Override
    public String status(JobState state) {
        return JobStatus.of(state, pausedStatus).name().toLowerCase(Locale.ROOT);
    }

    @Override
    public @Nullable String fineTunedModel(Job job) {
        return job.openAiModel();
    }

    @Override
    public List<String> statuses() {
        return Arrays.stream(JobStatus.values()).map(status -> status.name().toLowerCase(Locale.ROOT)).toList();
    }

    JobJson json(Job job, ClientIntegers integers) {
        JobRequest request = job.request();
        HyperparametersJson hyperparameters = hyperparameters(job);
        return new JobJson("fine_tuning.job", Ids.openAi(Ids.JOB, job.id()), job.createdAtMillis() / 1000, error(job),
                job.openAiModel(), job.finishedAtMillis() == null ? null : job.finishedAtMillis() / 1000,
                hyperparameters, request.model(), job.organization(),
                job.resultFile() == null ? List.of() : List.of(Ids.openAi(Ids.FILE, job.resultFile())),
                JobStatus.of(job.state(), pausedStatus),
                job.trainedTokens() == null ? null : integers.fitting(job.trainedTokens()),
                id(request.trainingFiles().getFirst()),
                request.validationFiles().isEmpty() ? null : id(request.validationFiles().getFirst()),
                request.integrations().stream().map(this::integration).toList(), request.seed(), estimatedFinish(job),
                method(job, hyperparameters, integers), request.metadata());
    }

    /**
     * Null for a job that tells labels, a method that these clients do not know. The Rust client's types of the numbers hold
     * "auto" alone; it finds them in the job's hyperparameters.
     */
    private static @Nullable MethodJson method(Job job, HyperparametersJson hyperparameters, ClientIntegers integers) {
        boolean detailed = integers == ClientIntegers.BITS_64;
        return switch (job.request().method()) {
            case Method.Supervised _ ->
                new MethodJson(MethodReader.SUPERVISED, detailed ? new SupervisedJson(hyperparameters) : null, null);
            case Method.Preference asked -> new MethodJson(MethodReader.DPO, null,
                    detailed
                            ? new DpoJson(new DpoHyperparametersJson(beta(asked, job.plan()), hyperparameters))
                            : null);
            case Method.Classification _ -> null;
        };
    }

    private static Object beta(Method.Preference asked, @Nullable JobPlan plan) {
        Double beta = plan != null && plan.task() instanceof Task.Preference planned
                ? Double.valueOf(planned.beta())
                : asked.beta();
        return beta == null ? AUTO : beta;
    }

    private static String id(JobFile file) {
        return Ids.openAi(Ids.FILE, file.id());
    }

    private static @Nullable ErrorJson error(Job job) {
        Problem problem = job.problem();
        if (problem == null || (job.state() != JobState.FAILED && job.state() != JobState.INVALID)) {
            return null;
        }
        String parameter = parameter(problem);
        String code = problem.code().equals("invalid_data") && parameter != null
                ? "invalid_" + parameter
                : problem.code();
        return new ErrorJson(code, OpenAiNames.of(job).in(problem.message()), parameter);
    }

    /** Other dialects have lists of files; here there is one of each kind. */
    private static @Nullable String parameter(Problem problem) {
        String name = problem.param();
        if (name == null) {
            return null;
        }
        return switch (name) {
            case "training_files" -> "training_file";
            case "validation_files" -> "validation_file";
            default -> name;
        };
    }

    private @Nullable Long estimatedFinish(Job job) {
        Double left = job.progress().secondsLeft();
        return job.state() != JobState.RUNNING || left == null
                ? null
                : Long.valueOf((long) Math.ceil(clock.millis() / 1000.0 + left));
    }

    private static HyperparametersJson hyperparameters(Job job) {
        JobPlan plan = job.plan();
        Double epochs = plan == null ? job.request().hyperparameters().epochs() : Double.valueOf(plan.epochs());
        Integer batchSize = plan == null
                ? job.request().hyperparameters().samplesPerStep()
                : Integer.valueOf(plan.samplesPerStep());
        Double rate = job.learningRate();
        return new HyperparametersJson(batchSize == null ? AUTO : Math.min(batchSize, MAX_BATCH_SIZE),
                rate == null ? AUTO : RateMultiplier.of(rate), epochs == null ? AUTO : shown(epochs));
    }

    /** A part of an epoch counts as a whole one; beyond what the schema allows the largest is shown. */
    private static int shown(double epochs) {
        return Math.clamp((long) Math.ceil(epochs - ROUNDING), 1, MAX_EPOCHS);
    }

    private IntegrationJson integration(WandbIntegration wandb) {
        return new IntegrationJson("wandb", new WandbJson(wandb.project() == null ? wandbProject : wandb.project(),
                wandb.name(), wandb.entity(), wandb.tags()));
    }
}
