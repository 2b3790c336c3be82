package dev.luthier.lab.pretrain;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.decoder.LossSum;
import dev.luthier.engine.decoder.Pack;
import dev.luthier.engine.decoder.TrainingDecoder;
import dev.luthier.engine.train.AdamW;
import dev.luthier.engine.train.CheckpointStore;
import dev.luthier.engine.train.Figures;
import dev.luthier.engine.train.LearningRate;
import dev.luthier.engine.train.OptimizerStep;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The loop of pre-training: batches to updates of every weight, with checkpoints. Interrupted at any point and started
 * again, it ends with the same weights.
 */
final class Pretrainer implements AutoCloseable {
    private static final int REPORT_EVERY_STEPS = 20;
    private static final int EVALUATE_EVERY_STEPS = 500;
    private static final long CHECKPOINT_EVERY_NANOS = 60_000_000_000L;

    private final PretrainRecipe recipe;
    private final LearningRate schedule;
    private final Iterator<List<EncodedSample>> batches;
    private final List<Pack> heldOut;
    private final FullModel model;
    private final TrainingDecoder decoder;
    private final OptimizerStep update;
    private final CheckpointStore<PretrainState> checkpoints;
    private final Consumer<String> out;
    private PretrainState state;

    /** @param batches from the first one on; those already seen are skipped when a checkpoint is resumed */
    Pretrainer(PretrainRecipe recipe, ModelConfig config, Iterator<List<EncodedSample>> batches,
            List<List<EncodedSample>> heldOut, CheckpointStore<PretrainState> checkpoints, Consumer<String> out) {
        this.recipe = recipe;
        this.schedule = recipe.schedule();
        this.batches = batches;
        this.heldOut = heldOut.stream().map(Pack::of).toList();
        this.checkpoints = checkpoints;
        this.out = out;
        model = new FullModel(config, recipe.type());
        decoder = new TrainingDecoder(model.copy(), model.trainable(), MemoryTier.KEEP);
        PretrainRecipe.Optimizer settings = recipe.optimizer();
        update = new OptimizerStep(model.parameters(), new AdamW.Settings(settings.beta1(), settings.beta2(),
                settings.epsilon(), settings.weightDecay()), settings.maxGradientNorm());
        state = new PretrainState(recipe, 0, 0, 0, 0, 0);
    }

    /**
     * Trains to the end, or until asked to stop, which writes a checkpoint.
     *
     * @param resume go on from the latest checkpoint, if there is one
     * @return whether the end was reached
     */
    boolean run(boolean resume, BooleanSupplier stopped) {
        Optional<CheckpointStore.Checkpoint<PretrainState>> latest = resume
                ? checkpoints.latest(out)
                : Optional.empty();
        latest.ifPresentOrElse(this::load, this::begin);
        long lastCheckpoint = System.nanoTime();
        Window window = new Window();
        while (state.step() < schedule.steps() && !stopped.getAsBoolean()) {
            window.add(step());
            if (state.step() % REPORT_EVERY_STEPS == 0 || state.step() == schedule.steps()) {
                window.report();
                window = new Window();
            }
            if (state.step() % EVALUATE_EVERY_STEPS == 0) {
                out.accept(String.format(Locale.ROOT, "step %d: held-out %s", state.step(), describe(heldOut())));
            }
            if (System.nanoTime() - lastCheckpoint > CHECKPOINT_EVERY_NANOS) {
                save();
                lastCheckpoint = System.nanoTime();
            }
        }
        save();
        return state.step() == schedule.steps();
    }

    private void begin() {
        model.initialize(recipe.seed(), recipe.model().initializerRange(), recipe.model().copyHeads());
        LossSum before = heldOut();
        state = new PretrainState(recipe, 0, 0, 0, 0, before.meanLoss());
        out.accept(String.format(Locale.ROOT, "%d parameters; held-out before: %s",
                model.master().config().parameterCount(), describe(before)));
    }

    private void load(CheckpointStore.Checkpoint<PretrainState> checkpoint) {
        PretrainState loaded = checkpoint.state();
        if (!recipe.continues(loaded.recipe())) {
            throw Problem.user("recipe_changed", checkpoint.path() + " was made with another recipe. Only the number"
                    + " of steps and of decay steps may change; use another output directory.").asException();
        }
        update.tensors().forEach(checkpoint::load);
        update.refresh();
        for (long i = 0; i < loaded.batches(); i++) {
            batches.next();
        }
        state = new PretrainState(recipe, loaded.step(), loaded.batches(), loaded.tokens(), loaded.trainSeconds(),
                loaded.heldOutBefore());
        out.accept(String.format(Locale.ROOT, "resumed from step %d", state.step()));
    }

    private void save() {
        checkpoints.save(state.step(), state, update.tensors());
    }

    private record StepResult(OptimizerStep.Update update, LossSum loss, long tokens, double seconds) {}

    private StepResult step() {
        List<Pack> packs = new ArrayList<>();
        for (int i = 0; i < recipe.optimizer().batchesPerStep(); i++) {
            packs.add(Pack.of(batches.next()));
        }
        long start = System.nanoTime();
        double weight = packs.stream().mapToDouble(Pack::weightSum).sum();
        int step = state.step() + 1;
        LossSum[] loss = {LossSum.ZERO};
        OptimizerStep.Update made = update.run(step, schedule.at(step), () -> {
            packs.forEach(pack -> loss[0] = loss[0].plus(decoder.forwardBackward(pack, weight)));
            return Figures.of(loss[0]);
        });
        long tokens = packs.stream().mapToLong(Pack::realTokens).sum();
        double seconds = (System.nanoTime() - start) / 1e9;
        state = new PretrainState(recipe, step, state.batches() + packs.size(), state.tokens() + tokens,
                state.trainSeconds() + seconds, state.heldOutBefore());
        return new StepResult(made, loss[0], tokens, seconds);
    }

    /** Loss of the held-out text. */
    LossSum heldOut() {
        LossSum sum = LossSum.ZERO;
        for (Pack pack : heldOut) {
            sum = sum.plus(decoder.evaluate(pack));
        }
        return sum;
    }

    PretrainState state() {
        return state;
    }

    /** The weights as the decoder reads them. */
    DecoderWeights weights() {
        return model.copy();
    }

    static String describe(LossSum loss) {
        return String.format(Locale.ROOT, "loss %.4f, accuracy %.4f", loss.meanLoss(), loss.accuracy());
    }

    /** What happened since the last report. */
    private final class Window {
        private LossSum loss = LossSum.ZERO;
        private double norm;
        private long tokens;
        private double seconds;

        void add(StepResult step) {
            loss = loss.plus(step.loss);
            norm = step.update.gradientNorm();
            tokens += step.tokens;
            seconds += step.seconds;
        }

        void report() {
            out.accept(String.format(Locale.ROOT,
                    "step %d/%d: %s, rate %.2e, gradient norm %.2f, %d tokens, %.0f tokens/s", state.step(),
                    schedule.steps(), describe(loss), schedule.at(state.step()), norm, state.tokens(),
                    tokens / seconds));
        }
    }

    @Override
    public void close() {
        update.close();
        decoder.close();
        model.close();
    }
}
