package dev.luthier.server.job;

import dev.luthier.server.job.JobEvent.Level;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.model.ModelRegistry;
import java.util.Optional;

/** Gives jobs that were planned before their base model was measured the duration that the plan lacks. */
final class Estimates {
    private final JobStore jobs;
    private final JobHistory history;
    private final StepTimes times;
    private final ModelRegistry models;

    Estimates(JobStore jobs, JobHistory history, StepTimes times, ModelRegistry models) {
        this.jobs = jobs;
        this.history = history;
        this.times = times;
        this.models = models;
    }

    /** Looks at all live jobs. */
    void fillIn() {
        for (Job job : jobs.live()) {
            JobPlan plan = job.plan();
            Optional<BaseModel> base = models.base(job.request().baseModel());
            if (plan == null || plan.expectedSeconds() != null || base.isEmpty()) {
                continue;
            }
            times.estimate(base.get(), job.request().training(), plan).ifPresent(estimate -> {
                JobPlan measured = plan.with(estimate);
                jobs.setPlan(job.id(), measured);
                history.note(job.id(), Level.INFO, "The job is expected to take " + measured.describeExpectations(),
                        measured.expectations());
            });
        }
    }
}
