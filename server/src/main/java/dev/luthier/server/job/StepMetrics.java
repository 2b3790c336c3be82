package dev.luthier.server.job;

import dev.luthier.core.json.Json;
import dev.luthier.core.run.Progress;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.ObjectNode;

/** The numbers of single steps: how they are stored beside metric points, and told of in events. */
final class StepMetrics {
    /** A job's events tell of about so many steps at most. */
    private static final int STEPS_TOLD = 1_000;

    private StepMetrics() {}

    /**
     * What validation came to after a step.
     *
     * @param loss null without validation files, as is the accuracy
     * @param figures what else the job's method measures, by name
     * @param epochEnds whether an epoch ended with the step
     */
    record Measurement(@Nullable Double loss, @Nullable Double accuracy, Map<String, Double> figures,
            boolean epochEnds) {}

    /** Stores a metric point, which comes before the line of its step. */
    static void measured(JdbcClient client, UUID job, Progress.Metric metric) {
        client.sql(
                """
                        insert into job_metrics (job_id, step, train_loss, valid_loss, valid_accuracy, figures, epoch, created_at)
                        values (:job, :step, :trainLoss, :validLoss, :validAccuracy, :figures, :epoch, :time)
                        on conflict (job_id, step) do update set train_loss = excluded.train_loss,
                            valid_loss = excluded.valid_loss, valid_accuracy = excluded.valid_accuracy,
                            figures = excluded.figures, epoch = excluded.epoch, created_at = excluded.created_at""")
                .param("job", job.toString()).param("step", metric.step()).param("trainLoss", metric.trainLoss())
                .param("validLoss", metric.validLoss()).param("validAccuracy", metric.validAccuracy())
                .param("figures", metric.figures().isEmpty() ? null : Json.write(metric.figures()))
                .param("epoch", metric.epoch()).param("time", metric.timeMillis()).update();
    }

    /** Stores the numbers of a step that is a metric point; empty for any other. */
    static Optional<Measurement> made(JdbcClient client, UUID job, Progress.Step step) {
        Optional<Measurement> point = client
                .sql("select valid_loss, valid_accuracy, figures, epoch from job_metrics "
                        + "where job_id = :job and step = :step")
                .param("job", job.toString()).param("step", step.step()).query(StepMetrics::measurement).optional();
        if (point.isPresent()) {
            client.sql("""
                    update job_metrics set step_loss = :loss, step_accuracy = :accuracy
                    where job_id = :job and step = :step""").param("loss", step.loss())
                    .param("accuracy", step.accuracy()).param("job", job.toString()).param("step", step.step())
                    .update();
        }
        return point;
    }

    private static Measurement measurement(ResultSet row, int index) throws SQLException {
        Double loss = JobHistory.number(row, "valid_loss");
        Double accuracy = JobHistory.number(row, "valid_accuracy");
        Map<String, Double> figures = figures(row.getString("figures"));
        row.getInt("epoch");
        return new Measurement(loss, accuracy, figures, !row.wasNull());
    }

    private static Map<String, Double> figures(@Nullable String json) {
        Map<String, Double> figures = new TreeMap<>();
        if (json != null) {
            Json.parse(json).properties().forEach(figure -> figures.put(figure.getKey(), figure.getValue().asDouble()));
        }
        return figures;
    }

    /** Whether an event tells of the step: of long jobs every few steps, the last one, and those that were measured. */
    static boolean isTold(Progress.Step step, Optional<Measurement> measured) {
        int distance = Math.ceilDiv(step.totalSteps(), STEPS_TOLD);
        return step.step() % distance == 0 || step.step() == step.totalSteps()
                || measured.filter(point -> point.loss() != null).isPresent();
    }

    /** {@code Step 60/200: training loss=0.73}, in the words that users' scripts search. */
    static String message(Progress.Step step, Optional<Measurement> measured) {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "Step %d/%d: training loss=%.2f",
                step.step(), step.totalSteps(), step.loss()));
        measured.filter(point -> point.loss() != null).ifPresent(point -> {
            text.append(String.format(Locale.ROOT, ", validation loss=%.2f", point.loss()));
            if (point.epochEnds()) {
                text.append(String.format(Locale.ROOT, ", full validation loss=%.2f", point.loss()));
            }
        });
        return text.toString();
    }

    static ObjectNode data(Progress.Step step, Optional<Measurement> measured) {
        ObjectNode data = Json.MAPPER.createObjectNode().put("step", step.step()).put("train_loss", step.loss())
                .put("train_mean_token_accuracy", step.accuracy()).put("total_steps", step.totalSteps());
        step.figures().forEach((name, value) -> data.put("train_" + name, value));
        measured.filter(point -> point.loss() != null).ifPresent(point -> {
            data.put("valid_loss", point.loss()).put("valid_mean_token_accuracy", point.accuracy());
            point.figures().forEach((name, value) -> data.put("valid_" + name, value));
            if (point.epochEnds()) {
                data.put("full_valid_loss", point.loss()).put("full_valid_mean_token_accuracy", point.accuracy());
                point.figures().forEach((name, value) -> data.put("full_valid_" + name, value));
            }
        });
        return data;
    }
}
