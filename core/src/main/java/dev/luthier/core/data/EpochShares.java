package dev.luthier.core.data;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How many samples each file gives to one epoch, and how many it gave to the epochs before.
 *
 * <p>A file's due after {@code e} epochs is {@code e * samples * weight / largest weight}. Each epoch gives every file
 * the whole part of what it is owed; the samples that are then missing to the epoch's size go to the files with the
 * largest remainders. Since what is owed is carried over, shares hold over several epochs also for files that are due
 * less than one sample an epoch.
 */
final class EpochShares {
    private final List<SampleOrder.Source> sources;
    private final double largestWeight;
    private final long epoch;
    private final long[] visited;
    private final int[] shares;

    private EpochShares(List<SampleOrder.Source> sources, double largestWeight, long epoch, long[] visited) {
        this.sources = sources;
        this.largestWeight = largestWeight;
        this.epoch = epoch;
        this.visited = visited;
        this.shares = divide();
    }

    static EpochShares first(List<SampleOrder.Source> sources) {
        double largestWeight = sources.stream().filter(source -> source.samples() > 0)
                .mapToDouble(SampleOrder.Source::weight).max()
                .orElseThrow(() -> new IllegalArgumentException("no file has a sample"));
        return new EpochShares(sources, largestWeight, 0, new long[sources.size()]);
    }

    EpochShares next() {
        long[] after = visited.clone();
        for (int file = 0; file < after.length; file++) {
            after[file] += shares[file];
        }
        return new EpochShares(sources, largestWeight, epoch + 1, after);
    }

    long epoch() {
        return epoch;
    }

    /** Samples that a file gives to this epoch. */
    int samples(int file) {
        return shares[file];
    }

    /** Samples that a file gave to all earlier epochs. */
    long visited(int file) {
        return visited[file];
    }

    double samplesPerEpoch() {
        // A plain loop: the streams' sum may add in any order, and this number must be the same everywhere.
        double sum = 0;
        for (int file = 0; file < sources.size(); file++) {
            sum += due(file);
        }
        return sum;
    }

    private double due(int file) {
        SampleOrder.Source source = sources.get(file);
        return source.samples() * share(file);
    }

    /** Part of a file's samples that an epoch visits, on average. */
    double share(int file) {
        return Math.min(1, sources.get(file).weight() / largestWeight);
    }

    private int[] divide() {
        double perEpoch = samplesPerEpoch();
        long missing = Math.round((epoch + 1) * perEpoch) - Math.round(epoch * perEpoch);
        int[] result = new int[sources.size()];
        double[] remainder = new double[sources.size()];
        for (int file = 0; file < result.length; file++) {
            double owed = (epoch + 1) * due(file) - visited[file];
            result[file] = Math.clamp((long) Math.floor(owed), 0, sources.get(file).samples());
            remainder[file] = owed - result[file];
            missing -= result[file];
        }
        Comparator<Integer> mostOwed = Comparator.<Integer>comparingDouble(file -> remainder[file]).reversed();
        while (missing != 0) {
            boolean give = missing > 0;
            int file = IntStream.range(0, result.length).boxed()
                    .filter(i -> give ? result[i] < sources.get(i).samples() : result[i] > 0)
                    .min(give ? mostOwed : mostOwed.reversed()).orElseThrow();
            result[file] += give ? 1 : -1;
            remainder[file] += give ? -1 : 1;
            missing += give ? -1 : 1;
        }
        return result;
    }
}
