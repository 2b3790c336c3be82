package dev.luthier.engine.train;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.luthier.engine.decoder.LossSum;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Loss and metrics of one or more packs. Figures are additive: those of packs sum to those of a step or an evaluation.
 *
 * @param terms of the loss, by name; it is the sum of their means
 * @param measures other metrics, by name; {@value #ACCURACY} is the share of correct predictions
 */
public record Figures(SortedMap<String, Mean> terms, SortedMap<String, Mean> measures) {
    /** Name of the accuracy: share of target tokens or samples that are predicted correctly, 0 to 1. */
    public static final String ACCURACY = "accuracy";
    public static final Figures NONE = new Figures(Map.of(), Map.of());
    private static final String CROSS_ENTROPY = "cross_entropy";

    public Figures {
        terms = new TreeMap<>(terms);
        measures = new TreeMap<>(measures);
    }

    public Figures(Map<String, Mean> terms, Map<String, Mean> measures) {
        this(new TreeMap<>(terms), new TreeMap<>(measures));
    }

    /** Cross-entropy and token accuracy. */
    public static Figures of(LossSum loss) {
        return ofCrossEntropy(new Mean(loss.weightedLoss(), loss.weight()),
                Map.of(ACCURACY, new Mean(loss.correct(), loss.targets())));
    }

    /** Cross-entropy with given metrics. */
    static Figures ofCrossEntropy(Mean loss, Map<String, Mean> measures) {
        return new Figures(Map.of(CROSS_ENTROPY, loss), measures);
    }

    public Figures plus(Figures other) {
        Figures sum = new Figures(terms, measures);
        other.terms.forEach((name, mean) -> sum.terms.merge(name, mean, Mean::plus));
        other.measures.forEach((name, mean) -> sum.measures.merge(name, mean, Mean::plus));
        return sum;
    }

    /** The loss; of supervised training in nats per target token. */
    @JsonIgnore
    public double loss() {
        double sum = 0;
        for (Mean term : terms.values()) {
            sum += term.value();
        }
        return sum;
    }

    /** Accuracy, 0 to 1; NaN if it was not measured. */
    @JsonIgnore
    public double accuracy() {
        return measures.getOrDefault(ACCURACY, Mean.NONE).value();
    }

    /** All metrics except the accuracy, by name. */
    @JsonIgnore
    public SortedMap<String, Double> others() {
        SortedMap<String, Double> others = new TreeMap<>();
        measures.forEach((name, mean) -> {
            if (!name.equals(ACCURACY)) {
                others.put(name, mean.value());
            }
        });
        return others;
    }
}
