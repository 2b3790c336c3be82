package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import dev.luthier.core.run.Progress;
import dev.luthier.server.model.AdapterShelf;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The numbers of steps in events and in the file of metrics. */
final class StepEventsTest {
    private Rig rig;

    @BeforeEach
    void open(@TempDir Path folder) {
        rig = new Rig(folder);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static Progress.Step step(int attempt, int step, int total, double loss) {
        return new Progress.Step(attempt, step, 1_000L * step, step, total, loss, 0.25, 1e-3, 1, step * 10L, 900, 0.1,
                Map.of());
    }

    private static Progress.Metric metric(int attempt, int step, double loss, boolean epochEnds) {
        return new Progress.Metric(attempt, step, 1_000L * step, step, 1.0, loss, 0.5, epochEnds ? 1 : null, Map.of());
    }

    private record Event(String message, JsonNode data) {}

    /** Metrics events, the oldest first. */
    private List<Event> events(Job job) {
        return rig.database.reader().sql("""
                select message, data from job_events where job_id = ? and type = 'metrics' order by sequence""")
                .param(job.id().toString())
                .query((row, index) -> new Event(row.getString(1),
                        Json.parse(row.getString(2))))
                .list();
    }

    @Test
    void everyStepIsToldOnceInTheWordsThatScriptsSearch() {
        Job job = rig.running();
        rig.says(job, step(1, 1, 3, 0.734));
        rig.says(job, metric(1, 2, 1.456, false));
        rig.says(job, step(1, 2, 3, 0.5));
        rig.pass();
        rig.says(job, new Progress.Started(2, 1, 5_000, 0, 3, "cpu", "none", 1));
        rig.says(job, step(2, 1, 3, 0.9));
        rig.says(job, metric(2, 2, 1.4, false));
        rig.says(job, step(2, 2, 3, 0.4));
        rig.says(job, metric(2, 3, 0.399, true));
        rig.pass();
        rig.says(job, step(2, 3, 3, 0.25));
        rig.pass();
        assertThat(events(job)).extracting(Event::message).containsExactly("Step 1/3: training loss=0.73",
                "Step 2/3: training loss=0.50, validation loss=1.46",
                "Step 3/3: training loss=0.25, validation loss=0.40, full validation loss=0.40");
        JsonNode last = events(job).getLast().data();
        assertThat(last.propertyNames()).containsExactly("step", "train_loss", "train_mean_token_accuracy",
                "total_steps", "valid_loss", "valid_mean_token_accuracy", "full_valid_loss",
                "full_valid_mean_token_accuracy");
        assertThat(last.path("full_valid_loss").doubleValue()).isEqualTo(0.399);
        assertThat(events(job).getFirst().data().propertyNames()).containsExactly("step", "train_loss",
                "train_mean_token_accuracy", "total_steps");
        assertThat(rig.history.events(job.id())).noneMatch(event -> event.message().startsWith("Step "));
    }

    private static final Map<String, Double> OF_STEP = Map.of("reward_accuracy", 0.75, "reward_margin", 0.5);
    private static final Map<String, Double> OF_VALIDATION = Map.of("reward_accuracy", 1.0, "reward_margin", 2.0);

    private static Progress.Step measuring(Progress.Step step) {
        return new Progress.Step(step.attempt(), step.sequence(), step.timeMillis(), step.step(), step.totalSteps(),
                step.loss(), step.accuracy(), step.learningRate(), step.gradientNorm(), step.tokens(),
                step.tokensPerSecond(), step.epoch(), OF_STEP);
    }

    private static Progress.Metric measuring(Progress.Metric metric) {
        return new Progress.Metric(metric.attempt(), metric.sequence(), metric.timeMillis(), metric.step(),
                metric.trainLoss(), metric.validLoss(), metric.validAccuracy(), metric.epoch(), OF_VALIDATION);
    }

    @Test
    void whatElseATaskMeasuresIsToldUnderItsNameAlsoWhenTheStepComesInALaterPage() {
        Job job = rig.running();
        rig.says(job, measuring(step(1, 1, 3, 0.69)));
        rig.says(job, measuring(metric(1, 2, 0.6, false)));
        rig.says(job, measuring(step(1, 2, 3, 0.5)));
        rig.says(job, measuring(metric(1, 3, 0.4, true)));
        rig.pass();
        rig.says(job, measuring(step(1, 3, 3, 0.25)));
        rig.pass();
        assertThat(events(job)).extracting(Event::message).containsExactly("Step 1/3: training loss=0.69",
                "Step 2/3: training loss=0.50, validation loss=0.60",
                "Step 3/3: training loss=0.25, validation loss=0.40, full validation loss=0.40");
        assertThat(events(job).get(0).data()).isEqualTo(Json.parse("""
                {"step": 1, "train_loss": 0.69, "train_mean_token_accuracy": 0.25, "total_steps": 3,
                 "train_reward_accuracy": 0.75, "train_reward_margin": 0.5}"""));
        assertThat(events(job).get(1).data().properties()).containsAll(Json.parse("""
                {"train_reward_margin": 0.5, "valid_reward_accuracy": 1.0, "valid_reward_margin": 2.0}""")
                .properties());
        assertThat(events(job).get(1).data().has("full_valid_reward_margin")).isFalse();
        assertThat(events(job).get(2).data().properties()).containsAll(Json.parse("""
                {"valid_reward_margin": 2.0, "full_valid_reward_accuracy": 1.0, "full_valid_reward_margin": 2.0}""")
                .properties());
    }

    @Test
    void stepsAreToldAfterTheStart() {
        Job job = rig.starting();
        rig.says(job, new Progress.Started(1, 1, 1_000, 0, 20, "cpu", "none", 1));
        rig.says(job, rig.step(1, 1));
        rig.pass();
        List<String> all = rig.database.reader()
                .sql("select message from job_events where job_id = ? order by sequence")
                .param(job.id().toString()).query((row, index) -> row.getString(1)).list();
        assertThat(all).endsWith("Fine-tuning job started", "Step 1/20: training loss=1.50");
    }

    @Test
    void longJobsTellOfSomeSteps() {
        StepMetrics.Measurement measured = new StepMetrics.Measurement(1.0, 0.5, Map.of(), false);
        assertThat(IntStream.rangeClosed(1, 1_000)
                .allMatch(step -> StepMetrics.isTold(step(1, step, 1_000, 1), Optional.empty()))).isTrue();
        List<Integer> told = new ArrayList<>(IntStream.rangeClosed(1, 2_501)
                .filter(step -> StepMetrics.isTold(step(1, step, 2_501, 1), Optional.empty())).boxed().toList());
        assertThat(told).startsWith(3, 6, 9).endsWith(2_499, 2_501).hasSize(834);
        assertThat(StepMetrics.isTold(step(1, 7, 2_501, 1), Optional.of(measured))).isTrue();
    }

    @Test
    void checkpointsHaveTheNumbersOfTheirStep() {
        Job job = rig.running();
        rig.says(job, metric(1, 5, 1.5, true));
        rig.says(job, step(1, 5, 20, 0.75));
        rig.pass();
        rig.database.writeVoid(client -> {
            client.sql("insert into job_snapshots values (?, 5, 1, 'x', 7000)").param(job.id().toString()).update();
            rig.models.insert(client, TrainedModels.of(job,
                    AdapterShelf.snapshotOf(job.id(), 5), 5, Path.of("x"), "", 7_000));
        });
        assertThat(rig.service.checkpoints(job, null, 10).orElseThrow()).satisfiesExactly(checkpoint -> {
            assertThat(checkpoint.trainLoss()).isEqualTo(0.75);
            assertThat(checkpoint.trainAccuracy()).isEqualTo(0.25);
            assertThat(checkpoint.validLoss()).isEqualTo(1.5);
            assertThat(checkpoint.validAccuracy()).isEqualTo(0.5);
        });
    }

    @Test
    void fileOfMetricsHasARowForEachStepFromTheAttemptThatCounts() throws IOException {
        Job job = rig.running();
        rig.says(job, step(1, 1, 4, 0.9));
        rig.says(job, step(1, 2, 4, 0.8));
        rig.says(job, metric(1, 3, 5, false));
        rig.says(job, step(1, 3, 4, 0.7));
        rig.says(job, new Progress.Started(2, 1, 1, 2, 4, "cpu", "none", 1));
        rig.says(job, metric(2, 3, 1.25, false));
        rig.says(job, new Progress.Started(3, 1, 1, 1, 4, "cpu", "none", 1));
        rig.says(job, step(3, 2, 4, 0.6));
        rig.says(job, metric(3, 3, 1.5, false));
        rig.says(job, step(3, 3, 4, 1.52347));
        rig.says(job, step(3, 4, 4, 0.00002));
        StringWriter out = new StringWriter();
        MetricsFile.write(rig.run(job), out);
        assertThat(out.toString()).isEqualTo("""
                step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy
                1,0.90000,0.25000,,
                2,0.60000,0.25000,,
                3,1.52347,0.25000,1.50000,0.50000
                4,0.00002,0.25000,,
                """);
    }

    @Test
    void fileOfMetricsHasColumnsForWhatElseATaskMeasures() throws IOException {
        Job job = rig.running();
        rig.says(job, measuring(step(1, 1, 2, 0.69)));
        rig.says(job, measuring(metric(1, 2, 0.5, true)));
        rig.says(job, measuring(step(1, 2, 2, 0.6)));
        StringWriter out = new StringWriter();
        MetricsFile.write(rig.run(job), out);
        assertThat(out.toString()).isEqualTo("""
                step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy,train_reward_accuracy,\
                train_reward_margin,valid_reward_accuracy,valid_reward_margin
                1,0.69000,0.25000,,,0.75000,0.50000,,
                2,0.60000,0.25000,0.50000,0.50000,0.75000,0.50000,1.00000,2.00000
                """);
    }
}
