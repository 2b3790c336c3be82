package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.core.json.StoredJson;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.config.ServerPaths;
import dev.luthier.server.file.FileService;
import dev.luthier.server.idempotency.Creation;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Tenant;
import dev.luthier.server.launch.RunHandle;
import dev.luthier.server.store.Database;
import dev.luthier.server.store.Page;
import dev.luthier.server.store.ReadCache;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/**
 * Jobs in the database. Every change of state is a compare-and-set: it happens if the job still is in the state that
 * its maker saw, and together with its event, or not at all. Safe for use by several threads.
 */
public final class JobStore {
    private static final Logger LOG = LoggerFactory.getLogger(JobStore.class);
    private static final String LIVE_STATES = Arrays.stream(JobState.values()).filter(state -> !state.isFinal())
            .map(state -> "'" + state + "'").collect(Collectors.joining(", ", "(", ")"));

    private static final int KEPT_JOBS = 1_000;
    private static final int KEPT_PAGES = 200;
    /** The start of a page of jobs that are older than one of them. */
    static final String OLDER = " and (created_at, id) < (:time, :id)";

    private final Database database;
    private final JobHistory history;
    private final FileService files;
    private final InstantSource clock;
    private final ReadCache<UUID, Optional<Job>> known;
    private final ReadCache<Asked, List<UUID>> pages;
    private final ReadCache<Asked, Long> counts;
    /** Jobs whose rows were found unreadable: that is said once. */
    private final Set<String> unreadable = ConcurrentHashMap.newKeySet();

    public JobStore(Database database, JobHistory history, FileService files, InstantSource clock) {
        this.database = database;
        this.history = history;
        this.files = files;
        this.clock = clock;
        this.known = new ReadCache<>(database, KEPT_JOBS);
        this.pages = new ReadCache<>(database, KEPT_PAGES);
        this.counts = new ReadCache<>(database, KEPT_PAGES);
    }

    /**
     * Which jobs were asked for.
     *
     * @param after the job that the page follows; null for a page by its number
     */
    private record Asked(Tenant tenant, JobFilter filter, @Nullable UUID after, int limit, long offset) {}

    /** Stores a new job, RECEIVED, with what its user should know, and marks its files as used. */
    Job create(UUID id, Principal owner, JobRequest request, List<DataCheck.Note> notes) {
        long now = clock.millis();
        WandbIntegration wandb = request.integrations().isEmpty() ? null : request.integrations().getFirst();
        database.writeVoid(client -> {
            client.sql("""
                    insert into jobs (id, organization_id, project_id, created_by, dialect, state, auto_start, model,
                        base_model, suffix, wandb_project, wandb_name, request, created_at, modified_at)
                    values (:id, :organization, :project, :createdBy, :dialect, :state, :autoStart, :model,
                        :baseModel, :suffix, :wandbProject, :wandbName, :request, :now, :now)""")
                    .param("id", id.toString()).param("organization", owner.organization())
                    .param("project", owner.project())
                    .param("createdBy", owner.keyId().toString()).param("dialect", request.dialect())
                    .param("state", JobState.RECEIVED.name()).param("autoStart", request.autoStart() ? 1 : 0)
                    .param("model", request.model()).param("baseModel", request.baseModel())
                    .param("suffix", request.suffix()).param("wandbProject", wandb == null ? null : wandb.project())
                    .param("wandbName", wandb == null ? null : wandb.name())
                    .param("request", JobDocuments.REQUEST.write(request))
                    .param("now", now).update();
            if (request.metadata() != null) {
                request.metadata().forEach((key, value) -> client
                        .sql("insert into job_metadata (job_id, key, value) values (:id, :key, :value)")
                        .param("id", id.toString()).param("key", key).param("value", value).update());
            }
            List<UUID> gone = files.hold(client, owner.sees(), fileIds(request), id);
            if (!gone.isEmpty()) {
                throw Problem.user("unknown_file", "There is no file " + gone.getFirst() + " any more.").asException();
            }
            Creation.record(client, id);
            history.append(client, id, JobState.RECEIVED, JobEvent.Level.INFO, "Created fine-tuning job: " + id,
                    Json.MAPPER.createObjectNode(), now);
            notes.forEach(note -> history.append(client, id, null, note.level(), note.message(),
                    Json.MAPPER.valueToTree(note.facts()), now));
        });
        LOG.info("job {}: created by key {} in {}", id, owner.keyId(), owner.organization());
        return find(id).orElseThrow();
    }

