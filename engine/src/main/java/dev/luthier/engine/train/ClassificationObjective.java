package dev.luthier.engine.train;

import dev.luthier.core.adapter.ClassifierConfig;
import dev.luthier.core.data.LabelCodes;
import dev.luthier.core.run.Task;
import dev.luthier.engine.decoder.ClassifierHead;
import dev.luthier.engine.decoder.TrainingDecoder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The labels of texts: of each target the mean loss over the samples that speak of it, by the targets' weights. At the end
 * each target gets a temperature. Legend: N samples of a pack, C labels of all targets.
 */
final class ClassificationObjective implements Objective {
    private final List<Task.Target> targets;
    private final TrainingDecoder decoder;
    private final ClassifierHead head;
    private ClassifierConfig classifier;

    /**
     * @param decoder not owned
     * @param head owned
     */
    ClassificationObjective(Task.Classification task, TrainingDecoder decoder, ClassifierHead head) {
        this.targets = task.targets();
        this.decoder = decoder;
        this.head = head;
        this.classifier = ClassifierConfig.of(task);
    }

    /** Receives what a sample says of a target. */
    @FunctionalInterface
    private interface LabelVisitor {
        /**
         * @param sample of the pack
         * @param firstLabel of the target, among those of all targets
         * @param labels that hold, counted within the target
         */
        void visit(int sample, int target, int firstLabel, List<Integer> labels);
    }

    private void forEachLabelled(MicroBatch batch, LabelVisitor visitor) {
        for (int sample = 0; sample < batch.units().size(); sample++) {
            List<List<Integer>> labels = LabelCodes.decode(targets.size(), batch.units().get(sample).unit().labels());
            int firstLabel = 0;
            for (int target = 0; target < targets.size(); target++) {
                if (labels.get(target) != null) {
                    visitor.visit(sample, target, firstLabel, labels.get(target));
                }
                firstLabel += targets.get(target).labels().size();
            }
        }
    }

    private LabelScores scores(float[] all, int target, int firstLabel, List<Integer> labels) {
        double[] scores = new double[targets.get(target).labels().size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = all[firstLabel + i];
        }
        return new LabelScores(scores, labels);
    }

    @Override
    public boolean prepare(BooleanSupplier stop) {
        return true;
    }

    @Override
    public Figures addGradients(List<MicroBatch> step) {
        int[] samples = new int[targets.size()];
        step.forEach(batch -> forEachLabelled(batch, (_, target, _, _) -> samples[target]++));
        Figures sum = Figures.NONE;
        for (MicroBatch batch : step) {
            float[][] scores = decoder.forwardBackward(batch.pack(), batch.lower(),
                    head.learn(batch.pack(), found -> gradient(batch, found, samples)));
            sum = sum.plus(figures(batch, scores));
        }
        return sum;
    }

    /**
     * The gradient of the step's loss by the scores of a pack, [N][C].
     *
     * @param samples of the whole step that speak of each target
     */
    private float[][] gradient(MicroBatch batch, float[][] scores, int[] samples) {
        float[][] gradient = new float[scores.length][scores[0].length];
        forEachLabelled(batch, (sample, target, firstLabel, labels) -> {
            Task.Target of = targets.get(target);
            double[] found = scores(scores[sample], target, firstLabel, labels).loss(of.lossFunction()).gradient();
            for (int i = 0; i < found.length; i++) {
                gradient[sample][firstLabel + i] = (float) (of.weight() / samples[target] * found[i]);
            }
        });
        return gradient;
    }

    @Override
    public Figures evaluate(MicroBatch batch) {
        return figures(batch, decoder.forward(batch.pack(), batch.lower(), head.scores(batch.pack())));
    }

    private Figures figures(MicroBatch batch, float[][] scores) {
        Map<String, Mean> terms = new HashMap<>();
        Map<String, Mean> measures = new HashMap<>();
        forEachLabelled(batch, (sample, target, firstLabel, labels) -> {
            Task.Target of = targets.get(target);
            TargetLoss loss = scores(scores[sample], target, firstLabel, labels).loss(of.lossFunction());
            Mean right = new Mean(loss.correct() ? 1 : 0, 1);
            terms.merge(of.name(), new Mean(of.weight() * loss.value(), 1), Mean::plus);
            measures.merge("loss/" + of.name(), new Mean(loss.value(), 1), Mean::plus);
            measures.merge(Figures.ACCURACY + "/" + of.name(), right, Mean::plus);
            measures.merge(Figures.ACCURACY, right, Mean::plus);
        });
        return new Figures(terms, measures);
    }

    @Override
    public void conclude(TrainingData data, ProgressLog log) {
        List<List<LabelScores>> found = new ArrayList<>();
        targets.forEach(_ -> found.add(new ArrayList<>()));
        data.forEachValidationBatch(batch -> {
            float[][] scores = decoder.forward(batch.pack(), batch.lower(), head.scores(batch.pack()));
            forEachLabelled(batch, (sample, target, firstLabel, labels) -> found.get(target)
                    .add(scores(scores[sample], target, firstLabel, labels)));
        });
        List<ClassifierConfig.Target> calibrated = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            ClassifierConfig.Target target = classifier.targets().get(i);
            if (!found.get(i).isEmpty()) {
                Calibration calibration = Calibration.fit(target, found.get(i));
                log.note("info", calibration.describe());
                target = calibration.target();
            }
            calibrated.add(target);
        }
        classifier = new ClassifierConfig(calibrated);
    }

    @Override
    public ClassifierConfig classifier() {
        return classifier;
    }

    @Override
    public void close() {
        head.close();
    }
}
