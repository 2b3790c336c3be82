package dev.luthier.core.data;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The endless order in which training visits the samples of weighted files: a function of the files, the seed and the
 * position alone, so a resumed run asks for the position where it stopped and nothing else is stored.
 *
 * <p>A file of {@code n} samples whose weight is the share {@code r} of the largest weight contributes {@code n * r}
 * samples to an epoch. The sum over the files is the size of an epoch; when it is not a whole number, epochs are of the
 * two neighbouring sizes such that {@code e} epochs together have {@code round(e * sum)} samples. Files of the largest
 * weight are visited whole in every epoch. The others walk round and round through one fixed shuffle of their samples,
 * each epoch going on where the one before stopped: no sample is visited a second time before all others of its file
 * were visited. The samples of an epoch, of all files together, are shuffled anew for each epoch.
 *
 * <p>Not for use by several threads at once.
 */
public final class SampleOrder {
    private static final int FILE_SHUFFLE = 1;
    private static final int EPOCH_SHUFFLE = 2;

    private final List<Source> sources;
    private final long seed;
    private final double epochSamples;
    private final List<Permutation> fileShuffles;
    private EpochShares shares;
    private Permutation epochShuffle;

    /**
     * @param sources the files, in the order of the run's spec; at least one of them with a sample
     * @param seed any number
     */
    public SampleOrder(List<Source> sources, long seed) {
        this.sources = List.copyOf(sources);
        this.seed = seed;
        this.shares = EpochShares.first(this.sources);
        this.epochSamples = shares.samplesPerEpoch();
        // An empty file is never asked; its shuffle is of one entry because none would be no shuffle.
        this.fileShuffles = IntStream.range(0, sources.size())
                .mapToObj(file -> new Permutation(Math.max(1, sources.get(file).samples()),
                        Permutation.key(seed, FILE_SHUFFLE, file)))
                .toList();
        this.epochShuffle = epochShuffle(0);
    }

    /**
     * A file as the order sees it.
     *
     * @param samples valid samples of the file, at least 0
     * @param weight greater than 0; only its ratio to the weights of the other files matters
     */
    public record Source(int samples, double weight) {
        public Source {
            if (samples < 0 || !(weight > 0) || !Double.isFinite(weight)) {
                throw new IllegalArgumentException("samples must be at least 0 and weight greater than 0: " + samples
                        + ", " + weight);
            }
        }
    }

    /**
     * Which sample is visited.
     *
     * @param file index into the sources
     * @param sample index into the file's valid samples
     */
    public record Visit(int file, int sample) {}

    /** Samples of an epoch before rounding: sum over the files of samples x weight / largest weight. */
    public double samplesPerEpoch() {
        return epochSamples;
    }

    /** Part of a file's samples that an epoch visits, on average: more than 0, at most 1. */
    public double share(int file) {
        return shares.share(file);
    }

    /** How often each sample of a file is among the first visits, on average. */
    public double visitsPerSample(int file, long visits) {
        return share(file) * (visits / epochSamples);
    }

    /** Samples of the first epoch: {@link #samplesPerEpoch} rounded. */
    public long epochSize() {
        return epochStart(1);
    }

    /** Position of the first sample of an epoch; epochs count from 0. */
    public long epochStart(long epoch) {
        return Math.round(epoch * epochSamples);
    }

    /** The epoch, from 0, that a position belongs to. */
    public long epochOf(long position) {
        if (position < 0) {
            throw new IndexOutOfBoundsException(position);
        }
        long epoch = (long) (position / epochSamples);
        while (epochStart(epoch) > position) {
            epoch--;
        }
        while (epochStart(epoch + 1) <= position) {
            epoch++;
        }
        return epoch;
    }

    /**
     * The sample visited at a position, from 0. Fast while positions stay in one epoch or go forward; going back to an
     * earlier epoch costs time in proportion to its number.
     */
    public Visit at(long position) {
        long epoch = epochOf(position);
        moveTo(epoch);
        long place = epochShuffle.at(position - epochStart(epoch));
        for (int file = 0; file < sources.size(); file++) {
            int share = shares.samples(file);
            if (place < share) {
                long walked = (shares.visited(file) + place) % sources.get(file).samples();
                return new Visit(file, (int) fileShuffles.get(file).at(walked));
            }
            place -= share;
        }
        throw new IllegalStateException("epoch " + epoch + " has fewer samples than its size");
    }

    private void moveTo(long epoch) {
        if (epoch == shares.epoch()) {
            return;
        }
        if (epoch < shares.epoch()) {
            shares = EpochShares.first(sources);
        }
        while (shares.epoch() < epoch) {
            shares = shares.next();
        }
        epochShuffle = epochShuffle(epoch);
    }

    private Permutation epochShuffle(long epoch) {
        return new Permutation(epochStart(epoch + 1) - epochStart(epoch), Permutation.key(seed, EPOCH_SHUFFLE, epoch));
    }
}
