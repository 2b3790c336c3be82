package dev.luthier.server.api.mistral;

import dev.luthier.server.api.Fields;
import dev.luthier.server.api.Ids;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.api.TrainingHeader;
import dev.luthier.server.api.mistral.JobJson.DryRunJson;
import dev.luthier.server.api.mistral.JobJson.JobListJson;
import dev.luthier.server.job.DryRun;
import dev.luthier.server.job.Job;
import dev.luthier.server.job.JobFilter;
import dev.luthier.server.job.JobRequest;
import dev.luthier.server.job.JobService;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import dev.luthier.server.store.Page;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Mistral's five fine-tuning job routes. */
@RestController
@RequestMapping("/mistral/v1/fine_tuning/jobs")
public final class JobsController {
    private final JobService jobs;
    private final DryRun dryRun;
    private final JobRequestReader reader;
    private final JobMapper mapper;

    JobsController(JobService jobs, DryRun dryRun, JobRequestReader reader, JobMapper mapper) {
        this.jobs = jobs;
        this.dryRun = dryRun;
        this.reader = reader;
        this.mapper = mapper;
    }

    /** Answers with the new job, or with an estimate and no job for {@code dry_run=true}. */
    @PostMapping
    @RequiresScope(Scope.WRITE)
    Object create(Principal caller, Query query, TrainingHeader training, Fields body) throws InterruptedException {
        boolean dry = query.bool("dry_run", false);
        query.finish();
        UUID id = UUID.randomUUID();
        JobRequest request = reader.read(id, caller, training, body);
        return dry ? DryRunJson.of(request, dryRun.plan(request)) : details(jobs.create(id, caller, request));
    }

    @GetMapping
    @RequiresScope(Scope.READ)
    JobListJson list(Principal caller, Query query) {
        Page page = query.page();
        JobStatus status = query.choice("status", JobStatus.NAMES);
        JobFilter filter = new JobFilter(status == null ? Set.of() : mapper.states(status), query.text("model"),
                millis(query.instant("created_after")), millis(query.instant("created_before")),
                query.bool("created_by_me", false) ? caller.keyId().toString() : null, query.text("wandb_project"),
                query.text("wandb_name"), query.text("suffix"), null);
        query.finish();
        JobService.Listing listing = jobs.list(caller, filter, page);
        return new JobListJson(listing.jobs().stream().map(mapper::item).toList(), "list", listing.total());
    }

    @GetMapping("/{job_id}")
    @RequiresScope(Scope.READ)
    JobJson get(Principal caller, Query query, @PathVariable("job_id") String id) {
        query.finish();
        return details(jobs.get(caller, uuid(id)));
    }

    @PostMapping("/{job_id}/cancel")
    @RequiresScope(Scope.WRITE)
    JobJson cancel(Principal caller, Query query, @PathVariable("job_id") String id) {
        query.finish();
        return details(jobs.cancel(caller, uuid(id)));
    }

    @PostMapping("/{job_id}/start")
    @RequiresScope(Scope.WRITE)
    JobJson start(Principal caller, Query query, @PathVariable("job_id") String id) {
        query.finish();
        return details(jobs.start(caller, uuid(id)));
    }

    private JobJson details(Job job) {
        return mapper.details(job, jobs.events(job), jobs.metrics(job));
    }

    private static UUID uuid(String id) {
        return Ids.parse(Ids.JOB, id).orElseThrow(() -> JobService.notFound(id).asException());
    }

    private static @Nullable Long millis(@Nullable Instant instant) {
        return instant == null ? null : instant.toEpochMilli();
    }
}
