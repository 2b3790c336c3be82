package dev.luthier.engine.train;

import dev.luthier.core.run.Task;
import dev.luthier.engine.decoder.Pack;
import dev.luthier.engine.decoder.TargetLosses;
import dev.luthier.engine.decoder.TokenFactors;
import dev.luthier.engine.decoder.TrainingDecoder;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Direct preference optimisation with an optional supervised term. Each unit has two sequences, that of the preferred
 * answer first.
 */
final class PreferenceObjective implements Objective {
    private static final String PREFERENCE = "preference";
    private static final String SFT = "sft";

    private final Task.Preference task;
    private final TrainingDecoder decoder;
    private final ReferenceLosses references;
    private final ProgressLog log;

    /**
     * @param decoder not owned
     * @param references owned
     */
    PreferenceObjective(Task.Preference task, TrainingDecoder decoder, ReferenceLosses references, ProgressLog log) {
        this.task = task;
        this.decoder = decoder;
        this.references = references;
        this.log = log;
    }

    @Override
    public boolean prepare(BooleanSupplier stop) {
        long start = System.nanoTime();
        boolean prepared = references.fill(decoder, stop);
        if (prepared && references.computed() > 0) {
            log.note("info",
                    String.format(Locale.ROOT, "computed the reference log-probabilities of %d pairs in %.1f s",
                            references.computed(), (System.nanoTime() - start) / 1e9));
        }
        return prepared;
    }

    @Override
    public Figures addGradients(List<MicroBatch> step) {
        int pairs = step.stream().mapToInt(batch -> batch.units().size()).sum();
        long chosenTokens = step.stream().mapToLong(PreferenceObjective::chosenTokens).sum();
        Figures sum = Figures.NONE;
        for (MicroBatch batch : step) {
            TargetLosses losses = decoder.forwardBackward(batch.pack(), batch.lower(), decoder.tokenHead(batch.pack(),
                    (TokenFactors.ByLoss) found -> factors(batch, found, pairs, chosenTokens)));
            sum = sum.plus(figures(batch, losses));
        }
        return sum;
    }

    @Override
    public Figures evaluate(MicroBatch batch) {
        return figures(batch, decoder.losses(batch.pack(), batch.lower()));
    }

    /** @param pairs and chosenTokens of the whole step */
    private float[] factors(MicroBatch batch, TargetLosses losses, int pairs, long chosenTokens) {
        Pack pack = batch.pack();
        float[] factors = new float[pack.targets()];
        for (int pair = 0; pair < batch.units().size(); pair++) {
            PairLoss loss = loss(batch, losses, pair);
            int middle = pack.firstTarget(2 * pair + 1);
            for (int i = pack.firstTarget(2 * pair); i < pack.firstTarget(2 * pair + 2); i++) {
                factors[i] = (float) (i < middle
                        ? loss.chosenFactor() / pairs + task.sftWeight() / chosenTokens
                        : loss.rejectedFactor() / pairs);
            }
        }
        return factors;
    }

    private PairLoss loss(MicroBatch batch, TargetLosses losses, int pair) {
        int start = batch.pack().firstTarget(2 * pair);
        int middle = batch.pack().firstTarget(2 * pair + 1);
        int end = batch.pack().firstTarget(2 * pair + 2);
        ReferenceLosses.Pair reference = references.of(batch.units().get(pair));
        return PairLoss.of(task, new PairLoss.Answer(losses.sum(start, middle), reference.chosen(), middle - start),
                new PairLoss.Answer(losses.sum(middle, end), reference.rejected(), end - middle));
    }

    private static long chosenTokens(MicroBatch batch) {
        long tokens = 0;
        for (int pair = 0; pair < batch.units().size(); pair++) {
            tokens += batch.pack().firstTarget(2 * pair + 1) - batch.pack().firstTarget(2 * pair);
        }
        return tokens;
    }

    private Figures figures(MicroBatch batch, TargetLosses losses) {
        int pairs = batch.units().size();
        double loss = 0;
        double chosen = 0;
        double rejected = 0;
        int right = 0;
        double chosenLoss = 0;
        long correct = 0;
        for (int pair = 0; pair < pairs; pair++) {
            PairLoss of = loss(batch, losses, pair);
            loss += of.value();
            chosen += of.chosen();
            rejected += of.rejected();
            right += of.margin() > 0 ? 1 : 0;
            for (int i = batch.pack().firstTarget(2 * pair); i < batch.pack().firstTarget(2 * pair + 1); i++) {
                chosenLoss += losses.loss(i);
                correct += losses.isCorrect(i) ? 1 : 0;
            }
        }
        long chosenTokens = chosenTokens(batch);
        Map<String, Mean> terms = new HashMap<>(Map.of(PREFERENCE, new Mean(loss, pairs)));
        if (task.sftWeight() > 0) {
            terms.put(SFT, new Mean(task.sftWeight() * chosenLoss, chosenTokens));
        }
        return new Figures(terms, Map.of(Figures.ACCURACY, new Mean(correct, chosenTokens), "reward_accuracy",
                new Mean(right, pairs), "reward_margin", new Mean(chosen - rejected, pairs), "reward_chosen",
                new Mean(chosen, pairs), "reward_rejected", new Mean(rejected, pairs)));
    }

    @Override
    public void close() {
        references.close();
    }
}