    private static List<UUID> fileIds(JobRequest request) {
        return Stream.concat(request.trainingFiles().stream(), request.validationFiles().stream()).map(JobFile::id)
                .distinct().toList();
    }

    public Optional<Job> find(UUID id) {
        return known.get(id, any -> database.reader().sql("select * from jobs where id = :id")
                .param("id", id.toString()).query(JobStore::job).optional());
    }

    /** The tenant's job; another's is not found. */
    public Optional<Job> find(Tenant tenant, UUID id) {
        return find(id).filter(job -> tenant.owns(job.organization(), job.project()));
    }

    /** One page of the jobs that match, newest first. */
    public List<Job> list(Tenant tenant, JobFilter filter, Page page) {
        return jobs(new Asked(tenant, filter, null, page.size(), page.offset()),
                database.reader().sql(page(tenant, "", filter)));
    }

    /** The newest of the jobs that match and are older than one of them, newest first. */
    public List<Job> olderThan(Tenant tenant, Job last, JobFilter filter, int limit) {
        return jobs(new Asked(tenant, filter, last.id(), limit, 0), database.reader()
                .sql(page(tenant, OLDER, filter)).param("time", last.createdAtMillis())
                .param("id", last.id().toString()));
    }

    /**
     * A statement for the ids of a page. It reads an index that has nothing but owner, time and id: skipping
     * 8,000 jobs reads no job.
     */
    static String page(Tenant tenant, String start, JobFilter filter) {
        return "select id from jobs where " + tenant.sql() + start + filter.sql()
                + " order by created_at desc, id desc limit :limit offset :offset";
    }

    private List<Job> jobs(Asked asked, StatementSpec ids) {
        List<UUID> page = pages.get(asked, any -> ids.params(asked.tenant().parameters())
                .params(asked.filter().parameters()).param("limit", asked.limit()).param("offset", asked.offset())
                .query((row, index) -> UUID.fromString(row.getString(1))).list());
        return page.stream().flatMap(id -> findReadable(id).stream()).toList();
    }

    /** Number of the jobs that match. */
    public long count(Tenant tenant, JobFilter filter) {
        return counts.get(new Asked(tenant, filter, null, 0, 0),
                any -> database.reader().sql(count(tenant) + filter.sql()).params(tenant.parameters())
                        .params(filter.parameters()).query(Long.class).single());
    }

    static String count(Tenant tenant) {
        return "select count(*) from jobs where " + tenant.sql();
    }

    /** Number of every organization's jobs on a base model that are not final. */
    int liveOn(String baseModel) {
        return database.reader()
                .sql("select count(*) from jobs where base_model = :base and state in " + LIVE_STATES)
                .param("base", baseModel).query(Integer.class).single();
    }

    /** All jobs that are not final, in the order of the run queue, those outside it first. */
    List<Job> live() {
        return database.reader()
                .sql("select * from jobs where state in " + LIVE_STATES
                        + " order by coalesce(queued_at, 0), created_at, id")
                .query(this::readable).list().stream().flatMap(Optional::stream).toList();
    }

    /** Makes the transition; false when the job is no longer in the state that it starts from. */
    boolean move(JobTransition transition) {
        return move(transition, client -> {});
    }

    /** Makes the transition and further changes in one transaction, or none of them. */
    boolean move(JobTransition transition, Consumer<JdbcClient> further) {
        long now = clock.millis();
        boolean moved = database.write(client -> {
            StringBuilder columns = new StringBuilder();
            transition.columns().keySet().forEach(
                    column -> columns.append(", ").append(column.sql()).append(" = :").append(column.sql()));
            if (transition.to().isFinal()) {
                columns.append(", process = null, finished_at = :now");
            }
            StatementSpec update = client
                    .sql("update jobs set state = :to, modified_at = :now" + columns
                            + " where id = :id and state = :from")
                    .param("to", transition.to().name()).param("now", now).param("id", transition.job().toString())
                    .param("from", transition.from().name());
            transition.columns().forEach((column, value) -> update.param(column.sql(), value));
            if (update.update() == 0) {
                return false;
            }
            if (transition.before() != null) {
                history.append(client, transition.job(), null, transition.level(), transition.before(),
                        Json.MAPPER.createObjectNode(),
                        now);
            }
            history.append(client, transition.job(), transition.to(), transition.level(), transition.message(),
                    Json.MAPPER.valueToTree(transition.data()), now);
            if (transition.to().isFinal()) {
                files.release(client, transition.job());
            }
            further.accept(client);
            return true;
        });
        if (moved) {
            LOG.info("job {}: {} -> {}", transition.job(), transition.from(), transition.to());
        }
        if (moved && transition.to().isFinal()) {
            files.sweep();
        }
        return moved;
    }

