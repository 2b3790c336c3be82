package dev.luthier.core.run;

import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The held lock of a run directory; the operating system releases it when the process dies. The directory may be taken
 * from under it, when a backup is restored or a job removed: its holder must not write there any more.
 *
 * @param channel of the locked file
 * @param file where it was
 * @param key of the locked file, as the file system tells files apart; null where it does not
 */
public record RunLock(FileChannel channel, Path file, @Nullable Object key) implements AutoCloseable {

    static @Nullable Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    /** Whether the run directory is still the one that was locked. */
    public boolean isInPlace() {
        try {
            return Objects.equals(key, key(file));
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * To be called before anything is written into the directory.
     *
     * @throws dev.luthier.core.problem.ProblemException RESOURCE {@code run_replaced}, when it is another one by now
     */
    public void requireInPlace() {
        if (!isInPlace()) {
            throw Problem
                    .resource("run_replaced", file.resolveSibling("") + " was removed or replaced while this trainer"
                            + " worked on it. The trainer ends and leaves what is there alone.")
                    .asException();
        }
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
