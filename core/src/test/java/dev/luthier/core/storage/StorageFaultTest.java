package dev.luthier.core.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.luthier.core.problem.Problem;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageFaultTest {
    @TempDir
    Path directory;

    @Test
    void faultsOfTheDiskAreFoundAtAnyDepth() {
        assertThat(StorageFault.in(new IOException("No space left on device"))).contains(StorageFault.FULL);
        assertThat(
                StorageFault.in(new UncheckedIOException(new FileSystemException("/a", null, "Disk quota exceeded"))))
                .contains(StorageFault.FULL);
        assertThat(StorageFault.in(new ExecutionException(Problem.user("unreadable", "a cannot be read")
                .asException(new FileNotFoundException("/a (Too many open files)")))))
                .contains(StorageFault.NO_HANDLES);
        assertThat(StorageFault.in(new IOException("Cannot run program \"x\": error=30, Read-only file system")))
                .contains(StorageFault.READ_ONLY);
        assertThat(StorageFault.in(new FileSystemException("/a", null, "Input/output error")))
                .contains(StorageFault.FAILING);
    }

    @Test
    void otherFaultsAreNone() {
        assertThat(StorageFault.in(null)).isEmpty();
        assertThat(StorageFault.in(new NoSuchFileException("/No space/left"))).isEmpty();
        assertThat(StorageFault.in(new IllegalStateException("No space left on device"))).isEmpty();
        Throwable ring = new IllegalStateException("a");
        ring.initCause(new IllegalStateException("b", ring));
        assertThat(StorageFault.in(ring)).isEmpty();
    }

    @Test
    void theKernelsOwnTextIsRecognised() {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "/dev/full, a disk that is always full, is not on this machine");
        assertThatThrownBy(() -> Files.write(full, new byte[10]))
                .satisfies(thrown -> assertThat(StorageFault.in(thrown)).contains(StorageFault.FULL));
    }

    @Test
    void problemNamesTheBytesAndNotThePlace() {
        Problem problem = StorageFault.FULL.problem(directory, 12_345);
        assertThat(problem.message()).contains("12,345 bytes are needed", "bytes are free", "Free some space")
                .doesNotContain(directory.toString());
        assertThat(StorageFault.ofCode(problem.code())).contains(StorageFault.FULL);
        assertThat(StorageFault.ofCode("file_not_found")).isEmpty();
    }
}
