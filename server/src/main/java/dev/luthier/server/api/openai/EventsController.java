package dev.luthier.server.api.openai;

import dev.luthier.server.api.Cursor;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.job.Job;
import dev.luthier.server.job.JobEvent;
import dev.luthier.server.job.JobFollowers;
import dev.luthier.server.job.JobService;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** A job's events: page by page, newest first; or all of them as they happen. */
@RestController
final class EventsController {
    private static final int PAGE = 20;
    private static final int LARGEST_PAGE = 100;

    private final JobService jobs;

    EventsController(JobService jobs) {
        this.jobs = jobs;
    }

    /** Answers with a page; with {@code stream=true} it writes the events itself and answers with null. */
    @GetMapping("/openai/v1/fine_tuning/jobs/{job_id}/events")
    @RequiresScope(Scope.READ)
    @Nullable
    CursorList<EventJson> list(Principal caller, Query query, @PathVariable("job_id") String id,
            HttpServletRequest request, HttpServletResponse response) {
        boolean stream = query.bool("stream", false);
        Cursor cursor = stream ? new Cursor(query.text("after"), PAGE) : query.cursor(PAGE, LARGEST_PAGE);
        query.finish();
        Job job = UnknownJobs.named(id, uuid -> jobs.get(caller, uuid));
        if (!stream) {
            return page(job, cursor);
        }
        String last = request.getHeader("Last-Event-ID");
        String after = last == null || last.isEmpty() ? cursor.after() : last;
        int from = after == null || after.isEmpty() ? 0 : sequence(job, after);
        try (JobFollowers.Follower follower = jobs.follow(caller, job)) {
            new EventStream(jobs, job, follower).writeTo(response, from);
        }
        return null;
    }

    private CursorList<EventJson> page(Job job, Cursor cursor) {
        int before = cursor.after() == null ? Integer.MAX_VALUE : sequence(job, cursor.after());
        List<JobEvent> found = jobs.eventsBefore(job, before, cursor.limit() + 1);
        OpenAiNames names = OpenAiNames.of(job);
        return CursorList.of(found.stream().map(event -> EventJson.of(job, names, event)).toList(), cursor.limit(),
                EventJson::id);
    }

    private int sequence(Job job, String id) {
        int sequence = EventIds.sequence(job.id(), id).orElseThrow(() -> UnknownJobs.after(id));
        if (jobs.eventsAfter(job, sequence - 1, 1).isEmpty()) {
            throw UnknownJobs.after(id);
        }
        return sequence;
    }
}
