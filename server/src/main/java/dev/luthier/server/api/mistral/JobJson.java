package dev.luthier.server.api.mistral;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.luthier.core.run.Task;
import dev.luthier.server.job.Hyperparameters;
import dev.luthier.server.job.Job;
import dev.luthier.server.job.JobEvent;
import dev.luthier.server.job.JobFile;
import dev.luthier.server.job.JobPlan;
import dev.luthier.server.job.JobRequest;
import dev.luthier.server.job.Method;
import dev.luthier.server.job.MetricPoint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A fine-tuning job as Mistral's clients see it. Times are Unix seconds. A list item has neither events nor
 * checkpoints; both are newest first.
 *
 * @param model as the caller named it
 * @param repositories of completion jobs alone
 * @param metadata estimates; all null until the data was read
 * @param classifierTargets of a classifier job that is no list item: empty until the data was read
 */
record JobJson(String id, boolean autoStart, HyperparametersJson hyperparameters, String model, JobStatus status,
        String jobType, long createdAt, long modifiedAt, List<String> trainingFiles, List<String> validationFiles,
        String object, @Nullable String fineTunedModel, @Nullable String suffix, List<IntegrationJson> integrations,
        @Nullable Long trainedTokens,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<Object> repositories, EstimateJson metadata,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<EventJson> events,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<CheckpointJson> checkpoints,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<ClassifierTargetJson> classifierTargets) {

    /** What is not known is left out, as the schema allows no null. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record HyperparametersJson(@Nullable Integer trainingSteps, @Nullable Double learningRate, double weightDecay,
            double warmupFraction, @Nullable Double epochs, @Nullable Integer seqLen) {

        static HyperparametersJson of(Job job) {
            Hyperparameters given = job.request().hyperparameters();
            JobPlan plan = job.plan();
            return new HyperparametersJson(plan == null ? given.steps() : Integer.valueOf(plan.steps()),
                    job.learningRate(), given.weightDecay(), given.warmupFraction(),
                    plan == null ? given.epochs() : Double.valueOf(plan.epochs()),
                    plan == null ? given.maxSampleTokens() : Integer.valueOf(plan.maxSampleTokens()));
        }
    }

    /** The key of the account is never returned. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record IntegrationJson(String type, String project, @Nullable String name, @Nullable String runName) {}

    /** What the job will come to. The cost is null: this server charges nothing. */
    record EstimateJson(@Nullable Long expectedDurationSeconds, @Nullable Double cost, @Nullable String costCurrency,
            @Nullable Long trainTokensPerStep, @Nullable Long trainTokens, @Nullable Long dataTokens,
            @Nullable Long estimatedStartTime) {

        static EstimateJson of(@Nullable JobPlan plan) {
            return plan == null
                    ? new EstimateJson(null, null, null, null, null, null, null)
                    : new EstimateJson(seconds(plan), null, null, plan.tokensPerStep(), plan.trainTokens(),
                            plan.dataTokens(), null);
        }

        static @Nullable Long seconds(JobPlan plan) {
            Double seconds = plan.expectedSeconds();
            return seconds == null ? null : (long) Math.ceil(seconds);
        }
    }

    /** A change of state under the name {@code status-updated}, or a note named by its level. */
    record EventJson(String name, Map<String, Object> data, long createdAt) {

        static EventJson of(JobEvent event) {
            Map<String, Object> data = new LinkedHashMap<>();
            if (event.state() != null) {
                data.put("status", JobStatus.precise(event.state()));
            }
            data.put("message", event.message());
            event.data().properties().forEach(fact -> data.put(fact.getKey(), fact.getValue()));
            String name = event.state() != null
                    ? "status-updated"
                    : switch (event.level()) {
                        case INFO -> "message";
                        case WARN -> "warning";
                        case ERROR -> "error";
                    };
            return new EventJson(name, data, event.createdAtMillis() / 1000);
        }
    }

    /** A metric point. */
    record CheckpointJson(MetricsJson metrics, int stepNumber, long createdAt) {

        static CheckpointJson of(MetricPoint point) {
            return new CheckpointJson(new MetricsJson(point.trainLoss(), point.validLoss(), point.validAccuracy()),
                    point.step(), point.createdAtMillis() / 1000);
        }
    }

    record MetricsJson(@Nullable Double trainLoss, @Nullable Double validLoss,
            @Nullable Double validMeanTokenAccuracy) {}

    /** A page of jobs. */
    record JobListJson(List<JobJson> data, String object, long total) {}

    /** The answer to a dry run. */
    record DryRunJson(@Nullable Long expectedDurationSeconds, @Nullable Double cost, @Nullable String costCurrency,
            @Nullable Long trainTokensPerStep, @Nullable Long trainTokens, @Nullable Long dataTokens,
            @Nullable Long estimatedStartTime, boolean deprecated, String details, @Nullable Double epochs,
            @Nullable Integer trainingSteps, String object) {

        static DryRunJson of(JobRequest request, JobPlan plan) {
            Long seconds = EstimateJson.seconds(plan);
            String details = String.format(Locale.ROOT, "%d valid samples, %d steps of %d samples, about %s%s. %s.",
                    plan.trainingSamples(), plan.steps(), plan.samplesPerStep(), plan.describeExpectations(),
                    seconds == null
                            ? "; duration unknown until `luthier probe` has measured such a job here"
                            : "",
                    request.training().describe(plan));
            return new DryRunJson(seconds, null, null, plan.tokensPerStep(), plan.trainTokens(), plan.dataTokens(),
                    null, true, details, plan.epochs(), plan.steps(), "job.metadata");
        }
    }

    /**
     * @param status as this server shows it
     * @param integrations as this server shows them
     */
    static JobJson of(Job job, JobStatus status, List<IntegrationJson> integrations,
            @Nullable List<EventJson> events, @Nullable List<CheckpointJson> checkpoints) {
        boolean classifies = job.request().method() instanceof Method.Classification;
        return new JobJson(job.id().toString(), job.request().autoStart(),
                HyperparametersJson.of(job), job.request().model(), status,
                classifies ? "classifier" : "completion", job.createdAtMillis() / 1000, job.modifiedAtMillis() / 1000,
                ids(job.request().trainingFiles()), ids(job.request().validationFiles()), "job", job.fineTunedModel(),
                job.request().suffix(), integrations, job.trainedTokens(), classifies ? null : List.of(),
                EstimateJson.of(job.plan()), events, checkpoints,
                classifies && events != null ? targets(job.classifier()) : null);
    }

    private static List<ClassifierTargetJson> targets(Task.@Nullable Classification classifier) {
        return classifier == null ? List.of() : ClassifierTargetJson.of(classifier);
    }

    private static List<String> ids(List<JobFile> files) {
        return files.stream().map(file -> file.id().toString()).toList();
    }
}
