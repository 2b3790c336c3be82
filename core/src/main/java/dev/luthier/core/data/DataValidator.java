package dev.luthier.core.data;

import dev.luthier.core.run.Task;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * Checks a data file of any size line by line, in bounded memory, and finds all faults: format alone, as at an upload,
 * or also what the samples are as tokens of a model, as before a job runs.
 */
public final class DataValidator {

    private DataValidator() {}

    /** Receives the units of the valid samples, in the order of the file. */
    @FunctionalInterface
    public interface Sink {
        /** @param line of the sample, from 1 */
        void accept(long line, EncodedUnit unit);
    }

    /** Checks the format. */
    public static DataReport checkFormat(Path file) {
        try (SampleReader reader = SampleReader.open(file)) {
            return checkFormat(reader);
        }
    }

    /** Checks the format of a stream, and closes it. */
    public static DataReport checkFormat(InputStream input) {
        try (SampleReader reader = SampleReader.of(input)) {
            return checkFormat(reader);
        }
    }

    private static DataReport checkFormat(SampleReader reader) {
        Tally tally = new Tally();
        Optional<ParsedLine> line = reader.next();
        while (line.isPresent()) {
            tally.add(line.get());
            line = reader.next();
        }
        return tally.report(reader, null);
    }

    /**
     * Checks the format, encodes every sample and checks its length.
     *
     * @param maxSampleTokens a longer sample is a fault
     * @param threads platform threads that encode; the report and the order of samples do not depend on it
     * @param sink gets the valid samples, on the caller's thread
     * @throws dev.luthier.core.problem.ProblemException if the model cannot be trained on such data at all
     */
    public static DataReport encode(Path file, SampleEncoder encoder, int maxSampleTokens, int threads, Sink sink) {
        return encode(file, encoder, maxSampleTokens, threads, LineWatch.NONE, sink);
    }

    static DataReport encode(Path file, SampleEncoder encoder, int maxSampleTokens, int threads, LineWatch watch,
            Sink sink) {
        Tally tally = new Tally();
        TokenTally tokens = new TokenTally();
        try (SampleReader reader = SampleReader.open(file);
                EncodingPool pool = new EncodingPool(reader, encoder, maxSampleTokens, threads, watch)) {
            Optional<EncodingPool.Encoded> next = pool.next();
            while (next.isPresent()) {
                EncodedUnit unit = next.get().unit();
                ParsedLine line = next.get().line();
                if (tally.add(line) && unit != null) {
                    tokens.add(line.line(), unit);
                    sink.accept(line.line(), unit);
                }
                next = pool.next();
            }
            return tally.report(reader, tokens.counts());
        }
    }

    /** Sums over the lines of a file. */
    private static final class Tally {
        private final DataFaults faults = new DataFaults();
        private final LabelTally labels = new LabelTally();
        private @Nullable DataFormat format;
        private long formatLine;
        private long samples;
        private long faultySamples;

        /** Whether the line is a valid sample of the file's format. */
        boolean add(ParsedLine line) {
            long before = faults.count();
            samples++;
            if (format == null && line.format() != null) {
                format = line.format();
                formatLine = line.line();
            }
            if (line.format() != null && format != null && line.format() != format) {
                faults.ofLine(line.line()).add("", otherFormat(line.format(), format));
            }
            faults.addAll(line);
            boolean valid = faults.count() == before;
            faultySamples += valid ? 0 : 1;
            if (valid && line.sample() instanceof Sample.Labelled labelled) {
                labels.add(labelled);
            }
            return valid;
        }

        private String otherFormat(DataFormat line, DataFormat file) {
            if (file == DataFormat.LABELLED && line != DataFormat.PAIR) {
                return LabelledParser.MISSING;
            }
            String advice = line.suits(Task.Supervised.class) && file.suits(Task.Supervised.class)
                    ? "Put conversations and plain text into files of their own."
                    : "Put lines of one kind into a file of their own.";
            return "the line has " + line.key() + ", but line " + formatLine + " has "
                    + (line == DataFormat.LABELLED ? "none" : file.key()) + ". " + advice;
        }

        DataReport report(SampleReader reader, DataReport.@Nullable TokenCounts tokens) {
            if (samples == 0) {
                faults.add(new DataFault(0, "",
                        reader.fileFault().orElse("the file is empty: it has no line with a sample.")));
            }
            return new DataReport(format, reader.lines(), samples, faultySamples, reader.bytesRead(), faults.kept(),
                    faults.count(), tokens, labels.counts());
        }
    }

    private static final class TokenTally {
        private long total;
        private long targets;
        private int longest;
        private long longestLine;

        void add(long line, EncodedUnit unit) {
            total += unit.length();
            targets += unit.targetTokens();
            if (unit.longest() > longest) {
                longest = unit.longest();
                longestLine = line;
            }
        }

        DataReport.TokenCounts counts() {
            return new DataReport.TokenCounts(total, targets, longest, longestLine);
        }
    }
}
