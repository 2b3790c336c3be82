package dev.luthier.server.job;

/** Reads a request's data as a job would, and tells what the job would come to. */
public final class DryRun {
    private final DataCheck check;

    public DryRun(DataCheck check) {
        this.check = check;
    }

    /**
     * The plan that a job of this request would get.
     *
     * @throws dev.luthier.core.problem.ProblemException USER, when the data would be found invalid
     */
    public JobPlan plan(JobRequest request) throws InterruptedException {
        return switch (check.check(request)) {
            case DataCheck.Result.Valid valid -> valid.plan();
            case DataCheck.Result.Invalid invalid -> throw invalid.problem().asException();
        };
    }
}
