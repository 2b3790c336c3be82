package dev.luthier.server.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.MovableClock;
import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.key.KeyStore;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Role;
import dev.luthier.server.key.Tenant;
import dev.luthier.server.store.Database;
import dev.luthier.server.store.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileServiceTest {
    @TempDir
    Path path;

    private final MovableClock clock = new MovableClock();
    private DataDirectory directory;
    private Database database;
    private FileService files;
    private Principal owner;

    @BeforeEach
    void open() {
        directory = DataDirectory.open(path);
        database = Database.open(directory.db());
        files = new FileService(database, directory, clock);
        KeyStore keys = new KeyStore(database, clock, true);
        owner = keys.authenticate(keys.create("o", "p", "n", Role.MEMBER).secret()).orElseThrow();
    }

    @AfterEach
    void close() {
        database.close();
        directory.close();
    }

    private StoredFile add(@Nullable Long lifetimeHours) throws IOException {
        Path received = directory.temporary().resolve("received");
        Files.writeString(received, "{\"text\":\"abc\"}\n");
        return files.add(owner, new FileService.Upload("a.jsonl", null,
                lifetimeHours == null ? null : Duration.ofHours(lifetimeHours)), received);
    }

    private boolean isFound(StoredFile file) {
        return files.find(owner.sees(), file.id()).isPresent();
    }

    private List<UUID> hold(StoredFile file, UUID job) {
        return database.write(jdbc -> files.hold(jdbc, owner.sees(), List.of(file.id()), job));
    }

    private void release(UUID job) {
        database.writeVoid(jdbc -> files.release(jdbc, job));
        files.sweep();
    }

    @Test
    void bytesOfDeletedFileStayUntilTheLastJobReleasesThem() throws IOException {
        StoredFile file = add(null);
        UUID first = UUID.randomUUID();
        UUID second = UUID.randomUUID();
        assertThat(hold(file, first)).isEmpty();
        assertThat(hold(file, second)).isEmpty();
        files.delete(owner.sees(), file.id());
        assertThat(isFound(file)).isFalse();
        assertThat(files.path(file.id())).exists();
        release(first);
        assertThat(files.path(file.id())).exists();
        release(second);
        assertThat(files.path(file.id())).doesNotExist();
    }

    @Test
    void deletedFilesAndThoseOfOthersCannotBeHeld() throws IOException {
        StoredFile file = add(null);
        UUID job = UUID.randomUUID();
        assertThat(database.<List<UUID>>write(
                jdbc -> files.hold(jdbc, Tenant.ofOrganization("org-other"), List.of(file.id()), job)))
                .containsExactly(file.id());
        files.delete(owner.sees(), file.id());
        assertThat(hold(file, job)).containsExactly(file.id());
    }

    @Test
    void releasedFileThatIsNotDeletedStays() throws IOException {
        StoredFile file = add(null);
        UUID job = UUID.randomUUID();
        hold(file, job);
        release(job);
        assertThat(isFound(file)).isTrue();
        assertThat(files.path(file.id())).exists();
    }

    @Test
    void fileGoesWhenItsLifetimeIsOver() throws IOException {
        StoredFile file = add(2L);
        clock.move(Duration.ofSeconds(7199));
        assertThat(isFound(file)).isTrue();
        clock.move(Duration.ofSeconds(1));
        assertThat(isFound(file)).isFalse();
        assertThat(files.list(owner.sees(), FileFilter.ALL, new Page(0, 20)).total()).isZero();
        files.sweep();
        assertThat(files.path(file.id())).doesNotExist();
    }

    @Test
    void resultFileIsThereOnceItIsRecordedAndHasNoFormat() throws IOException {
        Path written = directory.temporary().resolve("metrics");
        Files.writeString(written, "step,train_loss\n1,2.5\n");
        StoredFile file = files.takeResult(owner.organization(), owner.project(), "step_metrics.csv", written);
        assertThat(written).doesNotExist();
        assertThat(isFound(file)).isFalse();
        database.writeVoid(jdbc -> files.record(jdbc, file));
        assertThat(files.find(owner.sees(), file.id())).contains(file);
        assertThat(file.purpose()).isEqualTo(FilePurpose.FINE_TUNE_RESULTS);
        assertThat(file.format()).isNull();
        assertThat(file.lines()).isEqualTo(2);
        assertThat(file.sizeBytes()).isEqualTo(22);
        assertThat(files.path(file.id())).hasContent("step,train_loss\n1,2.5\n");
        assertThat(files.list(owner.sees(), FileFilter.ALL, new Page(0, 20)).total())
                .as("a filter of formats finds files that have one").isZero();
    }

    @Test
    void whatTheDatabaseDoesNotKnowStaysAtStart() throws IOException {
        StoredFile file = add(null);
        Path newer = files.path(UUID.randomUUID());
        Files.writeString(newer, "uploaded after the backup from which the database was restored");
        Files.writeString(directory.files().resolve("notes.txt"), "put there by hand");
        files.recover();
        assertThat(newer).exists();
        assertThat(directory.files().resolve("notes.txt")).exists();
        assertThat(files.path(file.id())).exists();
    }

    @Test
    void bytesOfAFileThatIsDeletedInTheDatabaseGoAtStart() throws IOException {
        StoredFile file = add(null);
        database.writeVoid(jdbc -> jdbc.sql("update files set deleted_at = 1").update());
        files.recover();
        assertThat(files.path(file.id())).doesNotExist();
    }
}
