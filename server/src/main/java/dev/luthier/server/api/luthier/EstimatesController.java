package dev.luthier.server.api.luthier;

import dev.luthier.server.api.Fields;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.api.TrainingHeader;
import dev.luthier.server.api.luthier.JobStatesController.PlanJson;
import dev.luthier.server.api.mistral.JobRequestReader;
import dev.luthier.server.job.DryRun;
import dev.luthier.server.job.JobRequest;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import java.util.UUID;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** What a job would come to, without making one: the body is the one that would create it in Mistral's dialect. */
@RestController
public final class EstimatesController {
    private final JobRequestReader reader;
    private final DryRun dryRun;

    EstimatesController(JobRequestReader reader, DryRun dryRun) {
        this.reader = reader;
        this.dryRun = dryRun;
    }

    @PostMapping("/luthier/v1/estimates")
    @RequiresScope(Scope.WRITE)
    PlanJson estimate(Principal caller, Query query, TrainingHeader training, Fields body) throws InterruptedException {
        query.finish();
        JobRequest request = reader.read(UUID.randomUUID(), caller, training, body);
        return PlanJson.of(request, dryRun.plan(request));
    }
}
