package dev.luthier.server.api.mistral;

import dev.luthier.core.job.JobState;
import dev.luthier.server.api.mistral.JobJson.CheckpointJson;
import dev.luthier.server.api.mistral.JobJson.EventJson;
import dev.luthier.server.api.mistral.JobJson.IntegrationJson;
import dev.luthier.server.job.Job;
import dev.luthier.server.job.JobEvent;
import dev.luthier.server.job.MetricPoint;
import dev.luthier.server.job.WandbIntegration;
import java.util.List;
import java.util.Set;

/** Turns jobs into what Mistral's clients see. */
final class JobMapper {
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
        return JobJson.of(job, status(job.state()), integrations(job), null, null);
    }

    /** A job with its events and metric points, both newest first. */
    JobJson details(Job job, List<JobEvent> events, List<MetricPoint> points) {
        return JobJson.of(job, status(job.state()), integrations(job), events.stream().map(EventJson::of).toList(),
                points.stream().map(CheckpointJson::of).toList());
    }

    /** The states that a status filter selects. */
    Set<JobState> states(JobStatus status) {
        return status.states(preciseStatus);
    }

    private JobStatus status(JobState state) {
        return preciseStatus ? JobStatus.precise(state) : JobStatus.forPollers(state);
    }

    private List<IntegrationJson> integrations(Job job) {
        return job.request().integrations().stream().map(this::integration).toList();
    }

    private IntegrationJson integration(WandbIntegration wandb) {
        return new IntegrationJson("wandb", wandb.project() == null ? wandbProject : wandb.project(), wandb.name(),
                wandb.runName());
    }
}
