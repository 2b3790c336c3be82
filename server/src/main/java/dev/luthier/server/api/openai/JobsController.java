package dev.luthier.server.api.openai;

import dev.luthier.server.api.ClientIntegers;
import dev.luthier.server.api.Cursor;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.Ids;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.api.TrainingHeader;
import dev.luthier.server.job.Job;
import dev.luthier.server.job.JobFilter;
import dev.luthier.server.job.JobRequest;
import dev.luthier.server.job.JobService;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** OpenAI's fine-tuning job routes. */
@RestController
@RequestMapping("/openai/v1/fine_tuning/jobs")
final class JobsController {
    private static final int PAGE = 20;
    private static final int LARGEST_PAGE = 100;

    private final JobService jobs;
    private final JobRequestReader reader;
    private final JobMapper mapper;

    JobsController(JobService jobs, JobRequestReader reader, JobMapper mapper) {
        this.jobs = jobs;
        this.reader = reader;
        this.mapper = mapper;
    }

    @PostMapping
    @RequiresScope(Scope.WRITE)
    JobJson create(Principal caller, ClientIntegers integers, Query query, TrainingHeader training, Fields body) {
        query.finish();
        JobRequest request = reader.read(caller, training, body);
        return mapper.json(jobs.create(UUID.randomUUID(), caller, request), integers);
    }

    @GetMapping
    @RequiresScope(Scope.READ)
    CursorList<JobJson> list(Principal caller, ClientIntegers integers, Query query) {
        Cursor cursor = query.cursor(PAGE, LARGEST_PAGE);
        JobFilter filter = JobFilter.ALL.withMetadata(metadata(query));
        query.finish();
        String after = cursor.after();
        int wanted = cursor.limit() + 1;
        List<Job> found = after == null
                ? jobs.newest(caller, filter, wanted)
                : jobs.olderThan(caller, last(caller, after), filter, wanted);
        return CursorList.of(found.stream().map(job -> mapper.json(job, integers)).toList(), cursor.limit(),
                JobJson::id);
    }

    private Job last(Principal caller, String after) {
        return Ids.parse(Ids.JOB, after).flatMap(id -> jobs.find(caller, id))
                .orElseThrow(() -> UnknownJobs.after(after));
    }

    /** Null when the metadata does not matter; empty for jobs without any. */
    private static @Nullable Map<String, String> metadata(Query query) {
        Map<String, String> pairs = query.texts("metadata", "metadata[key]=value");
        String whole = query.text("metadata");
        if (whole == null) {
            return pairs.isEmpty() ? null : pairs;
        }
        if (!(whole.isEmpty() || whole.equals("null")) || !pairs.isEmpty()) {
            query.fault("invalid_value", "metadata",
                    "metadata must be null, for jobs without any, or be given pair by pair as metadata[key]=value.");
        }
        return Map.of();
    }

    @GetMapping("/{job_id}")
    @RequiresScope(Scope.READ)
    JobJson get(Principal caller, ClientIntegers integers, Query query, @PathVariable("job_id") String id) {
        query.finish();
        return mapper.json(UnknownJobs.named(id, uuid -> jobs.get(caller, uuid)), integers);
    }

    @PostMapping("/{job_id}/cancel")
    @RequiresScope(Scope.WRITE)
    JobJson cancel(Principal caller, ClientIntegers integers, Query query, @PathVariable("job_id") String id) {
        query.finish();
        return mapper.json(UnknownJobs.named(id, uuid -> jobs.cancel(caller, uuid)), integers);
    }

    @PostMapping("/{job_id}/pause")
    @RequiresScope(Scope.WRITE)
    JobJson pause(Principal caller, ClientIntegers integers, Query query, @PathVariable("job_id") String id) {
        query.finish();
        return mapper.json(UnknownJobs.named(id, uuid -> jobs.pause(caller, uuid)), integers);
    }

    @PostMapping("/{job_id}/resume")
    @RequiresScope(Scope.WRITE)
    JobJson resume(Principal caller, ClientIntegers integers, Query query, @PathVariable("job_id") String id) {
        query.finish();
        return mapper.json(UnknownJobs.named(id, uuid -> jobs.resume(caller, uuid)), integers);
    }
}
