package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.store.Database;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Each of the ten published values of {@code status}, as a filter and as it is shown. */
final class StatusFilterTest {
    private static final Map<String, Set<JobState>> FILTERS = Map.of("QUEUED",
            Set.of(JobState.RECEIVED, JobState.VALIDATING, JobState.WAITING, JobState.STARTING, JobState.PAUSING,
                    JobState.PAUSED),
            "VALIDATING", Set.of(JobState.VALIDATING), "STARTED", Set.of(JobState.STARTING), "VALIDATED",
            Set.of(JobState.VALIDATED), "RUNNING", Set.of(JobState.RUNNING), "FAILED_VALIDATION",
            Set.of(JobState.INVALID), "FAILED", Set.of(JobState.FAILED), "SUCCESS", Set.of(JobState.SUCCEEDED),
            "CANCELLED", Set.of(JobState.CANCELLED), "CANCELLATION_REQUESTED", Set.of(JobState.CANCELLING));

    @TempDir
    private Path data;

    @Test
    void everyStatusSelectsItsStates() {
        // The reconciler looks when a job is made, and then not again for a minute: rows stay as they are set.
        try (JobsRig rig = new JobsRig(data, "--runs.interval-millis", "60000")) {
            Map<JobState, String> jobs = jobs(rig);
            FILTERS.forEach((status, states) -> {
                JsonNode list = rig.server.get(JobsRig.JOBS + "?page_size=100&status=" + status).json();
                SeedSchemas.assertJobList(list);
                Set<String> found = new TreeSet<>();
                list.path("data").forEach(job -> found.add(job.path("id").stringValue()));
                Set<String> wanted = new TreeSet<>();
                states.forEach(state -> wanted.add(jobs.get(state)));
                assertThat(found).as(status).isEqualTo(wanted);
            });
            for (JsonNode job : rig.server.get(JobsRig.JOBS + "?page_size=100").json().path("data")) {
                assertThat(job.path("status").stringValue()).isNotIn("VALIDATING", "STARTED");
            }
        }
    }

    /** As people and other programs write them; what both dialects call alike selects what either shows so. */
    @Test
    void statusesOfEitherDialectAndEitherCaseSelectJobs() {
        Map<String, Set<JobState>> filters = Map.of("SUCCESS", Set.of(JobState.SUCCEEDED), "succeeded",
                Set.of(JobState.SUCCEEDED), "Running", Set.of(JobState.RUNNING, JobState.PAUSING), "failed_validation",
                Set.of(JobState.INVALID), "FAILED", Set.of(JobState.FAILED, JobState.INVALID), "validating_files",
                Set.of(JobState.RECEIVED, JobState.VALIDATING), "paused", Set.of(JobState.PAUSED), "waiting",
                Set.of(JobState.WAITING));
        try (JobsRig rig = new JobsRig(data, "--runs.interval-millis", "60000")) {
            Map<JobState, String> jobs = jobs(rig);
            filters.forEach((status, states) -> {
                Set<String> found = new TreeSet<>();
                rig.server.get("/luthier/v1/jobs?page_size=100&status=" + status).json().path("data")
                        .forEach(job -> found.add(job.path("id").stringValue()));
                Set<String> wanted = new TreeSet<>();
                states.forEach(state -> wanted.add(jobs.get(state)));
                assertThat(found).as(status).isEqualTo(wanted);
            });
            JsonNode job = rig.server.get("/luthier/v1/jobs?status=success").json().path("data").path(0);
            String id = jobs.get(JobState.SUCCEEDED);
            assertThat(job.path("forms").path("mistral").path("id").stringValue()).isEqualTo(id);
            assertThat(job.path("forms").path("mistral").path("status").stringValue()).isEqualTo("SUCCESS");
            assertThat(job.path("forms").path("openai").path("id").stringValue()).startsWith("ftjob-");
            assertThat(job.path("forms").path("openai").path("status").stringValue()).isEqualTo("succeeded");
            Answer unknown = rig.server.get("/luthier/v1/jobs?status=done");
            assertThat(unknown.status()).isEqualTo(400);
            assertThat(unknown.text()).contains("succeeded", "success", "validating_files");
        }
    }

    /** One job in each state. */
    private static Map<JobState, String> jobs(JobsRig rig) {
        String file = rig.file();
        Map<JobState, String> jobs = new EnumMap<>(JobState.class);
        for (JobState state : JobState.values()) {
            jobs.put(state, rig.create(rig.body(file, "")).path("id").stringValue());
        }
        List.copyOf(jobs.values()).forEach(id -> rig.await(id, JobState.VALIDATED));
        rig.server.server().context().getBean(Database.class).writeVoid(jdbc -> jobs.forEach((state, id) -> jdbc
                .sql("update jobs set state = :state where id = :id").param("state", state.name()).param("id", id)
                .update()));
        return jobs;
    }
}
