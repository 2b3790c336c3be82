package dev.luthier.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.store.Database;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server never takes for garbage what a lost, damaged, older or newer database would know. */
class LostDatabaseTest {
    @TempDir
    Path data;

    private Path file;

    /** A data directory in which there is an upload. */
    @BeforeEach
    void fill() throws IOException {
        try (DataDirectory directory = DataDirectory.open(data);
                Database database = Database.open(directory.db())) {
            database.writeVoid(jdbc -> {
                for (int i = 0; i < 200; i++) {
                    jdbc.sql("insert into organizations (id, name, created_at) values (?, ?, 1)")
                            .params("org-" + i, "name ".repeat(15) + i).update();
                }
            });
            file = Files.writeString(directory.files().resolve("5a2f6a0e-8a76-4f5e-9f0b-0f5b3a0b4a11"), "an upload");
        }
    }

    private Path database() {
        return data.resolve("db/luthier.db");
    }

    private void assertRefused(String code) throws IOException {
        List<Path> before = tree();
        assertThatThrownBy(() -> TestServer.start(data)).isInstanceOfSatisfying(ProblemException.class, refused -> {
            assertThat(refused.problem().code()).isEqualTo(code);
            assertThat(refused.getMessage()).contains("Nothing was changed").contains(data.toString())
                    .doesNotContain("SQLITE", "Exception", "Flyway");
        });
        assertThat(tree()).containsAll(before);
        assertThat(file).hasContent("an upload");
    }

    private List<Path> tree() throws IOException {
        try (Stream<Path> paths = Files.walk(data)) {
            return paths.toList();
        }
    }

    @Test
    void lostDatabaseIsToldAndNothingIsRemoved() throws IOException {
        Files.delete(database());
        assertRefused("database_missing");
    }

    @Test
    void lostFolderOfTheDatabaseIsToldAndNothingIsRemoved() throws IOException {
        Files.delete(database());
        Files.delete(data.resolve("db/reserve"));
        Files.delete(data.resolve("db"));
        assertRefused("database_missing");
    }

    @Test
    void emptyFileInThePlaceOfTheDatabaseIsNoDatabase() throws IOException {
        Files.write(database(), new byte[0]);
        assertRefused("database_missing");
    }

    @Test
    void databaseWithoutTablesIsNoDatabase() throws IOException, SQLException {
        Files.delete(database());
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database())) {
            connection.createStatement().execute("pragma user_version = 1");
        }
        assertRefused("database_missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"files", "uploads", "adapters", "runs", "tmp"})
    void folderOfAnotherProgramIsNotTakenOver(String name) throws IOException {
        Path other = Files.createDirectories(data.resolve("home/" + name));
        Path letter = Files.writeString(other.resolve("letter.txt"), "Dear all");
        assertThatThrownBy(() -> TestServer.start(data.resolve("home"))).isInstanceOf(ProblemException.class)
                .hasMessageContaining("1 in " + name + "/");
        assertThat(letter).exists();
    }

    @Test
    void databaseCutInTheMiddleIsFoundAtStart() throws IOException {
        try (RandomAccessFile content = new RandomAccessFile(database().toFile(), "rw")) {
            content.setLength(content.length() / 2);
        }
        assertRefused("database_damaged");
    }

    @Test
    void databaseWithAnOverwrittenPageIsFoundAtStart() throws IOException {
        try (RandomAccessFile content = new RandomAccessFile(database().toFile(), "rw")) {
            content.seek(content.length() - 4096);
            content.write(new byte[4096]);
        }
        assertRefused("database_damaged");
    }

    @Test
    void fileThatIsNoDatabaseIsFoundAtStart() throws IOException {
        Files.write(database(), "not a database at all ".repeat(500).getBytes(StandardCharsets.UTF_8));
        assertRefused("database_damaged");
    }

    @Test
    void databaseThatCannotBeOpenedIsAMatterOfPermissions() throws IOException {
        Files.delete(database());
        Files.createDirectory(database());
        assertThatThrownBy(() -> TestServer.start(data)).hasMessageContaining("owner of the data directory");
        assertThat(file).exists();
    }

    @Test
    void databaseOfANewerVersionIsRefused() throws IOException, SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database())) {
            connection.createStatement().execute(
                    """
                            insert into flyway_schema_history
                            select 1000, '1000', 'from the future', type, 'V1000__future.sql', 1, installed_by, installed_on, 1, 1
                            from flyway_schema_history limit 1""");
        }
        assertRefused("database_too_new");
    }

    @Test
    void filesNewerThanARestoredDatabaseStay() throws IOException {
        try (TestServer server = TestServer.start(data)) {
            assertThat(server.get("/health").status()).isEqualTo(200);
        }
        assertThat(file).hasContent("an upload");
    }

    @Test
    void logOfWritesThatWentAfterAKillIsTold() throws IOException {
        Files.writeString(data.resolve("server.json"), "{}");
        try (DataDirectory directory = DataDirectory.open(data)) {
            assertThat(directory.lacksLatestWrites()).isTrue();
        }
        try (Database open = Database.open(data.resolve("db"))) {
            assertThat(open).isNotNull();
            Path killed = data.resolveSibling(data.getFileName() + "-killed");
            Files.createDirectories(killed.resolve("db"));
            for (String name : List.of("db/luthier.db", "db/luthier.db-wal", "server.json")) {
                Files.copy(data.resolve(name), killed.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
            try (DataDirectory directory = DataDirectory.open(killed)) {
                assertThat(directory.lacksLatestWrites()).isFalse();
            }
        }
    }
}
