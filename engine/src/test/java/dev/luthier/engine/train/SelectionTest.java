package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.RunSpec.Selection;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on data of which nothing general can be learned, so that the validation loss soon rises. */
final class SelectionTest {
    private static final int EPOCHS = 10;

    private TinyRun runs;

    @BeforeAll
    static void load() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    @BeforeEach
    void makeModel(@TempDir Path folder) throws IOException {
        runs = new TinyRun(folder);
    }

    /** Measured at the ends of its epochs. */
    private RunSpec spec(Selection selection) {
        RunSpec spec = runs.spec();
        RunSpec.Optimizer of = spec.optimizer();
        return new RunSpec(spec.version(), spec.task(), spec.baseModel(), null, spec.trainingFiles(),
                spec.validationFiles(),
                spec.lora(), new RunSpec.Optimizer(6 * EPOCHS, 0.02, of.weightDecay(), of.warmupFraction(), of.beta1(),
                        of.beta2(), of.epsilon(), of.maxGradientNorm()),
                spec.batch(), spec.numerics(), selection, spec.seed());
    }

    private static Outcome.Trained train(RunDirectory directory) {
        return (Outcome.Trained) new Trainer(directory, () -> false, 1000).run();
    }

    private static List<Progress.Metric> metrics(RunDirectory directory) {
        return TinyRun.progress(directory).stream().filter(Progress.Metric.class::isInstance)
                .map(Progress.Metric.class::cast).toList();
    }

    private static Progress.Metric least(RunDirectory directory) {
        return metrics(directory).stream()
                .min(Comparator.comparingDouble(metric -> Objects.requireNonNull(metric.validLoss()))).orElseThrow();
    }

    @Test
    void runStopsWhenValidationGainsNoMoreAndEndsWithItsBestAdapter() throws IOException {
        RunDirectory directory = runs.create("early", spec(new Selection(true, 2, 0, 0, EPOCHS)));
        Outcome.Trained trained = train(directory);
        Outcome.Selected selected = Objects.requireNonNull(trained.selected());
        assertThat(trained.steps()).isEqualTo(selected.step() + 12).isLessThan(60);
        assertThat(selected.stepsSaved()).isEqualTo(60 - trained.steps());
        assertThat(least(directory).step()).isEqualTo(selected.step());
        assertThat(least(directory).validLoss()).isEqualTo(selected.validLoss());
        Path best = directory.snapshots().resolve(CheckpointStore.name(selected.step()));
        assertThat(directory.adapter().resolve("adapter_model.safetensors"))
                .hasSameBinaryContentAs(best.resolve("adapter_model.safetensors"));
        assertThat(TinyRun.progress(directory)).filteredOn(Progress.Note.class::isInstance)
                .extracting(note -> ((Progress.Note) note).message())
                .anySatisfy(text -> assertThat(text).startsWith("stopped early after step " + trained.steps()
                        + " of 60: the validation loss has not fallen by more than 0.0 in 2 evaluations"))
                .anySatisfy(text -> assertThat(text).startsWith("the adapter is that of step " + selected.step()));
    }

    @Test
    void bestAdapterIsTakenWithoutStoppingToo() {
        RunDirectory last = runs.create("last", spec(Selection.LAST));
        RunDirectory best = runs.create("best", spec(new Selection(true, 0, 0, 0, 0)));
        Outcome.Trained ended = train(last);
        Outcome.Trained chosen = train(best);
        assertThat(ended.selected()).isNull();
        assertThat(chosen.steps()).isEqualTo(60);
        Outcome.Selected selected = Objects.requireNonNull(chosen.selected());
        assertThat(selected.stepsSaved()).isZero();
        assertThat(selected.step()).isEqualTo(least(best).step()).isLessThan(60);
        assertThat(chosen.adapterSha256()).isNotEqualTo(ended.adapterSha256());
        assertThat(metrics(best)).extracting(Progress.Metric::validLoss)
                .isEqualTo(metrics(last).stream().map(Progress.Metric::validLoss).toList());
    }

    @Test
    void pausesChangeNeitherTheChoiceNorTheBytes() {
        RunSpec spec = spec(new Selection(true, 2, 0, 0, EPOCHS));
        Outcome.Trained undisturbed = train(runs.create("whole", spec));
        RunDirectory directory = runs.create("paused", spec);
        Outcome outcome = null;
        while (!(outcome instanceof Outcome.Trained)) {
            AtomicInteger asked = new AtomicInteger();
            outcome = new Trainer(directory, () -> asked.incrementAndGet() > 5, 1000).run();
        }
        assertThat(((Outcome.Trained) outcome).adapterSha256()).isEqualTo(undisturbed.adapterSha256());
        assertThat(((Outcome.Trained) outcome).selected()).isEqualTo(undisturbed.selected());
        assertThat(((Outcome.Trained) outcome).steps()).isEqualTo(undisturbed.steps());
    }

    @Test
    void bestNeedsValidation() {
        RunSpec spec = runs.spec();
        assertThatThrownBy(() -> new RunSpec(spec.version(), spec.task(), spec.baseModel(), null, spec.trainingFiles(),
                List.of(),
                spec.lora(), spec.optimizer(), spec.batch(), spec.numerics(), new Selection(true, 0, 0, 0, 0), 1))
                .hasMessage("run.json: selection.best needs at least one validation file.");
    }
}
