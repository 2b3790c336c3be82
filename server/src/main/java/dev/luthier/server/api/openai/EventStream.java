package dev.luthier.server.api.openai;

import dev.luthier.server.api.WireJson;
import dev.luthier.server.job.Job;
import dev.luthier.server.job.JobEvent;
import dev.luthier.server.job.JobFollowers.Follower;
import dev.luthier.server.job.JobService;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job's events as server-sent events, oldest first, until the job is final and all are sent; then {@code [DONE]}. A
 * stream without it broke off: a client goes on from the last id that it has. Comments keep quiet connections open.
 */
final class EventStream {
    private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
    private static final Duration QUIET = Duration.ofSeconds(15);
    private static final int BATCH = 100;

    private final JobService jobs;
    private final Job job;
    private final Follower follower;

    EventStream(JobService jobs, Job job, Follower follower) {
        this.jobs = jobs;
        this.job = job;
        this.follower = follower;
    }

    /** Writes until the end, until the client has gone or the server stops. */
    void writeTo(HttpServletResponse response, int after) {
        response.setContentType("text/event-stream");
        response.setCharacterEncoding("UTF-8");
        response.setHeader("Cache-Control", "no-cache");
        response.setHeader("X-Accel-Buffering", "no");
        try {
            response.flushBuffer();
            write(response.getOutputStream(), after);
        } catch (IOException e) {
            LOG.debug("who followed job {} has gone", job.id());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(OutputStream out, int after) throws IOException, InterruptedException {
        int last = after;
        while (!follower.isOver()) {
            Optional<Job> found = jobs.reread(job); // before its events: a final job gets no more of them
            if (found.isEmpty()) {
                return; // removed meanwhile
            }
            Job now = found.get();
            List<JobEvent> events = jobs.eventsAfter(job, last, BATCH);
            OpenAiNames names = OpenAiNames.of(now);
            for (JobEvent event : events) {
                send(out, EventJson.of(now, names, event));
                last = event.sequence();
            }
            out.flush();
            if (events.size() == BATCH) {
                continue;
            }
            if (now.state().isFinal()) {
                text(out, "event: done\ndata: [DONE]\n\n");
                out.flush();
                return;
            }
            if (!follower.await(QUIET)) {
                text(out, ": quiet\n\n");
                out.flush();
            }
        }
    }

    private static void send(OutputStream out, EventJson event) throws IOException {
        text(out, "id: " + event.id() + "\nevent: " + event.object() + "\ndata: "
                + WireJson.MAPPER.writeValueAsString(event) + "\n\n");
    }

    private static void text(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }
}
