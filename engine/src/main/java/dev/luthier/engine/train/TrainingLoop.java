package dev.luthier.engine.train;

import dev.luthier.core.data.MetricPoints;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.Desired;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunLock;
import dev.luthier.core.run.RunSpec;
import dev.luthier.engine.lora.PeftAdapter;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorArena;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a run, from its latest checkpoint to the end or to a wish to stop. When checkpoints are written has no
 * influence on the arithmetic: a run that was killed and gone on with any number of times ends with the same bytes.
 */
final class TrainingLoop implements AutoCloseable {
    private static final int SNAPSHOTS_KEPT = 3;
    private static final int CHECKPOINTS_KEPT = 2;
    private static final long PROGRESS_BYTES = 64 << 10;

    private final RunDirectory directory;
    private final RunLock lock;
    private final RunSpec spec;
    private final LoraModel model;
    private final TrainingData data;
    private final Objective objective;
    private final ProgressLog log;
    private final BooleanSupplier stopSignal;
    private final long checkpointNanos;
    private final OptimizerStep update;
    private final LearningRate schedule;
    private final MetricPoints metricPoints;
    private final CheckpointStore<RunState> checkpoints;
    private final SampleReuse reuse;
    private final TensorArena arena = new TensorArena();
    /** The adapter of the best evaluation; null where the run ends with its last step's. */
    private final @Nullable Tensor best;
    private RunState state;

    /**
     * @param stopSignal asked between steps; true writes a checkpoint and ends as paused
     * @param checkpointSeconds a checkpoint is written when the last is older than this
     */
    TrainingLoop(RunDirectory directory, RunLock lock, RunSpec spec, LoraModel model, TrainingData data,
            Objective objective, ProgressLog log, BooleanSupplier stopSignal, double checkpointSeconds) {
        this.directory = directory;
        this.lock = lock;
        this.spec = spec;
        this.model = model;
        this.data = data;
        this.objective = objective;
        this.log = log;
        this.stopSignal = stopSignal;
        this.checkpointNanos = (long) (checkpointSeconds * 1e9);
        RunSpec.Optimizer settings = spec.optimizer();
        update = new OptimizerStep(model.parameters(), new AdamW.Settings(settings.beta1(), settings.beta2(),
                settings.epsilon(), settings.weightDecay()), settings.maxGradientNorm());
        schedule = LearningRate.cosine(settings.learningRate(), settings.steps(), settings.warmupFraction());
        metricPoints = new MetricPoints(settings.steps(), data.stepsPerEpoch(), spec.selection().evaluations());
        checkpoints = new CheckpointStore<>(directory.checkpoints(), RunState.STORED, CHECKPOINTS_KEPT);
        reuse = SampleReuse.plan(spec, data, model.decoder(), model.base().config().hiddenSize(),
                directory.encoded(), metricPoints.count());
        best = spec.selection().best() ? arena.zeros(DType.FP32, model.adapter().flat().numel()) : null;
        state = RunState.start(spec, machine());
        model.decoder().reserve(data.largestPack());
    }