    /** Forgets how far a job's runs were, together with the event that tells why. */
    void beginAnew(UUID id, String why) {
        long now = clock.millis();
        database.writeVoid(client -> {
            client.sql("update jobs set progress = null, progress_offset = 0 where id = :id").param("id", id.toString())
                    .update();
            history.append(client, id, null, JobEvent.Level.WARN, why, Json.MAPPER.createObjectNode(), now);
        });
    }

    void setProcess(UUID id, RunHandle process) {
        database.writeVoid(client -> client.sql("update jobs set process = :process where id = :id")
                .param("process", JobDocuments.PROCESS.write(process)).param("id", id.toString()).update());
    }

    /** Counts an attempt to check the job's data, before it begins: it may end this process. Returns its number. */
    int beginValidation(UUID id) {
        return database.write(client -> client.sql("update jobs set validation_attempts = validation_attempts + 1"
                + " where id = :id returning validation_attempts").param("id", id.toString()).query(Integer.class)
                .optional().orElse(0));
    }

    /** Takes back the last attempt, which was ended for another reason than the data. */
    void uncountValidation(UUID id) {
        database.writeVoid(client -> client
                .sql("update jobs set validation_attempts = validation_attempts - 1 where id = :id")
                .param("id", id.toString()).update());
    }

    void setPlan(UUID id, JobPlan plan) {
        database.writeVoid(client -> client.sql("update jobs set plan = :plan where id = :id")
                .param("plan", JobDocuments.PLAN.write(plan)).param("id", id.toString()).update());
    }

    /** Removes a final job with its events and metrics; false when it is not final. Its model stays. */
    boolean remove(UUID id) {
        return database.write(client -> client
                .sql("delete from jobs where id = :id and state not in " + LIVE_STATES).param("id", id.toString())
                .update() > 0);
    }

    private static Job job(ResultSet row, int index) throws SQLException {
        String resultFile = row.getString("result_file");
        JobProgress progress = document(row, "progress", JobDocuments.PROGRESS);
        return new Job(UUID.fromString(row.getString("id")), row.getString("organization_id"),
                row.getString("project_id"), row.getString("created_by"), JobState.valueOf(row.getString("state")),
                Objects.requireNonNull(document(row, "request", JobDocuments.REQUEST), "a job has a request"),
                document(row, "plan", JobDocuments.PLAN), withoutPaths(document(row, "problem", JobDocuments.PROBLEM)),
                row.getInt("attempt"), row.getInt("fruitless_attempts"), row.getLong("not_before"),
                document(row, "process", JobDocuments.PROCESS), progress == null ? JobProgress.NONE : progress,
                row.getLong("progress_offset"), number(row, "trained_tokens"), row.getString("fine_tuned_model"),
                row.getString("openai_model"), resultFile == null ? null : UUID.fromString(resultFile),
                row.getLong("created_at"), row.getLong("modified_at"), number(row, "queued_at"),
                number(row, "finished_at"));
    }

    private static <T> @Nullable T document(ResultSet row, String column, StoredJson<T> kind) throws SQLException {
        String text = row.getString(column);
        try {
            return text == null ? null : kind.read(text, "the " + column + " of job " + row.getString("id"));
        } catch (ProblemException e) {
            throw new ProblemException(
                    Problem.internal("job_unreadable", "The database does not hold what was written: "
                            + e.getMessage() + ". Restore it from a backup."),
                    e);
        }
    }

    /* A job whose row cannot be read is left out, so that it does not take the others with it. */
    private Optional<Job> readable(ResultSet row, int index) throws SQLException {
        try {
            return Optional.of(job(row, index));
        } catch (ProblemException e) {
            if (unreadable.add(row.getString("id"))) {
                LOG.error("{}", e.getMessage());
            }
            return Optional.empty();
        }
    }

    private Optional<Job> findReadable(UUID id) {
        try {
            return find(id);
        } catch (ProblemException e) {
            return Optional.empty();
        }
    }

    private static @Nullable Problem withoutPaths(@Nullable Problem problem) {
        return problem == null
                ? null
                : new Problem(problem.kind(), problem.code(), ServerPaths.hide(problem.message()), problem.param());
    }

    private static @Nullable Long number(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }
}
