package dev.luthier.server.api.openai;

import dev.luthier.server.api.Cursor;
import dev.luthier.server.api.Ids;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.job.Job;
import dev.luthier.server.job.JobCheckpoint;
import dev.luthier.server.job.JobService;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The checkpoints of a job: the adapters of its last epochs, each of them a model. */
@RestController
@RequestMapping("/openai/v1/fine_tuning/jobs/{job_id}/checkpoints")
final class CheckpointsController {
    private static final int PAGE = 10;
    private static final int MAX_PAGE = 100;

    private final JobService jobs;

    CheckpointsController(JobService jobs) {
        this.jobs = jobs;
    }

    /** Newest first. {@code after} may name a checkpoint that later epochs have replaced since. */
    @GetMapping
    @RequiresScope(Scope.READ)
    CursorList<CheckpointJson> list(Principal caller, Query query, @PathVariable("job_id") String id) {
        Cursor cursor = query.cursor(PAGE, MAX_PAGE);
        query.finish();
        Job job = UnknownJobs.named(id, uuid -> jobs.get(caller, uuid));
        List<JobCheckpoint> found = after(cursor)
                .flatMap(after -> jobs.checkpoints(job, after.checkpoint(), cursor.limit() + 1))
                .orElseThrow(() -> UnknownJobs.after(String.valueOf(cursor.after())));
        return CursorList.of(found.stream().map(CheckpointJson::of).toList(), cursor.limit(), CheckpointJson::id);
    }

    /** @param checkpoint null at the start of the list */
    private record After(@Nullable UUID checkpoint) {}

    /** Empty when what is given is no id. */
    private static Optional<After> after(Cursor cursor) {
        return cursor.after() == null
                ? Optional.of(new After(null))
                : Ids.parse(Ids.CHECKPOINT, cursor.after()).map(After::new);
    }
}
