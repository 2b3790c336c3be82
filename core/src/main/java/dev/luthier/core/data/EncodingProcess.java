package dev.luthier.core.data;

import dev.luthier.core.isolation.JavaProgram;
import dev.luthier.core.isolation.ProgramEnd;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;

/**
 * Encodes data files in a process of its own, as {@link DataValidator#encode} does in this one: a line that the model's
 * template or tokenizer cannot cope with then ends that process, and is named. The process is started when it is needed
 * and stays for the next file. Safe for use by several threads, of which one is served at a time.
 */
public final class EncodingProcess implements AutoCloseable {
    /** Code of the problem of a line that no encoding gets past. */
    public static final String POISON = "line_stops_encoding";
    /** Code of the problem of a process that was ended for a reason that may not be the data's. */
    public static final String ENDED = "encoding_ended";

    private static final int HEAP_MEGABYTES = 768;
    private static final int IDLE_SECONDS = 60;
    /* Reports have getters beside their components. */
    private static final ObjectReader REPLY = Json.MAPPER.readerFor(EncodingReply.class)
            .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final Path linesFile;
    private final Duration patience;
    private final ReentrantLock turn = new ReentrantLock(true);
    private volatile @Nullable JavaProgram program;
    /** Guarded by {@link #turn}. */
    private long uses;

    /**
     * @param temporary directory for a short-lived file
     * @param patience how long to wait for files of other callers
     */
    public EncodingProcess(Path temporary, Duration patience) {
        this.linesFile = temporary.resolve("lines-" + UUID.randomUUID());
        this.patience = patience;
    }

    /**
     * Encodes a file.
     *
     * @param lengths gets the tokens of each sequence of each valid sample, in the order of the file; after a problem it has some
     *     of them
     * @throws ProblemException USER {@link #POISON}, or if the model cannot be trained on such data at all; RESOURCE
     *     {@link #ENDED}, or {@code encoding_busy} after the caller's patience
     * @throws InterruptedException when it was interrupted; the process is then stopped
     */
    public DataEncoding.Result encode(DataEncoding encoding, IntConsumer lengths) throws InterruptedException {
        if (!turn.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw Problem.resource("encoding_busy", "Other data is being checked. Try again in a few seconds.")
                    .asException();
        }
        try {
            return inTurn(encoding, lengths);
        } finally {
            uses++;
            stopLater(uses);
            turn.unlock();
        }
    }

    /** Stops the process after a while in which it was not used again. */
    private void stopLater(long lastUse) {
        CompletableFuture.delayedExecutor(IDLE_SECONDS, TimeUnit.SECONDS).execute(() -> {
            if (turn.tryLock()) {
                try {
                    if (uses == lastUse) {
                        close();
                    }
                } finally {
                    turn.unlock();
                }
            }
        });
    }

    private DataEncoding.Result inTurn(DataEncoding encoding, IntConsumer lengths) throws InterruptedException {
        JavaProgram running = running();
        // Pipes cannot be interrupted: a thread of its own reads.
        CompletableFuture<EncodingReply> reply = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                reply.complete(ask(running, encoding, lengths));
            } catch (IOException | RuntimeException e) {
                reply.completeExceptionally(e);
            }
        });
        boolean goesOn = false;
        try {
            EncodingReply found = reply.get();
            goesOn = found.problem() == null || !found.problem().code().equals(POISON);
            return result(found);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException) {
                throw ended(encoding, running.end());
            }
            throw new IllegalStateException("the encoding process answers nonsense", e.getCause());
        } finally {
            if (!goesOn) {
                running.close();
                program = program == running ? null : program;
            }
        }
    }

    private JavaProgram running() {
        JavaProgram current = program;
        if (current == null || !current.isAlive()) {
            try {
                current = JavaProgram.start(EncodingMain.class, HEAP_MEGABYTES, List.of(linesFile.toString()));
            } catch (IOException e) {
                throw new ProblemException(Problem.resource("encoding_not_started",
                        "No process could be started to check the data: " + e.getMessage() + "."), e);
            }
            program = current;
        }
        return current;
    }

    private static EncodingReply ask(JavaProgram program, DataEncoding encoding, IntConsumer lengths)
            throws IOException {
        program.requests().writeUTF(Json.write(encoding));
        program.requests().flush();
        DataInputStream replies = program.replies();
        for (int tokens = replies.readInt(); tokens >= 0; tokens = replies.readInt()) {
            lengths.accept(tokens);
        }
        return REPLY.readValue(replies.readNBytes(replies.readInt()));
    }

    private static DataEncoding.Result result(EncodingReply reply) {
        if (reply.problem() != null) {
            throw reply.problem().asException();
        }
        return new DataEncoding.Result(Objects.requireNonNull(reply.report()), reply.notes());
    }

    /** The process ended; where several lines were in hand, one thread alone finds the one that did it. */
    private ProblemException ended(DataEncoding encoding, ProgramEnd end) throws InterruptedException {
        List<Long> lines = linesInHand();
        if (end.isAbort() && lines.size() == 1) {
            return poison(lines.getFirst(), end.reason()).asException();
        }
        if (end.isAbort() && encoding.threads() > 1) {
            try {
                inTurn(encoding.onOneThread(), tokens -> {});
            } catch (ProblemException found) {
                return found;
            }
        }
        String where = lines.isEmpty() ? "" : " at line " + lines.getFirst();
        return Problem.resource(ENDED, "The process that checks the data ended" + where + ": " + end.reason() + ".")
                .asException();
    }

    /** @param why the line stops it, as a clause */
    static Problem poison(long line, String why) {
        return Problem.user(POISON, "line " + line + ": the sample cannot be encoded: " + why
                + ". Shorten it or take it out, or use another model.");
    }

    private List<Long> linesInHand() {
        try {
            return Files.exists(linesFile) ? LinesInHand.read(linesFile) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops the process at once, whatever it is doing; a later file would start it again. */
    @Override
    public void close() {
        JavaProgram current = program;
        if (current != null) {
            current.close();
        }
        try {
            Files.deleteIfExists(linesFile);
        } catch (IOException e) {
            // Temporary files are emptied at the next start.
        }
    }
}