    /** Trains. The outcome is not written yet. */
    Outcome run() throws IOException {
        Optional<CheckpointStore.Checkpoint<RunState>> latest = checkpoints
                .latest(damage -> log.note("warn", damage));
        int resumedFrom = latest.map(checkpoint -> checkpoint.state().step()).orElse(0);
        log.append((attempt, sequence, time) -> new Progress.Started(attempt, sequence, time, resumedFrom,
                schedule.steps(), Libtorch.cpu(), Libtorch.version(), Libtorch.threads()));
        while (!objective.prepare(this::isStopWanted)) {
            lock.requireInPlace();
            if (directory.readDesired() == Desired.CANCEL) {
                return new Outcome.Cancelled(resumedFrom);
            }
            if (isStopWanted()) {
                return new Outcome.Paused(resumedFrom);
            }
        }
        latest.ifPresent(this::load);
        noteReuse();
        boolean filled = reuse.units() == 0;
        long lastCheckpoint = System.nanoTime();
        while (!filled || (state.step() < schedule.steps() && !stopsEarly())) {
            lock.requireInPlace();
            Desired desired = directory.readDesired();
            if (desired == Desired.CANCEL) {
                return new Outcome.Cancelled(state.step());
            }
            if (desired == Desired.PAUSE || stopSignal.getAsBoolean()) {
                save();
                return new Outcome.Paused(state.step());
            }
            if (!filled) { // Whether samples are reused decides on the bytes: a wish that is taken back must not.
                filled = fillReuse();
                continue;
            }
            ProgressLog.Line made = step();
            boolean epochEnds = metricPoints.endsEpoch(state.step());
            int epoch = (int) (state.step() / data.stepsPerEpoch());
            if (metricPoints.isAt(state.step())) {
                measure(epochEnds ? epoch : null);
            }
            log.append(made);
            if (epochEnds) {
                snapshot(epoch);
            }
            if (System.nanoTime() - lastCheckpoint >= checkpointNanos && state.step() < schedule.steps()) {
                save();
                lastCheckpoint = System.nanoTime();
            }
        }
        return finish();
    }

    private boolean isStopWanted() {
        return stopSignal.getAsBoolean() || directory.readDesired() != Desired.RUN;
    }

    private void noteReuse() {
        if (reuse.units() > 0) {
            log.note("info", String.format(Locale.ROOT, "layers 1 to %d carry no adapter: what they make of %d samples"
                    + " is computed once and kept on disk, %.1f MB", model.decoder().lowestLayer(), reuse.units(),
                    reuse.bytes() / 1e6));
        }
    }

    /**
     * Runs the layers below the adapted ones over the samples that come again.
     *
     * @return false if a wish to stop ended it early
     */
    private boolean fillReuse() {
        boolean filled = reuse.fill(model.decoder(), spec.batch().microBatchTokens(), this::isStopWanted);
        if (filled) {
            data.reuse(reuse);
        }
        return filled;
    }

    private void load(CheckpointStore.Checkpoint<RunState> checkpoint) {
        RunState loaded = checkpoint.state();
        if (!loaded.spec().makesTheSameAs(spec)) {
            throw Problem
                    .user("run_spec_changed", checkpoint.path() + " was made with another run.json. Put it back, or"
                            + " remove the checkpoints to start anew.")
                    .asException();
        }
        tensors().forEach(checkpoint::load);
        update.refresh();
        state = loaded;
        if (!loaded.machine().equals(machine())) {
            log.note("warn", "the run goes on on " + machine() + "; it was begun on " + loaded.machine()
                    + ". The adapter's bytes may differ from those of an undisturbed run.");
            state = loaded.on(machine());
        }
    }

    private static String machine() {
        return Libtorch.cpu() + ", libtorch " + Libtorch.version() + ", " + Libtorch.threads() + " threads"
                + (Libtorch.usesCuda() ? ", cuda" : "");
    }

    private Map<String, Tensor> tensors() {
        Map<String, Tensor> all = new LinkedHashMap<>(update.tensors());
        if (best != null) {
            all.put("best", best);
        }
        return all;
    }

    /** What a checkpoint and the adapter take on disk, with room for lines of progress. */
    long bytesToWrite() {
        return model.adapter().flat().numel() * Float.BYTES * (tensors().size() + 1) + PROGRESS_BYTES;
    }

    private void save() {
        lock.requireInPlace();
        checkpoints.save(state.step(), state, tensors());
    }

    /** One optimizer update; its line of progress, which follows that of a measurement. */
    private ProgressLog.Line step() {
        int step = state.step() + 1;
        long start = System.nanoTime();
        List<MicroBatch> batches = data.step(step);
        long tokens = batches.stream().mapToLong(batch -> batch.pack().realTokens()).sum();
        double rate = schedule.at(step);
        OptimizerStep.Update made = update.run(step, rate, () -> objective.addGradients(batches));
        double seconds = (System.nanoTime() - start) / 1e9;
        Figures figures = made.figures();
        state = state.afterStep(figures, tokens, seconds);
        long allTokens = state.tokens();
        return (attempt, sequence, time) -> new Progress.Step(attempt, sequence, time, step, schedule.steps(),
                figures.loss(), figures.accuracy(), rate, made.gradientNorm(), allTokens, tokens / seconds,
                data.passesAfter(step), figures.others());
    }

