package dev.luthier.engine.train;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.luthier.engine.decoder.LossSum;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one or several packs came to. Figures of packs add up to those of a step, of an evaluation, or of many steps.
 *
 * @param terms of the loss, by name; it is the sum of their means
 * @param measures what else was found, by name; {@value #ACCURACY} is the share of what was predicted right
 */
public record Figures(SortedMap<String, Mean> terms, SortedMap<String, Mean> measures) {
    /** Share of target tokens, or of samples, that are predicted right, 0 to 1. */
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

    /** Cross-entropy alone. */
    public static Figures of(LossSum loss) {
        return ofCrossEntropy(new Mean(loss.weightedLoss(), loss.weight()),
                Map.of(ACCURACY, new Mean(loss.correct(), loss.targets())));
    }

    /** Cross-entropy with what else is known of it. */
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

    /** Share of what was predicted right, 0 to 1. */
    @JsonIgnore
    public double accuracy() {
        return measures.getOrDefault(ACCURACY, Mean.NONE).value();
    }

    /** The measures but for the accuracy, by name. */
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
