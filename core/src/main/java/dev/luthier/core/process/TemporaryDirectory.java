package dev.luthier.core.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory that goes with the command that made it: when that closes it, when the command is terminated, or, after a
 * kill, when the next command of its kind starts. Thread-safe.
 */
public final class TemporaryDirectory implements AutoCloseable {
    /** Names the process that the directory belongs to: its id and, in epoch milliseconds, its start. */
    private static final String OWNER = "owner";

    private final Path path;
    private final Thread atExit = new Thread(this::exit, "temporary-directory");
    private volatile Runnable user = () -> {};
    private boolean done;

    private TemporaryDirectory(Path path) {
        this.path = path;
    }

    /**
     * Makes a directory where the system has its temporary files, and removes those of its kind whose commands were killed.
     *
     * @param kind start of the directory's name
     */
    public static TemporaryDirectory create(String kind) throws IOException {
        return own(Files.createTempDirectory(kind), kind);
    }

    /** The same below another directory. */
    public static TemporaryDirectory create(Path parent, String kind) throws IOException {
        return own(Files.createTempDirectory(parent, kind), kind);
    }

    private static TemporaryDirectory own(Path path, String kind) throws IOException {
        Files.writeString(path.resolve(OWNER), owner(ProcessHandle.current()));
        sweep(path, kind);
        TemporaryDirectory directory = new TemporaryDirectory(path);
        Runtime.getRuntime().addShutdownHook(directory.atExit);
        return directory;
    }

    private static String owner(ProcessHandle process) {
        return process.pid() + " " + process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    private static void sweep(Path mine, String kind) {
        try (Stream<Path> others = Files.list(mine.resolveSibling(""))) {
            for (Path other : others.filter(one -> one.getFileName().toString().startsWith(kind)).toList()) {
                if (isAbandoned(other)) {
                    delete(other);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // Another user's, or one that is being removed: it is no fault of this command.
        }
    }

    /* One without an owner is kept, or just being made. */
    private static boolean isAbandoned(Path directory) throws IOException {
        Path file = directory.resolve(OWNER);
        if (!Files.isReadable(file)) {
            return false;
        }
        String owner = Files.readString(file);
        return owner.matches("\\d{1,18} \\d{1,18}") && ProcessHandle.of(Long.parseLong(owner.split(" ", 2)[0]))
                .filter(ProcessHandle::isAlive).map(process -> !owner(process).equals(owner)).orElse(true);
    }

    private void exit() {
        user.run();
        remove();
    }

    /** @param end ends what uses the directory; asked for when this program is terminated */
    public void endFirst(Runnable end) {
        user = end;
    }

    public Path path() {
        return path;
    }

    /** Leaves the directory where it is for good. */
    public synchronized void keep() throws IOException {
        Files.deleteIfExists(path.resolve(OWNER));
        done = true;
    }

    @Override
    public void close() {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The program is ending, and the hook running or done.
        }
    }

    private synchronized void remove() {
        if (done) {
            return;
        }
        done = true;
        try {
            delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> files = Files.walk(directory)) {
            deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : deepestFirst) {
            Files.deleteIfExists(file);
        }
    }
}
