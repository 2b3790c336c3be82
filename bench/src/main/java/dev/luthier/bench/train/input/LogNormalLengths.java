package dev.luthier.bench.train.input;

import java.util.stream.IntStream;

/**
 * Log-normal lengths: {@code exp(location + scale z)} with a standard normal {@code z}.
 *
 * @param location mean of the logarithm
 * @param scale standard deviation of the logarithm
 */
record LogNormalLengths(double location, double scale) {
    /** The standard normal quantile of 0.99. */
    private static final double Z99 = 2.3263478740408408;

    /** The distribution with this mean and 99th percentile; the one with the smaller scale of the two there are. */
    static LogNormalLengths of(double mean, double p99) {
        double discriminant = Z99 * Z99 - 2 * Math.log(p99 / mean);
        if (!(mean > 0) || !(p99 > mean) || discriminant < 0) {
            throw new IllegalArgumentException(
                    "no log-normal distribution has mean " + mean + " and 99th percentile " + p99);
        }
        double scale = Z99 - Math.sqrt(discriminant);
        return new LogNormalLengths(Math.log(mean) - scale * scale / 2, scale);
    }

    /**
     * The middles of {@code count} slices of equal probability, ascending: lengths that follow the distribution as
     * closely as so many can.
     *
     * @param least shorter ones become this long
     * @param most longer ones become this long
     */
    int[] quantiles(int count, int least, int most) {
        return IntStream.range(0, count)
                .map(i -> Math.clamp(Math.round(quantile((i + 0.5) / count)), least, most)).toArray();
    }

    double quantile(double probability) {
        return Math.exp(location + scale * normalQuantile(probability));
    }

    /** Inverse of the standard normal distribution function by bisection on a series for it; good to about 1e-12. */
    static double normalQuantile(double probability) {
        double low = -9;
        double high = 9;
        while (high - low > 1e-12) {
            double middle = (low + high) / 2;
            if (normal(middle) < probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    /** Standard normal distribution function: the Taylor series of Marsaglia (2004). */
    private static double normal(double x) {
        double sum = x;
        double term = x;
        double before = 0;
        for (int i = 3; sum != before; i += 2) {
            before = sum;
            term *= x * x / i;
            sum += term;
        }
        return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }
}
