package dev.luthier.lab.parity;

import dev.luthier.core.data.DataPreparation;
import dev.luthier.core.data.EncodedFile;
import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.data.SampleEncoder;
import dev.luthier.core.data.SampleOrder;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The sequences that the steps of a run see, one after another, and those of its validation. */
final class SampleSequence {
    private final RunSpec spec;
    private final Path folder;

    /** @param folder where encoded files are put */
    SampleSequence(RunSpec spec, Path folder) {
        this.spec = spec;
        this.folder = folder;
    }

    /** Writes {@code training.safetensors} and {@code validation.safetensors} (see {@link SampleFile}). */
    void write() throws IOException {
        Files.createDirectories(folder);
        ModelDirectory model = ModelDirectory.open(spec.baseModel());
        try (Tokenizer tokenizer = model.tokenizer()) {
            SampleEncoder encoder = SampleEncoder.of(model, tokenizer, spec.task());
            SampleFile.write(folder.resolve("training.safetensors"), training(encoder));
            SampleFile.write(folder.resolve("validation.safetensors"), validation(encoder));
        }
    }

    private List<EncodedSample> training(SampleEncoder encoder) {
        List<EncodedFile> files = open(spec.trainingFiles(), "training", encoder);
        try {
            List<SampleOrder.Source> sources = new ArrayList<>();
            for (int i = 0; i < files.size(); i++) {
                sources.add(new SampleOrder.Source(files.get(i).count(), spec.trainingFiles().get(i).weight()));
            }
            SampleOrder order = new SampleOrder(sources, spec.seed());
            List<EncodedSample> samples = new ArrayList<>();
            for (long place = 0; place < (long) spec.optimizer().steps() * spec.batch().samplesPerStep(); place++) {
                SampleOrder.Visit visit = order.at(place);
                samples.addAll(files.get(visit.file()).get(visit.sample()).sequences());
            }
            return samples;
        } finally {
            files.forEach(EncodedFile::close);
        }
    }

    private List<EncodedSample> validation(SampleEncoder encoder) {
        List<EncodedFile> files = open(spec.validationFiles(), "validation", encoder);
        try {
            List<EncodedSample> samples = new ArrayList<>();
            for (EncodedFile file : files) {
                for (int i = 0; i < file.count(); i++) {
                    samples.addAll(file.get(i).sequences());
                }
            }
            return samples;
        } finally {
            files.forEach(EncodedFile::close);
        }
    }

    private List<EncodedFile> open(List<RunSpec.DataFile> files, String name, SampleEncoder encoder) {
        DataPreparation.Limits limits = new DataPreparation.Limits(spec.task(), spec.batch().maxSampleTokens(),
                spec.batch().skipInvalidShare());
        List<EncodedFile> opened = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            opened.add(DataPreparation.prepare(files.get(i).path(), files.get(i).sha256(),
                    folder.resolve(name + "-" + i + ".tokens"), encoder, limits, spec.numerics().threads()).samples());
        }
        return opened;
    }
}
