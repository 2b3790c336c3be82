package dev.luthier.core.data;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.jspecify.annotations.Nullable;

/**
 * Parses and encodes lines in batches on platform threads, since the tokenizer is native code, and hands the results
 * out in the order of the file. What is read ahead is bounded. One thread at a time asks.
 */
final class EncodingPool implements AutoCloseable {
    private static final Set<String> REFUSALS = Set.of(SampleEncoder.REFUSED, SampleEncoder.TOO_LONG);

    private static final int BATCH_LINES = 256;
    private static final int BATCH_BYTES = 1 << 20;
    /** Lines that are read and not handed out yet; parsed and encoded they take some ten times as much memory. */
    private static final int AHEAD_BYTES = 32 << 20;

    private final SampleReader reader;
    private final SampleEncoder encoder;
    private final int maxSampleTokens;
    private final int maxBatches;
    private final LineWatch watch;
    private final ExecutorService threads;
    private final Deque<Batch> running = new ArrayDeque<>();
    private long bytesAhead;
    private final Deque<Encoded> ready = new ArrayDeque<>();

    EncodingPool(SampleReader reader, SampleEncoder encoder, int maxSampleTokens, int threads, LineWatch watch) {
        this.reader = reader;
        this.encoder = encoder;
        this.maxSampleTokens = maxSampleTokens;
        this.maxBatches = threads + 1;
        this.watch = watch;
        this.threads = Executors.newFixedThreadPool(threads, Thread.ofPlatform().name("encode-", 0).factory());
    }

    /** A line, and its tokens unless it has faults. */
    record Encoded(ParsedLine line, @Nullable EncodedUnit unit) {}

    private record Batch(Future<List<Encoded>> lines, long bytes) {}

    /** The next line of the file; empty at the end. */
    Optional<Encoded> next() {
        if (ready.isEmpty()) {
            submit();
            Batch first = running.poll();
            if (first != null) {
                ready.addAll(result(first.lines()));
                bytesAhead -= first.bytes();
            }
        }
        return Optional.ofNullable(ready.poll());
    }

    private void submit() {
        while (running.size() < maxBatches && bytesAhead < AHEAD_BYTES) {
            List<LineReader.Line> batch = batch();
            if (batch.isEmpty()) {
                return;
            }
            long bytes = batch.stream().mapToLong(line -> line.bytes().length).sum();
            bytesAhead += bytes;
            running.add(new Batch(threads.submit(() -> batch.stream().map(this::encode).toList()), bytes));
        }
    }

    private List<LineReader.Line> batch() {
        List<LineReader.Line> batch = new ArrayList<>();
        long bytes = 0;
        while (batch.size() < BATCH_LINES && bytes < BATCH_BYTES) {
            Optional<LineReader.Line> line = reader.nextLine();
            if (line.isEmpty()) {
                break;
            }
            batch.add(line.get());
            bytes += line.get().bytes().length;
        }
        return batch;
    }

    private static List<Encoded> result(Future<List<Encoded>> batch) {
        try {
            return batch.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.internal("interrupted", "Encoding was interrupted.").asException();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ProblemException problem) {
                throw problem;
            }
            throw new IllegalStateException("encoding failed", e.getCause());
        }
    }

    private Encoded encode(LineReader.Line raw) {
        ParsedLine line = LineParser.parse(raw);
        Sample sample = line.sample();
        if (sample == null) {
            return new Encoded(line, null);
        }
        DataFaults faults = new DataFaults();
        if (sample instanceof Sample.Labelled labelled && !encoder.targets().isEmpty()) {
            LabelRules.check(labelled, encoder.targets(), faults.ofLine(line.line()));
        }
        if (faults.count() > 0) {
            return faulty(line, faults);
        }
        EncodedUnit encoded;
        watch.now(line.line(), LineWatch.Work.TEMPLATE);
        try {
            encoded = encoder.encode(sample, maxSampleTokens,
                    () -> watch.now(line.line(), LineWatch.Work.TOKENIZER));
        } catch (ProblemException e) {
            if (!REFUSALS.contains(e.problem().code())) {
                throw e;
            }
            return refused(line, e.problem().message());
        } finally {
            watch.now(line.line(), LineWatch.Work.NONE);
        }
        if (sample.format() != DataFormat.LABELLED
                && encoded.sequences().stream().anyMatch(sequence -> sequence.targetTokens() == 0)) {
            return refused(line, "no token of the " + (sample.format() == DataFormat.PAIR ? "answer" : "sample")
                    + " counts in the loss, so there is nothing to learn.");
        }
        return new Encoded(line, encoded);
    }

    private static Encoded refused(ParsedLine line, String message) {
        DataFaults faults = new DataFaults();
        faults.ofLine(line.line()).add("", message);
        return faulty(line, faults);
    }

    private static Encoded faulty(ParsedLine line, DataFaults faults) {
        return new Encoded(new ParsedLine(line.line(), line.format(), null, faults.kept(), faults.count()), null);
    }

    /** Stops the threads; what they have not begun is dropped. */
    @Override
    public void close() {
        running.forEach(batch -> batch.lines().cancel(false));
        threads.close();
    }
}
