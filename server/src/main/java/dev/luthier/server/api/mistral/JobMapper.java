package dev.luthier.server.api.mistral;

import dev.luthier.core.job.JobState;
import dev.luthier.server.api.JobForm;
import dev.luthier.server.api.mistral.JobJson.CheckpointJson;
import dev.luthier.server.api.mistral.JobJson.EventJson;
import dev.luthier.server.api.mistral.JobJson.IntegrationJson;
import dev.luthier.server.job.Job;
import dev.luthier.server.job.JobEvent;
import dev.luthier.server.job.JobRequest;
import dev.luthier.server.job.MetricPoint;
import dev.luthier.server.job.WandbIntegration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns jobs into what Mistral's clients see. */
final class JobMapper implements JobForm {
    private final boolean preciseStatus;
    private final String wandbProject;

    /**
     * @param preciseStatus whether {@code status} shows VALIDATING and STARTED too
     * @param wandbProject project of integrations that name none
     */
    JobMapper(boolean preciseStatus, String wandbProject) {
        this.preciseStatus = preciseStatus;
        this.wandbProject = wandbProject;
    }

    /** A job as a list shows it. */
    JobJson item(Job job) {
        return JobJson.of(job, shown(job.state()), integrations(job), null, null);
    }

    /** A job with its events and metric points, both newest first. */
    JobJson details(Job job, List<JobEvent> events, List<MetricPoint> points) {
        return JobJson.of(job, shown(job.state()), integrations(job), events.stream().map(EventJson::of).toList(),
                points.stream().map(CheckpointJson::of).toList());
    }

    /** The states that a status filter selects. */
    Set<JobState> states(JobStatus status) {
        return status.states(preciseStatus);
    }

    private JobStatus shown(JobState state) {
        return preciseStatus ? JobStatus.precise(state) : JobStatus.forPollers(state);
    }

    @Override
    public String dialect() {
        return JobRequest.MISTRAL;
    }

    @Override
    public String id(Job job) {
        return job.id().toString();
    }

    @Override
    public String status(JobState state) {
        return shown(state).name();
    }

    @Override
    public @Nullable String fineTunedModel(Job job) {
        return job.fineTunedModel();
    }

    @Override
    public List<String> statuses() {
        return List.copyOf(JobStatus.NAMES.keySet());
    }

    @Override
    public Set<JobState> states(String status) {
        JobStatus named = JobStatus.NAMES.get(status.toUpperCase(Locale.ROOT));
        return named == null ? Set.of() : states(named);
    }

    private List<IntegrationJson> integrations(Job job) {
        return job.request().integrations().stream().map(this::integration).toList();
    }

    private IntegrationJson integration(WandbIntegration wandb) {
        return new IntegrationJson("wandb", wandb.project() == null ? wandbProject : wandb.project(), wandb.name(),
                wandb.runName());
    }
}
