package dev.luthier.bench.train.report;

import dev.luthier.bench.train.input.BenchShape;
import dev.luthier.bench.train.input.DataKind;
import dev.luthier.bench.train.run.Peer;
import dev.luthier.bench.train.run.Plan;
import java.util.Locale;
import java.util.OptionalDouble;

/** What Luthier sets out to reach, as ratios in one run. */
final class Goals {
    /** By what share the time of a step may differ from the probe's estimate. */
    static final double TIME_ESTIMATE = 0.15;
    /** By what share peak memory may differ from the planner's estimate. */
    static final double MEMORY_ESTIMATE = 0.1;

    private Goals() {}

    /** Luthier's real tokens/s to the peer's, at least. */
    static OptionalDouble speed(Plan plan, String baseType, Peer peer) {
        if (plan.shape() == BenchShape.SMOKE) {
            return OptionalDouble.empty();
        }
        boolean bf16 = baseType.equals("bf16");
        return switch (plan.data()) {
            case D1 -> switch (peer) {
                case DEFAULT -> OptionalDouble.of(3);
                case TUNED -> OptionalDouble.of(bf16 ? 2 : 2.2);
                case COMPILED -> OptionalDouble.empty();
            };
            case D2 -> switch (peer) {
                case DEFAULT -> OptionalDouble.empty();
                case TUNED -> OptionalDouble.of(bf16 ? 1.9 : 1.4);
                case COMPILED -> bf16 ? OptionalDouble.of(1.3) : OptionalDouble.empty();
            };
            case D3 -> OptionalDouble.empty();
            case PAIRS -> peer == Peer.COMPILED ? OptionalDouble.empty() : OptionalDouble.of(2);
        };
    }

    /** Luthier's peak memory to the peer's, at most. */
    static OptionalDouble memory(Plan plan, String baseType, Peer peer) {
        if (plan.shape() == BenchShape.SMOKE) {
            return OptionalDouble.empty();
        }
        if (plan.data().isPairs()) {
            return peer == Peer.COMPILED ? OptionalDouble.empty() : OptionalDouble.of(0.4);
        }
        return switch (peer) {
            case DEFAULT -> OptionalDouble.of(0.5);
            case TUNED -> baseType.equals("fp32") ? OptionalDouble.of(0.45) : OptionalDouble.empty();
            case COMPILED -> OptionalDouble.empty();
        };
    }

    /** Luthier's model FLOP utilisation, at least. */
    static OptionalDouble utilisation(Plan plan, String baseType) {
        BenchShape shape = plan.shape();
        if (baseType.equals("fp32")) {
            return shape == BenchShape.SMOLLM2_135M && plan.data() == DataKind.D2
                    ? OptionalDouble.of(0.78)
                    : OptionalDouble.empty();
        }
        return switch (plan.data()) {
            case D1, PAIRS -> OptionalDouble.empty();
            case D2 -> switch (shape) {
                case SMOLLM2_135M -> OptionalDouble.of(0.63);
                case QWEN2_5_0_5B -> OptionalDouble.of(0.68);
                case SMOLLM2_360M, SMOKE -> OptionalDouble.empty();
            };
            case D3 -> shape == BenchShape.SMOKE ? OptionalDouble.empty() : OptionalDouble.of(0.55);
        };
    }

    /** For example {@code at least 1.9: met}; empty without a goal. */
    static String atLeast(OptionalDouble goal, double reached) {
        return goal.isEmpty() ? "" : words("at least", goal.getAsDouble(), reached >= goal.getAsDouble());
    }

    /** For example {@code at most 0.5: missed}; empty without a goal. */
    static String atMost(OptionalDouble goal, double reached) {
        return goal.isEmpty() ? "" : words("at most", goal.getAsDouble(), reached <= goal.getAsDouble());
    }

    /** For example {@code +4 %, within 15 %: met}. */
    static String within(double share, double expected, double measured) {
        double off = measured / expected - 1;
        return String.format(Locale.ROOT, "%+.0f %%, within %.0f %%: %s", 100 * off, 100 * share,
                Math.abs(off) <= share ? "met" : "missed");
    }

    private static String words(String bound, double goal, boolean met) {
        return String.format(Locale.ROOT, "%s %s: %s", bound, String.valueOf(goal).replaceAll("\\.0$", ""),
                met ? "met" : "missed");
    }
}
