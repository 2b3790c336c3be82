package dev.luthier.conformance.openai;

import static dev.luthier.conformance.openai.Connection.trainingLines;
import static dev.luthier.conformance.openai.Report.fails;
import static dev.luthier.conformance.openai.Report.require;
import static dev.luthier.conformance.openai.Report.same;

import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.UnprocessableEntityException;
import com.openai.models.finetuning.checkpoints.permissions.PermissionCreateParams;
import com.openai.models.finetuning.checkpoints.permissions.PermissionDeleteParams;
import com.openai.models.finetuning.checkpoints.permissions.PermissionListParams;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJob.Status;
import com.openai.models.finetuning.jobs.FineTuningJobEvent;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.jobs.JobListEventsParams;
import com.openai.models.finetuning.jobs.JobListParams;
import com.openai.models.finetuning.jobs.checkpoints.CheckpointListParams;
import com.openai.models.finetuning.jobs.checkpoints.FineTuningJobCheckpoint;
import com.openai.models.finetuning.methods.SupervisedHyperparameters;
import com.openai.models.finetuning.methods.SupervisedMethod;
import com.openai.services.blocking.finetuning.JobService;
import com.openai.services.blocking.finetuning.checkpoints.PermissionService;
import java.util.List;

/** Jobs from their creation to their end, with events, checkpoints and what may be done to them meanwhile. */
@SuppressWarnings("deprecation") // what OpenAI deprecates is still sent
final class JobChecks {
    private final Connection connection;
    private final JobService jobs;
    private final String trainingFile;
    private final String validationFile;
    private final String longFile;
    private String ended = "none was made";
    private String running = "none was made";

    JobChecks(Connection connection) {
        this.connection = connection;
        this.jobs = connection.client().fineTuning().jobs();
        this.trainingFile = connection.upload("train.jsonl", trainingLines(16)).id();
        this.validationFile = connection.upload("valid.jsonl", trainingLines(12)).id();
        this.longFile = connection.upload("many.jsonl", trainingLines(400)).id();
    }

    String trainingFile() {
        return trainingFile;
    }

    /** The job that succeeded. */
    String ended() {
        return ended;
    }

    /** Creates a job and waits for it; the answer is its model. */
    String train(Report report) {
        report.check("POST /fine_tuning/jobs", () -> ended = create());
        report.check("POST /fine_tuning/jobs (hyperparameters)", () -> running = jobs.create(JobCreateParams.builder()
                .model(connection.model()).trainingFile(longFile)
                .hyperparameters(JobCreateParams.Hyperparameters.builder().nEpochs(50).batchSize(1).build()).build())
                .id());
        report.check("POST /fine_tuning/jobs (Idempotency-Key)", () -> {
            JobCreateParams.Builder request = JobCreateParams.builder().model(connection.model())
                    .trainingFile(trainingFile).putAdditionalHeader("Idempotency-Key", "java-" + System.nanoTime());
            FineTuningJob first = jobs.create(request.build());
            same(jobs.create(request.build()).id(), first.id());
            fails(UnprocessableEntityException.class, 422, "", () -> jobs.create(request.suffix("other").build()));
            jobs.cancel(first.id());
        });
        report.check("POST /fine_tuning/jobs (luthier settings)", () -> {
            FineTuningJob made = jobs.create(withSetting("luthier.rank"));
            require(made.metadata().isPresent(), made);
            jobs.cancel(made.id());
            fails(BadRequestException.class, 400, "Did you mean rank?", () -> jobs.create(withSetting("luthier.rnak")));
        });
        String[] model = {"none was made"};
        report.check("GET /fine_tuning/jobs/{id}", () -> {
            FineTuningJob job = connection.untilEnded(ended);
            same(job.status(), Status.SUCCEEDED);
            require(job.error().isEmpty() && job.trainedTokens().orElse(0L) > 0, job);
            require(job.finishedAt().orElseThrow() >= job.createdAt(), job);
            same(job.method().orElseThrow().supervised().orElseThrow().hyperparameters().orElseThrow().nEpochs()
                    .orElseThrow().asInteger(), 3L);
            same(job.resultFiles().size(), 1);
            model[0] = job.fineTunedModel().orElseThrow();
        });
        return model[0];
    }

    private JobCreateParams withSetting(String name) {
        return JobCreateParams.builder().model(connection.model()).trainingFile(trainingFile)
                .metadata(JobCreateParams.Metadata.builder().putAdditionalProperty(name, JsonValue.from("4")).build())
                .putAdditionalHeader("Luthier-Training", "top_layers=1").build();
    }

