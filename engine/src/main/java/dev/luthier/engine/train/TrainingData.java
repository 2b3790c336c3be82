package dev.luthier.engine.train;

import dev.luthier.core.data.DataPreparation;
import dev.luthier.core.data.EncodedFile;
import dev.luthier.core.data.Packer;
import dev.luthier.core.data.SampleEncoder;
import dev.luthier.core.data.SampleOrder;
import dev.luthier.core.data.TrainingLength;
import dev.luthier.core.run.RunSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The encoded samples of a run and the order in which steps visit them. Files are encoded once, into
 * {@code encoded/} in the run directory; later attempts read them again.
 */
final class TrainingData implements AutoCloseable {
    private final RunSpec spec;
    private final List<EncodedFile> training = new ArrayList<>();
    private final List<EncodedFile> validation = new ArrayList<>();
    private final SampleOrder order;
    private SampleReuse reuse = SampleReuse.none();

    /**
     * Opens, or encodes first, all files of the spec.
     *
     * @param directory where encoded files are kept
     * @throws dev.luthier.core.problem.ProblemException USER if a file is missing, was changed or has more faults than
     *     the spec allows
     */
    TrainingData(RunSpec spec, Path directory, SampleEncoder encoder, ProgressLog log) {
        this.spec = spec;
        try {
            Files.createDirectories(directory);
            open(spec.trainingFiles(), directory, "training", encoder, log, training);
            open(spec.validationFiles(), directory, "validation", encoder, log, validation);
            List<SampleOrder.Source> sources = new ArrayList<>();
            for (int i = 0; i < training.size(); i++) {
                sources.add(new SampleOrder.Source(training.get(i).count(), spec.trainingFiles().get(i).weight()));
            }
            order = new SampleOrder(sources, spec.seed());
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void open(List<RunSpec.DataFile> files, Path directory, String name, SampleEncoder encoder,
            ProgressLog log, List<EncodedFile> opened) {
        DataPreparation.Limits limits = new DataPreparation.Limits(spec.task(), spec.batch().maxSampleTokens(),
                spec.batch().skipInvalidShare());
        for (int i = 0; i < files.size(); i++) {
            RunSpec.DataFile file = files.get(i);
            DataPreparation.Prepared prepared = DataPreparation.prepare(file.path(), file.sha256(),
                    directory.resolve(name + "-" + i + ".tokens"), encoder, limits, spec.numerics().threads());
            opened.add(prepared.samples());
            prepared.report().filter(report -> !report.isValid())
                    .ifPresent(report -> log.note("warn", file.path().getFileName() + ": left out "
                            + report.faultySamples() + " of " + report.samples() + " samples; " + report.summary()));
        }
    }

    /**
     * The micro-batches of a step.
     *
     * @param step from 1
     */
    List<MicroBatch> step(int step) {
        long first = (long) (step - 1) * spec.batch().samplesPerStep();
        List<UnitPlace> places = new ArrayList<>();
        for (int i = 0; i < spec.batch().samplesPerStep(); i++) {
            SampleOrder.Visit visit = order.at(first + i);
            places.add(new UnitPlace(training.get(visit.file()), visit.sample()));
        }
        return microBatches(places);
    }

    /** Samples whose lower hidden states are known and others never share a micro-batch. */
    private List<MicroBatch> microBatches(List<UnitPlace> places) {
        Map<Boolean, List<UnitPlace>> known = places.stream().collect(Collectors.partitioningBy(reuse::knows));
        List<MicroBatch> batches = new ArrayList<>();
        known.forEach((_, group) -> {
            int[] lengths = group.stream().mapToInt(UnitPlace::length).toArray();
            for (int[] members : Packer.pack(lengths, spec.batch().microBatchTokens())) {
                List<UnitPlace> inPack = Arrays.stream(members).mapToObj(group::get).toList();
                batches.add(new MicroBatch(UnitPlace.pack(inPack), inPack, reuse.lower(inPack)));
            }
        });
        return batches;
    }

    /** Lets samples be taken from there that have lower hidden states. */
    void reuse(SampleReuse states) {
        reuse = states;
    }

    List<EncodedFile> training() {
        return training;
    }

    List<EncodedFile> validation() {
        return validation;
    }

    /** Files of both kinds. */
    List<EncodedFile> all() {
        return Stream.concat(training.stream(), validation.stream()).toList();
    }

    /** Tokens that a micro-batch may have. */
    int largestPack() {
        int largest = spec.batch().microBatchTokens();
        for (EncodedFile file : all()) {
            for (int i = 0; i < file.count(); i++) {
                largest = Math.max(largest, file.length(i));
            }
        }
        return largest;
    }

    /** How often each sample of a training file is visited in the run, on average. */
    double visitsPerSample(int file) {
        return order.visitsPerSample(file, (long) spec.optimizer().steps() * spec.batch().samplesPerStep());
    }

    boolean hasValidation() {
        return !validation.isEmpty();
    }

    /** Visits all validation samples, a few packs in memory at a time. */
    void forEachValidationBatch(Consumer<MicroBatch> visitor) {
        List<UnitPlace> samples = new ArrayList<>();
        long tokens = 0;
        for (EncodedFile file : validation) {
            for (int i = 0; i < file.count(); i++) {
                samples.add(new UnitPlace(file, i));
                tokens += file.length(i);
                if (tokens >= 16L * spec.batch().microBatchTokens()) {
                    microBatches(samples).forEach(visitor);
                    samples.clear();
                    tokens = 0;
                }
            }
        }
        if (!samples.isEmpty()) {
            microBatches(samples).forEach(visitor);
        }
    }

    /** A whole number. */
    double stepsPerEpoch() {
        return TrainingLength.stepsPerEpoch(order.samplesPerEpoch(), spec.batch().samplesPerStep());
    }

    /** Passes over the data after a step, with fraction. */
    double passesAfter(int step) {
        return (double) step * spec.batch().samplesPerStep() / order.samplesPerEpoch();
    }

    @Override
    public void close() {
        training.forEach(EncodedFile::close);
        validation.forEach(EncodedFile::close);
    }
}
