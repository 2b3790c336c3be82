package dev.luthier.server.job;

import dev.luthier.core.json.Json;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunDirectory.ProgressPage;
import dev.luthier.server.job.JobEvent.Level;
import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.store.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Turns what a trainer says into what the server knows: how far the job is, its metric points, its events, and the
 * models of its epochs. Safe for use by several threads.
 */
final class ProgressRecorder {
    private final Database database;
    private final JobHistory history;
    private final Snapshots snapshots;

    ProgressRecorder(Database database, JobHistory history, Snapshots snapshots) {
        this.database = database;
        this.history = history;
        this.snapshots = snapshots;
    }

    /**
     * Takes over a page of progress lines, once: nothing happens when another call took it over before. A line about a
     * step replaces what an earlier attempt said about it; events tell of each step once.
     *
     * @return whether the page was taken over now
     */
    boolean takeOver(Job job, RunDirectory run, ProgressPage page) {
        Map<Integer, FineTunedModel> placed = snapshots.place(job, run, page.lines());
        JobProgress before = job.progress();
        JobProgress after = before;
        for (Progress line : page.lines()) {
            after = after.with(line);
        }
        JobProgress progress = after;
        List<FineTunedModel> gone = new ArrayList<>();
        boolean taken = database.write(client -> {
            int moved = client.sql("""
                    update jobs set progress = :progress, progress_offset = :next,
                        fruitless_attempts = case when :newStep = 1 then 0 else fruitless_attempts end
                    where id = :id and progress_offset = :offset""")
                    .param("progress", JobDocuments.PROGRESS.write(progress))
                    .param("next", page.nextOffset()).param("newStep", progress.step() > before.step() ? 1 : 0)
                    .param("id", job.id().toString()).param("offset", job.progressOffset()).update();
            if (moved == 0) {
                return false;
            }
            int known = before.step();
            for (Progress line : page.lines()) {
                record(client, job.id(), line, known, placed);
                known = line instanceof Progress.Step step ? Math.max(known, step.step()) : known;
            }
            if (!placed.isEmpty()) {
                gone.addAll(snapshots.removeOld(client, job.id()));
            }
            return true;
        });
        snapshots.discard(gone);
        return taken;
    }

    /** @param known the latest step that events tell of */
    private void record(JdbcClient client, UUID job, Progress line, int known, Map<Integer, FineTunedModel> placed) {
        switch (line) {
            case Progress.Metric metric -> StepMetrics.measured(client, job, metric);
            case Progress.Step step -> {
                Optional<StepMetrics.Measurement> measured = StepMetrics.made(client, job, step);
                if (step.step() > known && StepMetrics.isTold(step, measured)) {
                    history.append(client, job, JobEvent.Type.METRICS, null, Level.INFO,
                            StepMetrics.message(step, measured), StepMetrics.data(step, measured), step.timeMillis());
                }
            }
            case Progress.Snapshot snapshot -> {
                FineTunedModel model = placed.get(snapshot.step());
                if (model != null && snapshots.add(client, job, snapshot, model)) {
                    history.append(client, job, null, Level.INFO,
                            "Checkpoint created at step " + snapshot.step() + " with Snapshot ID: "
                                    + model.openaiName(),
                            Json.MAPPER.valueToTree(Map.of("step", snapshot.step(), "fine_tuned_model_checkpoint",
                                    model.openaiName(), "model", model.mistralName())),
                            snapshot.timeMillis());
                }
            }
            case Progress.Note note -> history.append(client, job, null,
                    note.level().equals("warn") ? Level.WARN : Level.INFO, note.message(),
                    Json.MAPPER.createObjectNode(), note.timeMillis());
            case Progress.Started started -> {
            }
        }
    }
}
