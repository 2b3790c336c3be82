package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.server.config.ServerPaths;
import dev.luthier.server.job.JobEvent.Level;
import dev.luthier.server.model.AdapterShelf;
import dev.luthier.server.store.Database;
import dev.luthier.server.store.ReadCache;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** What happened to jobs: events, metric points and checkpoints. Thread-safe. */
public final class JobHistory {
    private static final int KEPT_JOBS = 200;

    private final Database database;
    private final JobFollowers followers;
    private final InstantSource clock;
    private final ReadCache<UUID, List<JobEvent>> events;
    private final ReadCache<UUID, List<MetricPoint>> metrics;

    /** @param followers are woken by every event */
    public JobHistory(Database database, JobFollowers followers, InstantSource clock) {
        this.database = database;
        this.followers = followers;
        this.clock = clock;
        this.events = new ReadCache<>(database, KEPT_JOBS);
        this.metrics = new ReadCache<>(database, KEPT_JOBS);
    }

    /** What people are told about the job, newest first; without metrics. */
    public List<JobEvent> events(UUID job) {
        return events.get(job, any -> database.reader()
                .sql("select * from job_events where job_id = :job and type = 'message' order by sequence desc")
                .param("job", job.toString()).query(JobHistory::event).list());
    }

    /** The newest events of any type before one of them, by its number, newest first. */
    List<JobEvent> before(UUID job, int sequence, int limit) {
        return database.reader()
                .sql("select * from job_events where job_id = :job and sequence < :sequence "
                        + "order by sequence desc limit :limit")
                .param("job", job.toString()).param("sequence", sequence).param("limit", limit)
                .query(JobHistory::event).list();
    }

    /** The first events of any type after one of them, by its number, oldest first. */
    List<JobEvent> after(UUID job, int sequence, int limit) {
        return database.reader()
                .sql("select * from job_events where job_id = :job and sequence > :sequence "
                        + "order by sequence limit :limit")
                .param("job", job.toString()).param("sequence", sequence).param("limit", limit)
                .query(JobHistory::event).list();
    }

    /** The job's metric points, newest first. */
    public List<MetricPoint> metrics(UUID job) {
        return metrics.get(job,
                any -> database.reader().sql("select * from job_metrics where job_id = :job order by step desc")
                        .param("job", job.toString()).query(JobHistory::metric).list());
    }

    /** Adds a note that goes with no change of state. */
    void note(UUID job, Level level, String message, Map<String, Object> data) {
        database.writeVoid(client -> append(client, job, null, level, message, Json.MAPPER.valueToTree(data),
                clock.millis()));
    }

    /** Adds an event for people inside a write transaction. */
    void append(JdbcClient client, UUID job, @Nullable JobState state, Level level, String message, JsonNode data,
            long timeMillis) {
        append(client, job, JobEvent.Type.MESSAGE, state, level, message, data, timeMillis);
    }

    /** Adds an event of any type inside a write transaction. */
    void append(JdbcClient client, UUID job, JobEvent.Type type, @Nullable JobState state, Level level, String message,
            JsonNode data, long timeMillis) {
        client.sql("""
                insert into job_events (job_id, sequence, created_at, type, state, level, message, data)
                select :job, coalesce(max(sequence), 0) + 1, :now, :type, :state, :level, :message, :data
                from job_events where job_id = :job""").param("job", job.toString()).param("now", timeMillis)
                .param("type", type.name().toLowerCase(Locale.ROOT)).param("state", state == null ? null : state.name())
                .param("level", level.name())
                .param("message", message).param("data", data.toString()).update();
        database.afterCommit(() -> followers.wake(job));
    }

    /**
     * The checkpoints of a job that are models, the latest first.
     *
     * @param beforeStep only those of earlier steps; null for all
     */
    List<JobCheckpoint> checkpoints(UUID job, @Nullable Integer beforeStep, int limit) {
        return database.reader().sql("""
                select s.job_id, s.step, s.created_at, m.openai_name, k.train_loss, k.step_loss, k.step_accuracy,
                    k.valid_loss, k.valid_accuracy
                from job_snapshots s
                join fine_tuned_models m on m.job_id = s.job_id and coalesce(m.step, 0) = s.step
                left join job_metrics k on k.job_id = s.job_id and k.step = s.step
                where s.job_id = :job and s.step < :before order by s.step desc limit :limit""")
                .param("job", job.toString()).param("before", beforeStep == null ? Integer.MAX_VALUE : beforeStep)
                .param("limit", limit).query(JobHistory::checkpoint).list();
    }

    /** The step of a checkpoint of the job, also of one that is a model no more. */
    Optional<Integer> checkpointStep(UUID job, UUID checkpoint) {
        return Snapshots.steps(database.reader(), job).stream()
                .filter(step -> AdapterShelf.snapshotOf(job, step).equals(checkpoint)).findFirst();
    }

    private static JobEvent event(ResultSet row, int index) throws SQLException {
        String state = row.getString("state");
        return new JobEvent(row.getInt("sequence"), row.getLong("created_at"),
                JobEvent.Type.valueOf(row.getString("type").toUpperCase(Locale.ROOT)),
                state == null ? null : JobState.valueOf(state), Level.valueOf(row.getString("level")),
                ServerPaths.hide(row.getString("message")), withoutPaths(Json.parse(row.getString("data"))));
    }

    private static JsonNode withoutPaths(JsonNode data) {
        return switch (data) {
            case StringNode text -> StringNode.valueOf(ServerPaths.hide(text.stringValue()));
            case ObjectNode object -> {
                object.properties().forEach(entry -> entry.setValue(withoutPaths(entry.getValue())));
                yield object;
            }
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    array.set(i, withoutPaths(array.get(i)));
                }
                yield array;
            }
            default -> data;
        };
    }

    private static JobCheckpoint checkpoint(ResultSet row, int index) throws SQLException {
        Double loss = number(row, "step_loss");
        return new JobCheckpoint(UUID.fromString(row.getString("job_id")), row.getInt("step"),
                row.getString("openai_name"), row.getLong("created_at"),
                loss == null ? number(row, "train_loss") : loss, number(row, "step_accuracy"),
                number(row, "valid_loss"), number(row, "valid_accuracy"));
    }

    private static MetricPoint metric(ResultSet row, int index) throws SQLException {
        return new MetricPoint(row.getInt("step"), row.getDouble("train_loss"), number(row, "valid_loss"),
                number(row, "valid_accuracy"), row.getLong("created_at"));
    }

    static @Nullable Double number(ResultSet row, String column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? null : value;
    }
}
