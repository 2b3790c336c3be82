package dev.luthier.core.data;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.file.RegularFiles;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Gets the encoded samples of a data file for a run: those that an earlier attempt left, if they are of the same data,
 * encoder and limits, else it encodes them now.
 */
public final class DataPreparation {
    /* Raise when the layout of encoded files or the meaning of samples changes. */
    private static final int VERSION = 3;

    private DataPreparation() {}

    /**
     * What a file must hold to.
     *
     * @param task whose samples it has
     * @param maxSampleTokens a longer sample is a fault
     * @param skipInvalidShare share of the samples that may be faulty and are then left out, 0 to 0.5
     */
    public record Limits(Task task, int maxSampleTokens, double skipInvalidShare) {}

    /**
     * Encoded samples, ready to be read.
     *
     * @param samples the caller closes it
     * @param report what was found; empty when the samples were there already
     */
    public record Prepared(EncodedFile samples, Optional<DataReport> report) {}

    /**
     * Opens the encoded samples of a data file.
     *
     * @param sha256 of the data file, lower-case hex; "" if it need not be checked
     * @param target where the encoded file is or will be
     * @param threads platform threads that encode
     * @throws dev.luthier.core.problem.ProblemException USER, if the file is missing, is not the one with that hash, has
     *     samples of another task, or more faults than the limits allow
     */
    public static Prepared prepare(Path data, String sha256, Path target, SampleEncoder encoder, Limits limits,
            int threads) {
        String found = sha256(data);
        if (!sha256.isEmpty() && !sha256.equals(found)) {
            throw Problem
                    .user("data_changed", data + " was changed: its SHA-256 is " + found + ", expected is " + sha256
                            + ". Put the original file back.")
                    .asException();
        }
        String fingerprint = fingerprint(found, encoder, limits);
        Optional<EncodedFile> existing = existing(target, fingerprint);
        return existing.isPresent()
                ? new Prepared(existing.get(), Optional.empty())
                : encode(data, target, fingerprint, encoder, limits, threads);
    }

    private static Optional<EncodedFile> existing(Path target, String fingerprint) {
        if (!Files.exists(target)) {
            return Optional.empty();
        }
        EncodedFile file;
        try {
            file = EncodedFile.open(target);
        } catch (ProblemException e) {
            // Damaged: it is made again, like one of other data.
            return Optional.empty();
        }
        if (file.fingerprint().equals(fingerprint)) {
            return Optional.of(file);
        }
        file.close();
        return Optional.empty();
    }

    private static Prepared encode(Path data, Path target, String fingerprint, SampleEncoder encoder, Limits limits,
            int threads) {
        DataReport report;
        try (EncodedFileWriter writer = new EncodedFileWriter(target, fingerprint)) {
            report = DataValidator.encode(data, encoder, limits.maxSampleTokens(), threads, writer::add);
            if (report.format() != null && !report.format().suits(limits.task().getClass())) {
                throw Problem.user("invalid_training_data", data + " has lines with " + report.format().key()
                        + ", of which the run's task takes none. Name another file.").asException();
            }
            if (!report.passes(limits.skipInvalidShare())) {
                throw Problem.user("invalid_training_data", data + ": " + report.summary()).asException();
            }
            writer.commit();
        }
        return new Prepared(EncodedFile.open(target), Optional.of(report));
    }

    private static String fingerprint(String dataSha256, SampleEncoder encoder, Limits limits) {
        String content = String.join("\n", "encoded samples " + VERSION, dataSha256, encoder.fingerprint(),
                limits.task().getClass().getSimpleName(), "at most " + limits.maxSampleTokens() + " tokens");
        return Sha256.hex(content);
    }

    private static String sha256(Path file) {
        try {
            return Sha256.hex(file);
        } catch (IOException e) {
            throw Problem.user("missing_data", file + " cannot be read: " + RegularFiles.reason(e) + ".")
                    .asException(e);
        }
    }
}
