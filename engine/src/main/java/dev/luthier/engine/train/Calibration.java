package dev.luthier.engine.train;

import dev.luthier.core.adapter.ClassifierConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The temperature of a target under which samples that were not trained on are the least surprising (arXiv 1706.04599). It
 * changes how sure a classifier is, never which label is the most probable.
 *
 * @param target with its temperature
 * @param before with temperature 1
 * @param after with the target's
 */
record Calibration(ClassifierConfig.Target target, Fit before, Fit after, int samples) {
    /** Few samples, all of them told right, would ask for certainty. */
    private static final double LEAST = 0.1;
    private static final double MOST = 10;
    private static final int HALVINGS = 40;

    /**
     * How well probabilities fit what holds.
     *
     * @param loss mean over the samples, in nats
     * @param error expected calibration error, 0 to 1: of single_class how often the most probable label holds, of
     *     multi_class how often each label does
     */
    record Fit(double loss, double error) {
        static Fit of(ClassifierConfig.Target target, List<LabelScores> samples) {
            double loss = 0;
            ReliabilityBins bins = new ReliabilityBins();
            for (LabelScores sample : samples) {
                TargetLoss found = sample.times(1 / target.temperature()).loss(target.lossFunction());
                loss += found.value();
                double[] probabilities = target.probabilities(sample.scores());
                switch (target.lossFunction()) {
                    case SINGLE_CLASS -> bins.add(Arrays.stream(probabilities).max().orElseThrow(), found.correct());
                    case MULTI_CLASS -> {
                        for (int i = 0; i < probabilities.length; i++) {
                            bins.add(probabilities[i], sample.labels().contains(i));
                        }
                    }
                }
            }
            return new Fit(loss / samples.size(), bins.expectedError());
        }
    }

    /**
     * Finds the temperature.
     *
     * @param samples at least one
     */
    static Calibration fit(ClassifierConfig.Target target, List<LabelScores> samples) {
        // The loss is convex in the inverse of the temperature: its slope changes sign once.
        double low = 1 / MOST;
        double high = 1 / LEAST;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = Math.sqrt(low * high);
            if (slope(target, samples, middle) < 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        ClassifierConfig.Target fitted = target.with(1 / Math.sqrt(low * high));
        return new Calibration(fitted, Fit.of(target.with(1), samples), Fit.of(fitted, samples),
                samples.size());
    }

    /** What changed, for a person. */
    String describe() {
        return String.format(Locale.ROOT,
                "%s is calibrated on %d samples: temperature %.3f, validation loss %.4f to %.4f"
                        + " nats, expected calibration error %.4f to %.4f",
                target.name(), samples, target.temperature(),
                before.loss, after.loss, before.error, after.error);
    }

    /** Derivative of the summed loss by what the scores are multiplied with. */
    private static double slope(ClassifierConfig.Target target, List<LabelScores> samples, double factor) {
        double slope = 0;
        for (LabelScores sample : samples) {
            double[] gradient = sample.times(factor).loss(target.lossFunction()).gradient();
            for (int i = 0; i < gradient.length; i++) {
                slope += gradient[i] * sample.scores()[i];
            }
        }
        return slope;
    }
}