    /** @param epoch the one that has just ended, or null */
    private void measure(@Nullable Integer epoch) {
        Figures[] sum = {Figures.NONE};
        data.forEachValidationBatch(batch -> sum[0] = sum[0].plus(objective.evaluate(batch)));
        double trainLoss = state.window().loss();
        Figures found = sum[0];
        Double validLoss = data.hasValidation() ? (Double) found.loss() : null;
        Double validAccuracy = data.hasValidation() ? (Double) found.accuracy() : null;
        log.append((attempt, sequence, time) -> new Progress.Metric(attempt, sequence, time, state.step(), trainLoss,
                validLoss, validAccuracy, epoch, found.others()));
        state = state.afterMetric(validLoss == null ? state.best() : evaluated(validLoss));
    }

    private BestEvaluation evaluated(double validLoss) {
        BestEvaluation now = state.best().after(state.step(), validLoss, spec.selection());
        if (best != null && now.step() == state.step()) {
            best.copy_(model.adapter().flat());
        }
        return now;
    }

    private boolean stopsEarly() {
        return state.best().stops(spec.selection());
    }

    private void snapshot(int epoch) throws IOException {
        Files.createDirectories(directory.snapshots());
        String name = CheckpointStore.name(state.step());
        saveAdapter(directory.snapshots().resolve(name));
        log.append((attempt, sequence, time) -> new Progress.Snapshot(attempt, sequence, time, state.step(), epoch,
                "snapshots/" + name));
        CheckpointStore.keepNewest(directory.snapshots(), SNAPSHOTS_KEPT);
    }

    private Outcome finish() throws IOException {
        Outcome.Selected selected = best == null ? null : select(best);
        objective.conclude(data, log);
        String sha256 = saveAdapter(directory.adapter());
        return new Outcome.Trained(sha256, state.step(), state.tokens(), state.total().loss(),
                state.trainSeconds(), selected);
    }

    /** Takes the adapter of the best evaluation; null if there is none. */
    private Outcome.@Nullable Selected select(Tensor weights) {
        BestEvaluation found = state.best();
        if (stopsEarly()) {
            log.note("info", String.format(Locale.ROOT, "stopped early after step %d of %d: the validation loss has not"
                    + " fallen by more than %s in %d evaluations", state.step(), schedule.steps(),
                    spec.selection().minDelta(), spec.selection().patience()));
        }
        if (found.step() == 0) {
            log.note("warn", "no evaluation gave a validation loss that is a number; the adapter is the last step's");
            return null;
        }
        log.note("info", String.format(Locale.ROOT, "the adapter is that of step %d, whose validation loss of %.4f is"
                + " the least of %d evaluations", found.step(), found.loss(), found.evaluations()));
        model.adapter().flat().copy_(weights);
        update.refresh();
        return new Outcome.Selected(found.step(), found.loss(), schedule.steps() - state.step());
    }

    /** Writes the adapter so that the directory appears whole. */
    private String saveAdapter(Path target) throws IOException {
        lock.requireInPlace();
        Path temporary = directory.path().resolve("adapter.writing");
        CheckpointStore.delete(temporary);
        try {
            String sha256 = PeftAdapter.save(model.adapter(), objective.classifier(), model.base(),
                    ModelDirectory.portableName(spec.baseModel()), temporary);
            CheckpointStore.delete(target);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            return sha256;
        } finally {
            CheckpointStore.delete(temporary); // a full disk has no room for half an adapter
        }
    }

    /** Removes what only an unfinished run needs. */
    void clean() {
        checkpoints.clear();
        try {
            CheckpointStore.delete(directory.encoded());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        reuse.close();
        update.close();
        arena.close();
    }
}
