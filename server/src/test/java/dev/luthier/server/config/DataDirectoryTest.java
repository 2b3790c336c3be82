package dev.luthier.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.server.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "its files have no POSIX permissions")
class DataDirectoryTest {
    @TempDir
    Path path;

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static Path open(Path file, String permissions) throws IOException {
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    /** As one looks that was made with mkdir, or restored from an archive. */
    @Test
    void anExistingDirectoryIsTakenFromEveryoneButItsOwner() throws IOException {
        open(path, "rwxr-xr-x");
        for (String name : new String[]{"db", "files", "logs", "models"}) {
            open(Files.createDirectory(path.resolve(name)), "rwxrwxrwx");
        }
        for (String name : new String[]{"master.key", "admin.key", "luthier.yaml", "db/luthier.db",
                "logs/server.log"}) {
            open(Files.writeString(path.resolve(name), ""), "rw-rw-rw-");
        }
        Path program = open(Files.writeString(path.resolve("program"), ""), "rwxr-xr-x");
        DataDirectory.open(path).close();
        for (String name : new String[]{"", "db", "files", "uploads", "models", "adapters", "runs", "logs", "tmp"}) {
            assertThat(permissions(path.resolve(name))).as(name).isEqualTo("rwx------");
        }
        for (String name : new String[]{"master.key", "admin.key", "luthier.yaml", "db/luthier.db",
                "logs/server.log"}) {
            assertThat(permissions(path.resolve(name))).as(name).isEqualTo("rw-------");
        }
        assertThat(permissions(program)).isEqualTo("rwx------");
    }

    @Test
    void aNewDatabaseIsItsOwnersAlone() throws IOException {
        try (DataDirectory directory = DataDirectory.open(path); Database database = Database.open(directory.db())) {
            directory.makeDatabasePrivate();
            database.writeVoid(jdbc -> jdbc.sql("insert into organizations values ('o', 'o', 1)").update());
            for (String name : new String[]{"luthier.db", "luthier.db-wal", "luthier.db-shm"}) {
                assertThat(permissions(directory.db().resolve(name))).as(name).isEqualTo("rw-------");
            }
        }
    }

    /** Base models often lie where everyone reads them. */
    @Test
    void whatLinksLeadToIsLeftAlone(@TempDir Path shared) throws IOException {
        open(shared, "rwxr-xr-x");
        Path file = open(Files.writeString(shared.resolve("settings"), ""), "rw-r--r--");
        Files.createSymbolicLink(path.resolve("models"), shared);
        Files.createSymbolicLink(path.resolve("luthier.yaml"), file);
        DataDirectory.open(path).close();
        assertThat(permissions(shared)).isEqualTo("rwxr-xr-x");
        assertThat(permissions(file)).isEqualTo("rw-r--r--");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aDirectoryThatAllUsersShareIsRefused() throws Exception {
        assertThat(new ProcessBuilder("chmod", "1777", path.toString()).start().waitFor()).isZero();
        assertThatThrownBy(() -> DataDirectory.open(path)).hasMessageContaining("all users of the machine");
        assertThat(permissions(path)).isEqualTo("rwxrwxrwx");
    }
}
