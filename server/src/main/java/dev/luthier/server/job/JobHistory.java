package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory.ProgressPage;
import dev.luthier.server.job.JobEvent.Level;
import dev.luthier.server.store.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** What happened to jobs: events, metric points, snapshots, and how far training is. Thread-safe. */
public final class JobHistory {
    private final Database database;
    private final InstantSource clock;

    public JobHistory(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** What people are told about the job, newest first; without metrics. */
    public List<JobEvent> events(UUID job) {
        return database.reader()
                .sql("select * from job_events where job_id = :job and type = 'message' order by sequence desc")
                .param("job", job.toString()).query(JobHistory::event).list();
    }

    /** The job's metric points, newest first. */
    public List<MetricPoint> metrics(UUID job) {
        return database.reader().sql("select * from job_metrics where job_id = :job order by step desc")
                .param("job", job.toString()).query(JobHistory::metric).list();
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
    }

    /**
     * Takes over a page of progress lines, once: nothing happens when another call took it over before. A line about a
     * step replaces what an earlier attempt said about it.
     *
     * @return whether the page was taken over now
     */
    boolean takeOver(Job job, ProgressPage page) {
        JobProgress before = job.progress();
        JobProgress after = before;
        for (Progress line : page.lines()) {
            after = advance(after, line);
        }
        JobProgress progress = after;
        boolean newStep = progress.step() > before.step();
        return database.write(client -> {
            int moved = client.sql("""
                    update jobs set progress = :progress, progress_offset = :next,
                        fruitless_attempts = case when :newStep = 1 then 0 else fruitless_attempts end
                    where id = :id and progress_offset = :offset""").param("progress", Json.write(progress))
                    .param("next", page.nextOffset()).param("newStep", newStep ? 1 : 0)
                    .param("id", job.id().toString()).param("offset", job.progressOffset()).update();
            if (moved == 0) {
                return false;
            }
            page.lines().forEach(line -> record(client, job.id(), line));
            return true;
        });
    }

    private static JobProgress advance(JobProgress now, Progress line) {
        return switch (line) {
            case Progress.Started started -> new JobProgress(true, now.step(), started.totalSteps(), now.loss(),
                    now.validLoss(), now.tokens(), null, null, 0, 0);
            case Progress.Step step -> {
                long start = now.attemptStartMillis() == 0 ? step.timeMillis() : now.attemptStartMillis();
                int first = now.attemptStartMillis() == 0 ? step.step() : now.attemptFirstStep();
                int made = step.step() - first;
                Double left = made < 1
                        ? null
                        : (step.timeMillis() - start) / 1000.0 / made * (step.totalSteps() - step.step());
                // A resumed attempt repeats the steps after its checkpoint; what is shown never goes back.
                yield new JobProgress(true, Math.max(now.step(), step.step()), step.totalSteps(), step.loss(),
                        now.validLoss(), step.tokens(), step.tokensPerSecond(), left, start, first);
            }
            case Progress.Metric metric -> new JobProgress(now.started(), now.step(), now.totalSteps(), now.loss(),
                    metric.validLoss() == null ? now.validLoss() : metric.validLoss(), now.tokens(),
                    now.tokensPerSecond(), now.secondsLeft(), now.attemptStartMillis(), now.attemptFirstStep());
            case Progress.Snapshot snapshot -> now;
            case Progress.Note note -> now;
        };
    }

    private void record(JdbcClient client, UUID job, Progress line) {
        switch (line) {
            case Progress.Metric metric -> client.sql("""
                    insert into job_metrics (job_id, step, train_loss, valid_loss, valid_accuracy, created_at)
                    values (:job, :step, :trainLoss, :validLoss, :validAccuracy, :time)
                    on conflict (job_id, step) do update set train_loss = excluded.train_loss,
                        valid_loss = excluded.valid_loss, valid_accuracy = excluded.valid_accuracy,
                        created_at = excluded.created_at""").param("job", job.toString())
                    .param("step", metric.step()).param("trainLoss", metric.trainLoss())
                    .param("validLoss", metric.validLoss()).param("validAccuracy", metric.validAccuracy())
                    .param("time", metric.timeMillis()).update();
            case Progress.Snapshot snapshot -> client.sql("""
                    insert into job_snapshots (job_id, step, epoch, directory, created_at)
                    values (:job, :step, :epoch, :directory, :time)
                    on conflict (job_id, step) do update set directory = excluded.directory""")
                    .param("job", job.toString()).param("step", snapshot.step()).param("epoch", snapshot.epoch())
                    .param("directory", snapshot.directory()).param("time", snapshot.timeMillis()).update();
            case Progress.Note note -> append(client, job, null,
                    note.level().equals("warn") ? Level.WARN : Level.INFO, note.message(),
                    Json.MAPPER.createObjectNode(), note.timeMillis());
            case Progress.Started started -> {
            }
            case Progress.Step step -> {
            }
        }
    }

    private static JobEvent event(ResultSet row, int index) throws SQLException {
        String state = row.getString("state");
        return new JobEvent(row.getInt("sequence"), row.getLong("created_at"),
                JobEvent.Type.valueOf(row.getString("type").toUpperCase(Locale.ROOT)),
                state == null ? null : JobState.valueOf(state), Level.valueOf(row.getString("level")),
                row.getString("message"), Json.parse(row.getString("data")));
    }

    private static MetricPoint metric(ResultSet row, int index) throws SQLException {
        return new MetricPoint(row.getInt("step"), row.getDouble("train_loss"), number(row, "valid_loss"),
                number(row, "valid_accuracy"), row.getLong("created_at"));
    }

    private static @Nullable Double number(ResultSet row, String column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? null : value;
    }
}
