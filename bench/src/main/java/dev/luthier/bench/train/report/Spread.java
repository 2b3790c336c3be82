package dev.luthier.bench.train.report;

import java.util.Arrays;
import java.util.Locale;

/** Median, least and greatest of some figures. */
record Spread(double median, double least, double greatest) {

    /** @param values at least one */
    static Spread of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no values");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }

    /** For example {@code 1.52 (1.48 to 1.60)}. */
    String text(int digits) {
        String number = "%,." + digits + "f";
        return String.format(Locale.ROOT, number + " (" + number + " to " + number + ")", median, least, greatest);
    }
}
