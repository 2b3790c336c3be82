package dev.luthier.server.job;

import dev.luthier.core.run.Task;
import dev.luthier.server.job.JobEvent.Level;
import dev.luthier.server.model.BaseModel;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The peak learning rate that suits a LoRA run on a model of some size, and warnings about a rate far from it.
 *
 * <p>LoRA wants about ten times the rate of training all weights, and the wider the model the less: published
 * recommendations are 1e-4 to 5e-4 from one to some ten billion parameters, and rates that suited best fell with the
 * hidden size ("LoRA Without Regret", Thinking Machines, 2025). The rows for small models are what trials of this
 * project gave. "Far" is a factor of three beyond either end.
 */
final class LearningRates {
    private static final double FAR = 3;
    private static final double PREFERENCE = 10;

    /** Rates that suit models of up to so many parameters. */
    private record Range(long parameters, double lowest, double middle, double highest) {
        Range dividedBy(double divisor) {
            return new Range(parameters, lowest / divisor, middle / divisor, highest / divisor);
        }
    }

    private static final List<Range> RANGES = List.of(new Range(50_000_000, 1e-3, 2e-3, 4e-3),
            new Range(500_000_000, 3e-4, 8e-4, 2e-3), new Range(3_000_000_000L, 1e-4, 3e-4, 1e-3),
            new Range(Long.MAX_VALUE, 5e-5, 2e-4, 5e-4));

    private LearningRates() {}

    /**
     * The rate that suits a LoRA run on the model: about the geometric middle of its range; by preferences a tenth of it,
     * since nothing but the reference holds the answers together.
     */
    static double suiting(BaseModel base, Task task) {
        return range(base, task).middle();
    }

    private static Range range(BaseModel base, Task task) {
        Range range = RANGES.stream().filter(one -> base.parameters() <= one.parameters()).findFirst().orElseThrow();
        return task instanceof Task.Preference ? range.dividedBy(PREFERENCE) : range;
    }

    /** A warning, or nothing for a rate in reach of what suits. */
    static List<DataCheck.Note> notes(double rate, BaseModel base, Task task) {
        Range range = range(base, task);
        boolean low = rate < range.lowest() / FAR;
        if (!low && rate <= range.highest() * FAR) {
            return List.of();
        }
        String message = String.format(Locale.ROOT,
                "The learning rate %s is far %s what suits a LoRA run on %s (%d million parameters): about %s to %s.",
                plain(rate), low ? "below" : "above", base.name(), Math.round(base.parameters() / 1e6),
                plain(range.lowest()), plain(range.highest()));
        return List.of(new DataCheck.Note(Level.WARN, message,
                Map.of("learning_rate", rate, "suits_from", range.lowest(), "suits_to", range.highest())));
    }

    private static String plain(double rate) {
        return BigDecimal.valueOf(rate).stripTrailingZeros().toPlainString();
    }
}
