package dev.luthier.core.run;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The files through which a server and a trainer work together. The server writes {@code run.json}, {@code desired}
 * and {@code start-adapter}; the trainer, holding the lock, writes the rest. Either side may be killed at any time.
 * Files that matter are written to a temporary name, forced to disk and renamed.
 *
 * <pre>
 * run.json  desired  start-adapter/  lock  trainer.json  progress.jsonl  outcome.json  trainer.log
 * checkpoints/step-000100/  snapshots/step-000100/  adapter/
 * </pre>
 */
public record RunDirectory(Path path) {

    public Path specFile() {
        return path.resolve("run.json");
    }

    public Path progressFile() {
        return path.resolve("progress.jsonl");
    }

    public Path logFile() {
        return path.resolve("trainer.log");
    }

    /** Samples as tokens, and what layers made of them: only an unfinished run needs it. */
    public Path encoded() {
        return path.resolve("encoded");
    }

    public Path checkpoints() {
        return path.resolve("checkpoints");
    }

    public Path snapshots() {
        return path.resolve("snapshots");
    }

    public Path adapter() {
        return path.resolve("adapter");
    }

    /** Where the server puts a copy of the adapter that training goes on from, if it does. */
    public Path startAdapter() {
        return path.resolve("start-adapter");
    }

    /** Makes the directory and writes the spec. */
    public void create(RunSpec spec) {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        writeDurably(specFile(), RunDocuments.SPEC.writePretty(spec));
    }

    /** Reads {@code run.json}; a missing or malformed one is a USER problem that names the file. */
    public RunSpec readSpec() {
        try {
            return RunDocuments.SPEC.read(Files.readString(specFile()), specFile().toString());
        } catch (IOException e) {
            throw Problem.user("invalid_document", specFile() + " cannot be read: " + e.getMessage()).asException(e);
        }
    }

    public void writeDesired(Desired desired) {
        writeDurably(path.resolve("desired"), desired.name().toLowerCase(Locale.ROOT) + "\n");
    }

    /** What is wanted now; RUN when nothing is written. */
    public Desired readDesired() {
        Path file = path.resolve("desired");
        try {
            return Files.exists(file)
                    ? Desired.valueOf(Files.readString(file).strip().toUpperCase(Locale.ROOT))
                    : Desired.RUN;
        } catch (IOException | IllegalArgumentException e) {
            throw Problem.user("invalid_run_directory", file + " must hold run, pause or cancel.").asException(e);
        }
    }

    public void writeOutcome(Outcome outcome) {
        writeDurably(path.resolve("outcome.json"), RunDocuments.OUTCOME.writePretty(outcome));
    }

    /**
     * How the newest attempt ended; empty when it was killed or is still going on.
     *
     * @throws ProblemException USER, when the file is damaged
     */
    public Optional<Outcome> readOutcome() {
        Path file = path.resolve("outcome.json");
        try {
            return Files.exists(file)
                    ? Optional.of(RunDocuments.OUTCOME.read(Files.readString(file), file.toString()))
                    : Optional.empty();
        } catch (CharacterCodingException e) {
            throw Problem.user("invalid_document", file + " cannot be read: it is no UTF-8").asException();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes the outcome of an earlier attempt, so that a run that was paused can go on. */
    public void clearOutcome() {
        try {
            Files.deleteIfExists(path.resolve("outcome.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Complete progress lines from a byte offset on; a torn last line is left for the next call. In place of a line that is
     * damaged stands a warning. A file that is shorter than the offset was written anew and is read from its start.
     *
     * @param offset 0, or {@link ProgressPage#nextOffset} of the call before
     */
    public ProgressPage readProgress(long offset) {
        if (!Files.exists(progressFile())) {
            return new ProgressPage(List.of(), offset);
        }
        try (RandomAccessFile file = new RandomAccessFile(progressFile().toFile(), "r")) {
            long from = offset > file.length() ? 0 : offset;
            byte[] bytes = new byte[(int) Math.min(16L << 20, file.length() - from)];
            file.seek(from);
            file.readFully(bytes);
            List<Progress> lines = new ArrayList<>();
            int start = 0;
            for (int end = 0; end < bytes.length; end++) {
                if (bytes[end] == '\n') {
                    lines.add(progress(new String(bytes, start, end - start, StandardCharsets.UTF_8), from + start));
                    start = end + 1;
                }
            }
            return new ProgressPage(lines, from + start);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /* The steps that a lost line told of are made all the same: nothing in it is worth a run. */
    private Progress progress(String line, long offset) {
        try {
            return RunDocuments.PROGRESS.read(line, "the line");
        } catch (ProblemException e) {
            return new Progress.Note(0, 0, System.currentTimeMillis(), "warn", "The line of progress.jsonl at byte "
                    + offset + " is damaged and left out: " + e.getMessage());
        }
    }

    /** Progress lines and the byte offset at which the next call goes on. */
    public record ProgressPage(List<Progress> lines, long nextOffset) {}

    /** Takes the exclusive lock, or says that another process holds it. The caller closes it. */
    public Optional<RunLock> tryLock() {
        Path file = path.resolve("lock");
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                FileLock lock = channel.tryLock();
                if (lock != null) {
                    return Optional.of(new RunLock(channel, file, RunLock.key(file)));
                }
            } catch (OverlappingFileLockException e) {
                // Held by this very process: the answer is the same.
            }
            channel.close();
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a trainer works here. */
    public boolean isLocked() {
        if (!Files.exists(path.resolve("lock"))) {
            return false;
        }
        Optional<RunLock> lock = tryLock();
        lock.ifPresent(RunLock::close);
        return lock.isEmpty();
    }

    /**
     * Takes the lock for a trainer and notes its process, so that any server finds it. A server that only asks whether the
     * lock is held holds it for a moment: that is waited for.
     */
    public Optional<RunLock> lockForTrainer() {
        Optional<RunLock> lock = tryLock();
        for (int i = 0; lock.isEmpty() && i < 20; i++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(25));
            lock = tryLock();
        }
        lock.ifPresent(held -> writeDurably(path.resolve("trainer.json"),
                RunDocuments.TRAINER.write(TrainerProcess.current()) + "\n"));
        return lock;
    }

    /** The process that holds the lock; empty when none does, or one of an earlier version that did not note itself. */
    public Optional<TrainerProcess> trainer() {
        Path file = path.resolve("trainer.json");
        try {
            return isLocked() && Files.exists(file)
                    ? Optional.of(RunDocuments.TRAINER.read(Files.readString(file), file.toString()))
                    : Optional.empty();
        } catch (IOException | ProblemException e) {
            return Optional.empty(); // damaged, or not written yet
        }
    }

    /** Writes a small text file so that a reader sees the old or the new content, also after a power failure. */
    public static void writeDurably(Path file, String content) {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
