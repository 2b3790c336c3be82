package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import dev.luthier.server.key.Tenant;
import dev.luthier.server.store.Page;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists of many jobs: every job once, and by indexes. */
final class JobPagesTest {
    private static final Tenant MANY = Tenant.ofOrganization("org-many");
    private static final long TIME = 1_700_000_000_000L;

    @TempDir
    private static Path data;

    /** Jobs that were made within one millisecond. */
    private static void add(Rig rig, int count, String metadata) {
        Job like = rig.create(true);
        rig.database.writeVoid(client -> {
            for (int i = 0; i < count; i++) {
                UUID id = UUID.randomUUID();
                client.sql("""
                        insert into jobs (id, organization_id, project_id, created_by, dialect, state, auto_start,
                            model, base_model, request, created_at, modified_at)
                        values (:id, 'org-many', 'proj', 'key', 'openai', 'CANCELLED', 1, 'tiny', 'tiny', :request,
                            :time, :time)""").param("id", id.toString())
                        .param("request", Json.write(like.request()))
                        .param("time", TIME).update();
                client.sql("insert into job_metadata (job_id, key, value) values (:id, 'batch', :value)")
                        .param("id", id.toString()).param("value", metadata).update();
            }
        });
    }

    @Test
    void everyJobOfTheSameMillisecondIsListedOnce() {
        Rig rig = new Rig(data.resolve("same"));
        add(rig, 45, "a");
        List<UUID> byCursor = new ArrayList<>();
        List<Job> page = rig.jobs.list(MANY, JobFilter.ALL, new Page(0, 7));
        while (!page.isEmpty()) {
            page.forEach(job -> byCursor.add(job.id()));
            page = rig.jobs.olderThan(MANY, page.getLast(), JobFilter.ALL, 7);
        }
        assertThat(byCursor).hasSize(45).doesNotHaveDuplicates();
        List<UUID> byNumber = new ArrayList<>();
        for (int number = 0; number < 4; number++) {
            rig.jobs.list(MANY, JobFilter.ALL, new Page(number, 20)).forEach(job -> byNumber.add(job.id()));
        }
        assertThat(byNumber).isEqualTo(byCursor);
        assertThat(rig.jobs.count(MANY, JobFilter.ALL)).isEqualTo(45);
        add(rig, 3, "b");
        JobFilter marked = JobFilter.ALL.withMetadata(Map.of("batch", "b"));
        assertThat(rig.jobs.list(MANY, marked, new Page(0, 100))).hasSize(3);
        assertThat(rig.jobs.list(MANY, JobFilter.ALL.withMetadata(Map.of()), new Page(0, 100))).isEmpty();
    }

    private static List<String> plan(Rig rig, String sql, Map<String, Object> parameters) {
        return rig.database.reader().sql("explain query plan " + sql).params(parameters)
                .query((row, index) -> row.getString("detail")).list();
    }

    @Test
    void pagesAreFoundInIndexesAlone() {
        Rig rig = new Rig(data.resolve("plans"));
        Map<String, Object> page = Map.of("organization", "org-many", "limit", 20, "offset", 8000);
        assertThat(plan(rig, JobStore.page(MANY, "", JobFilter.ALL), page))
                .anyMatch(step -> step.contains("COVERING INDEX jobs_by_age (organization_id=?)"))
                .noneMatch(step -> step.startsWith("SCAN jobs"));
        Map<String, Object> after = Map.of("organization", "org-many", "limit", 20, "offset", 0, "time", TIME, "id",
                "x");
        assertThat(plan(rig, JobStore.page(MANY, JobStore.OLDER, JobFilter.ALL), after))
                .anyMatch(step -> step.contains("COVERING INDEX jobs_by_age (organization_id=? AND ")
                        && step.contains("<"))
                .noneMatch(step -> step.startsWith("SCAN jobs"));
        assertThat(plan(rig, JobStore.count(MANY), Map.of("organization", "org-many")))
                .singleElement().asString().contains("COVERING INDEX jobs_by_age (organization_id=?)");
        assertThat(plan(rig, JobStore.page(MANY, "", JobFilter.ALL.withMetadata(Map.of("a", "b"))),
                Map.of("organization", "org-many", "limit", 20, "offset", 0, "key0", "a", "value0", "b")))
                .anyMatch(step -> step.contains("job_metadata_by_value"));
        assertThat(plan(rig, "select * from job_events where job_id = :job and sequence < :sequence"
                + " order by sequence desc limit :limit", Map.of("job", "x", "sequence", 9, "limit", 20)))
                .singleElement().asString().contains("(job_id=? AND sequence<?)");
    }
}
