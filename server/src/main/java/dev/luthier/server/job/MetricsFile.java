package dev.luthier.server.job;

import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunDirectory.ProgressPage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of all steps of a finished run as a table: one row a step, empty cells where validation was not measured.
 * What the run's method measures besides losses and accuracies has columns of its own, by name. Read from
 * {@code progress.jsonl}, of which a bounded part is in memory at a time.
 *
 * <p>An attempt that goes on from step r repeats what earlier attempts did after it; so a line of an earlier attempt
 * holds up to the smallest such r of all later ones.
 */
final class MetricsFile {
    static final String NAME = "step_metrics.csv";
    static final String HEADER = "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy";

    private final RunDirectory run;
    private final Writer out;
    /** The last step of each attempt that no later attempt has repeated. */
    private final Map<Integer, Integer> lastSteps;
    /** What the lines measure besides losses and accuracies. */
    private final SortedSet<String> figures = new TreeSet<>();
    private Progress.@Nullable Metric measured;

    private MetricsFile(RunDirectory run, Writer out) {
        this.run = run;
        this.out = out;
        NavigableMap<Integer, Integer> starts = new TreeMap<>();
        forEachLine(line -> {
            switch (line) {
                case Progress.Started started -> starts.merge(started.attempt(), started.resumedFromStep(), Math::min);
                case Progress.Step step -> {
                    starts.merge(step.attempt(), step.step() - 1, Math::min);
                    figures.addAll(step.figures().keySet());
                }
                case Progress.Metric metric -> figures.addAll(metric.figures().keySet());
                case Progress.Snapshot snapshot -> {
                }
                case Progress.Note note -> {
                }
            }
        });
        this.lastSteps = ends(starts);
    }

    private static Map<Integer, Integer> ends(NavigableMap<Integer, Integer> starts) {
        Map<Integer, Integer> ends = new TreeMap<>();
        int end = Integer.MAX_VALUE;
        for (Map.Entry<Integer, Integer> start : starts.descendingMap().entrySet()) {
            ends.put(start.getKey(), end);
            end = Math.min(end, start.getValue());
        }
        return ends;
    }

    /** Writes the table; leaves the writer open. */
    static void write(RunDirectory run, Writer out) throws IOException {
        MetricsFile file = new MetricsFile(run, out);
        file.header();
        file.forEachLine(file::row);
    }

    private void header() throws IOException {
        out.write(HEADER);
        for (String kind : List.of("train_", "valid_")) {
            for (String name : figures) {
                out.write("," + kind + name);
            }
        }
        out.write("\n");
    }

    private void forEachLine(Consumer<Progress> consumer) {
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
            boolean validated = measured != null && measured.step() == step.step()
                    && measured.attempt() == step.attempt();
            write(step, validated ? measured : null);
        }
    }

    private void write(Progress.Step step, Progress.@Nullable Metric point) {
        List<@Nullable Double> cells = new ArrayList<>();
        cells.add(step.loss());
        cells.add(step.accuracy());
        cells.add(point == null ? null : point.validLoss());
        cells.add(point == null ? null : point.validAccuracy());
        Map<String, Double> validated = point == null ? Map.of() : point.figures();
        figures.forEach(name -> cells.add(step.figures().get(name)));
        figures.forEach(name -> cells.add(validated.get(name)));
        try {
            out.append(String.valueOf(step.step()));
            for (Double value : cells) {
                out.append(',').append(cell(value));
            }
            out.append('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String cell(@Nullable Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%.5f", value);
    }
}
