package dev.luthier.engine.train;

import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunDocuments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;

/**
 * The trainer's end of {@code progress.jsonl}: appends whole lines, numbered within this attempt. A torn last line that
 * a killed attempt left is cut off first.
 */
final class ProgressLog implements AutoCloseable {
    private final FileChannel channel;
    private final int attempt;
    private long sequence;

    private ProgressLog(FileChannel channel, int attempt) {
        this.channel = channel;
        this.attempt = attempt;
    }

    /** Makes one line from what all lines have in common. */
    @FunctionalInterface
    interface Line {
        Progress of(int attempt, long sequence, long timeMillis);
    }

    /** Opens the log of a run as its next attempt. */
    static ProgressLog open(RunDirectory directory) {
        int attempt = 1;
        long whole = 0;
        RunDirectory.ProgressPage page = directory.readProgress(0);
        while (page.nextOffset() > whole) {
            whole = page.nextOffset();
            for (Progress line : page.lines()) {
                attempt = Math.max(attempt, line.attempt() + 1);
            }
            page = directory.readProgress(whole);
        }
        try {
            FileChannel channel = FileChannel.open(directory.progressFile(), StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            channel.truncate(whole);
            channel.position(whole);
            return new ProgressLog(channel, attempt);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Appends a line in one write. */
    void append(Line line) {
        Progress progress = line.of(attempt, ++sequence, System.currentTimeMillis());
        ByteBuffer bytes = ByteBuffer.wrap((RunDocuments.PROGRESS.write(progress) + "\n")
                .getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void note(String level, String message) {
        append((number, line, time) -> new Progress.Note(number, line, time, level, message));
    }

    /** The number of this attempt, from 1. */
    int attempt() {
        return attempt;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
