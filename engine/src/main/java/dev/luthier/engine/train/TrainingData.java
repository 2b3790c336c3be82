package dev.luthier.engine.train;

import dev.luthier.core.data.DataPreparation;
import dev.luthier.core.data.EncodedFile;
import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.data.Packer;
import dev.luthier.core.data.SampleEncoder;
import dev.luthier.core.data.SampleOrder;
import dev.luthier.core.data.TrainingLength;
import dev.luthier.core.run.RunSpec;
import dev.luthier.engine.decoder.Pack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The encoded samples of a run and the order in which steps visit them. Files are encoded once, into
 * {@code encoded/} in the run directory; later attempts read them again.
 */
final class TrainingData implements AutoCloseable {
    private final RunSpec spec;
    private final List<EncodedFile> training = new ArrayList<>();
    private final List<EncodedFile> validation = new ArrayList<>();
    private final SampleOrder order;

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
        DataPreparation.Limits limits = new DataPreparation.Limits(spec.batch().maxSampleTokens(),
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
    List<Pack> step(int step) {
        long first = (long) (step - 1) * spec.batch().samplesPerStep();
        List<EncodedSample> samples = new ArrayList<>();
        for (int i = 0; i < spec.batch().samplesPerStep(); i++) {
            SampleOrder.Visit visit = order.at(first + i);
            samples.add(training.get(visit.file()).get(visit.sample()));
        }
        return packs(samples, spec.batch().microBatchTokens());
    }

    private static List<Pack> packs(List<EncodedSample> samples, int maxTokens) {
        int[] lengths = samples.stream().mapToInt(EncodedSample::length).toArray();
        List<Pack> packs = new ArrayList<>();
        for (int[] members : Packer.pack(lengths, maxTokens)) {
            List<EncodedSample> inPack = new ArrayList<>();
            for (int member : members) {
                inPack.add(samples.get(member));
            }
            packs.add(Pack.of(inPack));
        }
        return packs;
    }

    boolean hasValidation() {
        return !validation.isEmpty();
    }

    /** Receives the packs of the validation files, one after another. */
    @FunctionalInterface
    interface PackVisitor {
        void visit(Pack pack);
    }

    /** Visits all validation samples, a few packs in memory at a time. */
    void forEachValidationPack(PackVisitor visitor) {
        List<EncodedSample> samples = new ArrayList<>();
        long tokens = 0;
        for (EncodedFile file : validation) {
            for (int i = 0; i < file.count(); i++) {
                samples.add(file.get(i));
                tokens += file.length(i);
                if (tokens >= 16L * spec.batch().microBatchTokens()) {
                    packs(samples, spec.batch().microBatchTokens()).forEach(visitor::visit);
                    samples.clear();
                    tokens = 0;
                }
            }
        }
        if (!samples.isEmpty()) {
            packs(samples, spec.batch().microBatchTokens()).forEach(visitor::visit);
        }
    }

    /** Epochs that are complete after a step; an epoch has whole steps. */
    int epochsAfter(int step) {
        return (int) (step / TrainingLength.stepsPerEpoch(order.samplesPerEpoch(), spec.batch().samplesPerStep()));
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
