package dev.luthier.server.job;

import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunDirectory.ProgressPage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of all steps of a finished run as a table: one row a step, empty cells where validation was not measured.
 * Read from {@code progress.jsonl}, of which a bounded part is in memory at a time.
 *
 * <p>An attempt that goes on from step r repeats what earlier attempts did after it; so a line of an earlier attempt
 * holds up to the smallest such r of all later ones.
 */
final class MetricsFile {
    static final String NAME = "step_metrics.csv";
    static final String HEADER = "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy";

    private final RunDirectory run;
    private final Writer out;
    private final Map<Integer, Integer> lastSteps;
    private Progress.@Nullable Metric measured;

    private MetricsFile(RunDirectory run, Writer out) {
        this.run = run;
        this.out = out;
        this.lastSteps = lastSteps(run);
    }

    /** Writes the table; leaves the writer open. */
    static void write(RunDirectory run, Writer out) throws IOException {
        out.write(HEADER + "\n");
        MetricsFile file = new MetricsFile(run, out);
        file.forEachLine(file::row);
    }

    /** The last step of each attempt that no later attempt has repeated. */
    private static Map<Integer, Integer> lastSteps(RunDirectory run) {
        TreeMap<Integer, Integer> starts = new TreeMap<>();
        forEachLine(run, line -> {
            switch (line) {
                case Progress.Started started -> starts.merge(started.attempt(), started.resumedFromStep(), Math::min);
                case Progress.Step step -> starts.merge(step.attempt(), step.step() - 1, Math::min);
                case Progress.Metric metric -> {
                }
                case Progress.Snapshot snapshot -> {
                }
                case Progress.Note note -> {
                }
            }
        });
        Map<Integer, Integer> ends = new TreeMap<>();
        int end = Integer.MAX_VALUE;
        for (Map.Entry<Integer, Integer> start : starts.descendingMap().entrySet()) {
            ends.put(start.getKey(), end);
            end = Math.min(end, start.getValue());
        }
        return ends;
    }

    private void forEachLine(Consumer<Progress> consumer) {
        forEachLine(run, consumer);
    }

    private static void forEachLine(RunDirectory run, Consumer<Progress> consumer) {
        long offset = 0;
        ProgressPage page = run.readProgress(offset);
        while (page.nextOffset() > offset) {
            page.lines().forEach(consumer);
            offset = page.nextOffset();
            page = run.readProgress(offset);
        }
    }

    private void row(Progress line) {
        if (line instanceof Progress.Metric metric) {
            measured = metric;
        } else if (line instanceof Progress.Step step
                && step.step() <= lastSteps.getOrDefault(step.attempt(), Integer.MAX_VALUE)) {
            write(step, measured);
        }
    }

    private void write(Progress.Step step, Progress.@Nullable Metric point) {
        StringBuilder row = new StringBuilder().append(step.step()).append(',').append(cell(step.loss())).append(',')
                .append(cell(step.accuracy())).append(',');
        if (point != null && point.step() == step.step() && point.attempt() == step.attempt()) {
            row.append(cell(point.validLoss())).append(',').append(cell(point.validAccuracy()));
        } else {
            row.append(',');
        }
        try {
            out.append(row).append('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String cell(@Nullable Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%.5f", value);
    }
}
