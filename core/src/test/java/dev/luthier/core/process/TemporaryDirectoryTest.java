package dev.luthier.core.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TemporaryDirectoryTest {
    @TempDir
    private Path parent;

    private Path abandoned(String name, String owner) throws IOException {
        Path directory = Files.createDirectories(parent.resolve(name + "/deep"));
        Files.writeString(directory.resolve("file"), "data");
        Files.writeString(parent.resolve(name + "/owner"), owner);
        return parent.resolve(name);
    }

    @Test
    void goesWithAllThatIsInItWhenItIsClosed() throws IOException {
        try (TemporaryDirectory directory = TemporaryDirectory.create(parent, "kind-")) {
            Files.createDirectories(directory.path().resolve("a/b"));
        }
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void nextOneOfItsKindRemovesThoseWhoseCommandsWereKilled() throws IOException {
        Path dead = abandoned("kind-1", "999999999999 1");
        Path reused = abandoned("kind-2", ProcessHandle.current().pid() + " 1");
        Path other = abandoned("other-1", "999999999999 1");
        Path foreign = abandoned("kind-3", "not ours");
        try (TemporaryDirectory alive = TemporaryDirectory.create(parent, "kind-");
                TemporaryDirectory _ = TemporaryDirectory.create(parent, "kind-")) {
            assertThat(dead).doesNotExist();
            assertThat(reused).doesNotExist();
            assertThat(other).exists();
            assertThat(foreign).exists();
            assertThat(alive.path()).exists();
        }
    }

    @Test
    void keptOneStaysForGood() throws IOException {
        Path kept;
        try (TemporaryDirectory directory = TemporaryDirectory.create(parent, "kind-")) {
            kept = directory.path();
            directory.keep();
        }
        TemporaryDirectory.create(parent, "kind-").close();
        assertThat(kept).isDirectory();
    }
}
