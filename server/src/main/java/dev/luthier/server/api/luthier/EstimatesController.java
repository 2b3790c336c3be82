package dev.luthier.server.api.luthier;

import dev.luthier.server.api.Fields;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.luthier.JobStatesController.PlanJson;
import dev.luthier.server.api.mistral.JobRequestReader;
import dev.luthier.server.job.DryRun;
import dev.luthier.server.key.Principal;
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
    PlanJson estimate(Principal caller, Query query, Fields body) throws InterruptedException {
        query.finish();
        return PlanJson.of(dryRun.plan(reader.read(UUID.randomUUID(), caller, body)));
    }
}
