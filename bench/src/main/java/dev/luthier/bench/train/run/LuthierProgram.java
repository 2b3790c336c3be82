package dev.luthier.bench.train.run;

import dev.luthier.bench.train.input.BenchData;
import dev.luthier.core.data.EncodedFile;
import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.data.SampleOrder;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code luthier train} on a run directory, as the server starts it. */
final class LuthierProgram extends Program {
    private final RunDirectory directory;
    private final BenchData data;
    private final int samplesPerStep;
    private final SampleOrder order;
    private long offset;
    private long targets;
    private long startedMillis;
    /** One step's share of the pass that preference pairs need before the first step. */
    private double referenceSecondsPerStep;
    private String libtorch = "";

    private LuthierProgram(ChildProcess process, RunDirectory directory, BenchData data, Plan plan) {
        super(process);
        this.directory = directory;
        this.data = data;
        samplesPerStep = plan.samplesPerStep();
        order = new SampleOrder(List.of(new SampleOrder.Source(data.samples(), 1)), Plan.SEED);
    }

    /** @param expected whose number type and memory tier the run takes */
    static LuthierProgram start(Plan plan, Estimate expected, Path model, BenchData data, Path folder)
            throws IOException {
        Files.createDirectories(folder);
        Path text = folder.resolve("data.jsonl");
        data.writeText(text);
        RunDirectory directory = new RunDirectory(folder.resolve("run"));
        directory.create(spec(plan, expected, model, text));
        ChildProcess process = ChildProcess.start(List.of(Launcher.path(), "train", directory.path().toString()),
                Map.of("OMP_NUM_THREADS", String.valueOf(plan.threads())), folder.resolve("output.log"));
        return new LuthierProgram(process, directory, data, plan);
    }

    private static RunSpec spec(Plan plan, Estimate expected, Path model, Path text) {
        Task task = plan.data().isPairs() ? new Task.Preference(Task.Preference.BETA, 0, false) : Task.SUPERVISED;
        return new RunSpec(model, null, List.of(new RunSpec.DataFile(text, 1, "")), List.of(),
                RunSpec.Lora.plain(Plan.RANK, Plan.ALPHA, RunSpec.Lora.LINEAR_LAYERS),
                new RunSpec.Optimizer(plan.steps(), 2e-5, 0, 0, 0.9, 0.999, 1e-8, 1),
                new RunSpec.Batch(plan.samplesPerStep(), plan.data().longest(), plan.microBatchTokens(), 0),
                RunSpec.Numerics.plain(expected.baseType(), plan.threads()).with(expected.quantization())
                        .with(expected.memoryTier()),
                Plan.SEED).with(task);
    }

    /** The version of libtorch that the trainer told. */
    String libtorch() {
        return libtorch;
    }

    @Override
    List<StepMark> newMarks() throws IOException {
        RunDirectory.ProgressPage page = directory.readProgress(offset);
        offset = page.nextOffset();
        List<StepMark> marks = new ArrayList<>();
        for (Progress line : page.lines()) {
            switch (line) {
                case Progress.Started started -> {
                    libtorch = started.libtorch();
                    startedMillis = started.timeMillis();
                    checkSamples();
                }
                case Progress.Step step -> marks.add(mark(step));
                case Progress.Note note -> noteReference(note);
                case Progress.Metric _,Progress.Snapshot _ -> {
                    // Nothing to measure.
                }
            }
        }
        return marks;
    }

    /** The trainer's first word after its start is that the pass is done. It saw each pair once, as the steps do. */
    private void noteReference(Progress.Note note) {
        if (data.kind().isPairs() && referenceSecondsPerStep == 0) {
            referenceSecondsPerStep = (note.timeMillis() - startedMillis) / 1e3 * samplesPerStep / data.samples();
        }
    }

    @Override
    double secondsBefore(int steps) {
        return steps * referenceSecondsPerStep;
    }

    private StepMark mark(Progress.Step step) {
        for (int i = 0; i < samplesPerStep; i++) {
            SampleOrder.Visit visit = order.at((step.step() - 1L) * samplesPerStep + i);
            targets += data.sample(visit.sample()).stream().mapToInt(EncodedSample::targetTokens).sum();
        }
        return new StepMark(step.step(), step.timeMillis(), step.tokens(), targets);
    }

    /** The trainer has encoded the text to exactly the tokens and targets that the peers are given. */
    private void checkSamples() {
        try (EncodedFile encoded = EncodedFile.open(directory.encoded().resolve("training-0.tokens"))) {
            List<EncodedSample> samples = new ArrayList<>();
            for (int i = 0; i < encoded.count(); i++) {
                samples.addAll(encoded.get(i).sequences());
            }
            if (!samples.equals(data.sequences())) {
                throw new IllegalStateException(
                        directory.path() + ": the trainer's samples are not those of the peers");
            }
        }
    }

    @Override
    void checkEnd() throws ProgramFailed {
        if (!(directory.readOutcome().orElse(null) instanceof Outcome.Trained)) {
            throw new ProgramFailed("ended without an adapter", process().log());
        }
        checkWork(data);
    }
}
