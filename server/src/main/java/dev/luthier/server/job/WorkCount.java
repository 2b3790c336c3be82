package dev.luthier.server.job;

import dev.luthier.core.data.DataReport.TokenCounts;
import dev.luthier.core.data.ReuseRoom;
import dev.luthier.core.data.SampleOrder;
import dev.luthier.core.plan.SampleWork;
import dev.luthier.server.job.FileDataCheck.CheckedFile;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Adds up samples of some files. Whole runs are counted by walking the same order of samples that the trainer will walk;
 * of very long ones the first {@value #WALKED} samples are walked and the rest is taken to be like them.
 */
final class WorkCount {
    private static final long WALKED = 2_000_000;

    private final List<CheckedFile> files;
    private final long[] tokens;
    private double pairs;

    private WorkCount(List<CheckedFile> files) {
        this.files = files;
        this.tokens = new long[files.size()];
    }

    /**
     * The work of a run.
     *
     * @param visits samples of all steps
     * @param measurements how often the validation samples are evaluated
     * @param reference whether all samples are evaluated once before the first step
     * @param reuseTokens tokens for which there is room to keep what the layers below the adapted ones make of them
     */
    static TrainingWork of(SampleOrder order, List<CheckedFile> training, List<CheckedFile> validation, long visits,
            int measurements, boolean reference, long reuseTokens) {
        ReuseRoom room = new ReuseRoom(reuseTokens);
        int[] prepared = IntStream.range(0, training.size())
                .map(file -> order.visitsPerSample(file, visits) > 1 ? prepared(training.get(file), room) : 0)
                .toArray();
        int[] evaluated = validation.stream().mapToInt(file -> measurements > 1 ? prepared(file, room) : 0).toArray();
        SampleWork preparedEvaluation = first(validation, evaluated);
        SampleWork evaluation = all(validation).times(measurements);
        SampleWork before = reference ? all(training).plus(all(validation)) : SampleWork.NONE;
        return new TrainingWork(steps(order, training, visits, prepared),
                new TrainingWork.Visits(evaluation.plus(before), preparedEvaluation.times(measurements)),
                first(training, prepared).plus(preparedEvaluation));
    }

    private static int prepared(CheckedFile file, ReuseRoom room) {
        return room.give(file.samples(), file::length);
    }

    /** @param prepared of each file, how many of its first samples do not begin at the lowest layer */
    private static TrainingWork.Visits steps(SampleOrder order, List<CheckedFile> files, long visits, int[] prepared) {
        WorkCount all = new WorkCount(files);
        WorkCount again = new WorkCount(files);
        long walked = Math.min(visits, WALKED);
        for (long position = 0; position < walked; position++) {
            SampleOrder.Visit visit = order.at(position);
            all.add(visit.file(), visit.sample());
            if (visit.sample() < prepared[visit.file()]) {
                again.add(visit.file(), visit.sample());
            }
        }
        double factor = (double) visits / walked;
        return new TrainingWork.Visits(all.work().times(factor), again.work().times(factor));
    }

    /** The work of an epoch's samples. */
    static SampleWork epoch(SampleOrder order, List<CheckedFile> files) {
        return steps(order, files, Math.max(1, Math.round(order.samplesPerEpoch())), new int[files.size()]).all();
    }

    private static SampleWork all(List<CheckedFile> files) {
        return first(files, files.stream().mapToInt(CheckedFile::samples).toArray());
    }

    /** The first samples of each file. */
    private static SampleWork first(List<CheckedFile> files, int[] samples) {
        WorkCount count = new WorkCount(files);
        for (int file = 0; file < samples.length; file++) {
            for (int sample = 0; sample < samples[file]; sample++) {
                count.add(file, sample);
            }
        }
        return count.work();
    }

    private void add(int file, int sample) {
        CheckedFile of = files.get(file);
        for (int i = 0; i < of.sequences(); i++) {
            int length = of.lengths().get(sample * of.sequences() + i);
            tokens[file] += length;
            pairs += (double) length * length;
        }
    }

    private SampleWork work() {
        long allTokens = 0;
        double targets = 0;
        for (int file = 0; file < tokens.length; file++) {
            TokenCounts counts = files.get(file).tokens();
            allTokens += tokens[file];
            targets += counts.total() == 0 ? 0 : tokens[file] * (double) counts.targets() / counts.total();
        }
        return new SampleWork(allTokens, targets, pairs);
    }
}
