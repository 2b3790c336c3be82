package dev.luthier.server.api.openai;

import dev.luthier.server.job.Hyperparameters;
import java.math.BigDecimal;
import java.math.MathContext;

/**
 * Learning rates as multiples of 1e-4, reckoned in decimals, so that 0.002 is 20 and not 20.000000000000004.
 */
final class RateMultiplier {
    private static final BigDecimal BASE = BigDecimal.valueOf(Hyperparameters.LEARNING_RATE);
    /** Clients want more than 0; a rate of 0, which only Mistral's dialect can ask for, is shown as this. */
    private static final double LEAST = 1e-9;

    private RateMultiplier() {}

    static double rate(double multiplier) {
        return BigDecimal.valueOf(multiplier).multiply(BASE).doubleValue();
    }

    static double of(double rate) {
        return Math.max(LEAST, BigDecimal.valueOf(rate).divide(BASE, MathContext.DECIMAL64).doubleValue());
    }
}