    private String create() {
        FineTuningJob job = jobs.create(JobCreateParams.builder().model(connection.model()).trainingFile(trainingFile)
                .validationFile(validationFile).suffix("java").seed(7)
                .method(JobCreateParams.Method.builder().type(JobCreateParams.Method.Type.SUPERVISED)
                        .supervised(SupervisedMethod.builder().hyperparameters(SupervisedHyperparameters.builder()
                                .nEpochs(3).batchSize(4).learningRateMultiplierAuto().build()).build())
                        .build())
                .metadata(JobCreateParams.Metadata.builder()
                        .putAdditionalProperty("suite", JsonValue.from("openai-java")).build())
                .build());
        same(job.status(), Status.VALIDATING_FILES);
        same(job.seed(), 7L);
        require(job.resultFiles().isEmpty() && job.fineTunedModel().isEmpty() && job.error().isEmpty(), job);
        return job.id();
    }

    void lists(Report report) {
        report.check("GET /fine_tuning/jobs", () -> {
            List<String> ids = jobs.list(JobListParams.builder().limit(2).build()).autoPager().stream()
                    .map(FineTuningJob::id).toList();
            same(ids.stream().distinct().count(), (long) ids.size());
            require(ids.indexOf(running) < ids.indexOf(ended), ids);
            require(ids.contains(Connection.environment("LUTHIER_TEST_PAUSED_JOB")), ids);
            List<FineTuningJob> tagged = jobs
                    .list(JobListParams.builder().limit(1)
                            .metadata(JobListParams.Metadata.builder()
                                    .putAdditionalProperty("suite", "openai-java").build())
                            .build())
                    .autoPager().stream().toList();
            require(tagged.stream().anyMatch(job -> job.id().equals(ended)), tagged);
            require(tagged.stream().noneMatch(job -> job.id().equals(running)), tagged);
        });
        report.check("GET /fine_tuning/jobs/{id}/events", () -> {
            List<FineTuningJobEvent> events = jobs.listEvents(ended, JobListEventsParams.builder().limit(3).build())
                    .autoPager().stream().toList();
            same(events.getFirst().message(), "The job has successfully completed");
            same(events.getLast().message(), "Created fine-tuning job: " + ended);
            require(events.stream().anyMatch(event -> event.type()
                    .filter(FineTuningJobEvent.Type.METRICS::equals).isPresent()), events);
        });
    }

    /** The answer is the second checkpoint's model. */
    String checkpoints(Report report) {
        String[] model = {"none was made"};
        report.check("GET /fine_tuning/jobs/{id}/checkpoints", () -> {
            List<FineTuningJobCheckpoint> checkpoints = jobs.checkpoints()
                    .list(ended, CheckpointListParams.builder().limit(1).build()).autoPager().stream().toList();
            same(checkpoints.stream().map(FineTuningJobCheckpoint::stepNumber).toList(), List.of(12L, 8L, 4L));
            require(checkpoints.get(1).metrics().fullValidLoss().orElse(0.0) > 0, checkpoints);
            model[0] = checkpoints.get(1).fineTunedModelCheckpoint();
        });
        return model[0];
    }

    void pauseResumeAndCancel(Report report) {
        report.check("POST /fine_tuning/jobs/{id}/pause", () -> {
            connection.until(running, Status.RUNNING);
            jobs.pause(running);
            connection.until(running, Status.QUEUED);
        });
        report.check("POST /fine_tuning/jobs/{id}/resume", () -> {
            jobs.resume(running);
            connection.until(running, Status.RUNNING);
        });
        report.check("POST /fine_tuning/jobs/{id}/cancel", () -> {
            same(jobs.cancel(running).status(), Status.CANCELLED);
            same(connection.untilEnded(running).status(), Status.CANCELLED);
        });
    }

    void continueFrom(Report report, String model) {
        report.check("POST /fine_tuning/jobs (continue)", () -> {
            FineTuningJob next = jobs.create(JobCreateParams.builder().model(model).trainingFile(trainingFile)
                    .hyperparameters(JobCreateParams.Hyperparameters.builder().nEpochs(1).build()).build());
            same(next.model(), model);
            same(connection.untilEnded(next.id()).status(), Status.SUCCEEDED);
        });
    }

    void permissions(Report report, String checkpoint) {
        PermissionService permissions = Connection.administrator().fineTuning().checkpoints().permissions();
        String[] granted = {"none was granted"};
        report.check("POST /fine_tuning/checkpoints/{model}/permissions", () -> granted[0] = permissions
                .create(checkpoint,
                        PermissionCreateParams.builder().addProjectId(Connection.environment("LUTHIER_TEST_PROJECT"))
                                .build())
                .data()
                .getFirst().id());
        report.check("GET /fine_tuning/checkpoints/{model}/permissions",
                () -> require(permissions.list(checkpoint, PermissionListParams.builder().limit(1).build()).autoPager()
                        .stream().anyMatch(permission -> permission.id().equals(granted[0])), granted[0]));
        report.check("DELETE /fine_tuning/checkpoints/{model}/permissions/{id}",
                () -> require(permissions.delete(granted[0],
                        PermissionDeleteParams.builder().fineTunedModelCheckpoint(checkpoint).build()).deleted(),
                        granted[0]));
    }
}
