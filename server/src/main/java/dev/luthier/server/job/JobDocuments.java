package dev.luthier.server.job;

import dev.luthier.core.json.StoredJson;
import dev.luthier.core.plan.ArithmeticReport;
import dev.luthier.core.plan.ProbeReport;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.RunDocuments;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.Task;
import dev.luthier.server.launch.RunHandle;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The JSON documents that rows of jobs hold, and how those of earlier programs are read. */
final class JobDocuments {
    static final StoredJson<JobRequest> REQUEST = StoredJson.of(JobRequest.class, 1,
            (request, version) -> upgradeRequest(request));
    static final StoredJson<JobPlan> PLAN = StoredJson.of(JobPlan.class, 1, (plan, version) -> upgradePlan(plan));
    static final StoredJson<JobProgress> PROGRESS = StoredJson.of(JobProgress.class);
    static final StoredJson<Problem> PROBLEM = StoredJson.of(Problem.class);
    static final StoredJson<RunHandle> PROCESS = StoredJson.of(RunHandle.class);
    /** What a probe measured. */
    static final StoredJson<ProbeReport> PROBE = StoredJson.of(ProbeReport.class);

    /** What a self-test found, kept by base model and machine. */
    static final StoredJson<ArithmeticReport> ARITHMETIC = StoredJson.of(ArithmeticReport.class);

    private JobDocuments() {}

    private static void upgradeRequest(ObjectNode request) {
        StoredJson.absent(request, "integrations.tags", List.of());
        boolean openAi = request.path("dialect").asString("").equals(JobRequest.OPENAI);
        StoredJson.absent(request, "rules", new JobRules(openAi ? 10 : 0, openAi)); // what followed from the dialect
        StoredJson.absent(request, "method", Method.SUPERVISED);
        StoredJson.absent(request, "training", TrainingSettings.BUILT_IN);
        StoredJson.absent(request, "training.selection", RunSpec.Selection.LAST);
        StoredJson.absent(request, "training.dpoSftWeight", 0.0);
        StoredJson.absent(request, "training.dpoLengthNormalized", false);
        RunDocuments.upgradeLora(request.path("training").path("lora"));
    }

    private static void upgradePlan(ObjectNode plan) {
        StoredJson.absent(plan, "memoryTier", MemoryTier.KEEP);
        StoredJson.absent(plan, "task", Task.SUPERVISED);
        if (!plan.path("work").has("steps")) {
            plan.putNull("work"); // in the form before, of which no time can be told
        }
    }
}
