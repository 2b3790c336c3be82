package dev.luthier.server.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.server.Eventually;
import dev.luthier.server.MovableClock;
import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.file.PartedUpload.Status;
import dev.luthier.server.key.KeyStore;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Role;
import dev.luthier.server.store.Database;
import dev.luthier.server.store.StorageHealth;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadServiceTest {
    private static final String FIRST = "{\"text\":\"a";
    private static final String SECOND = "bc\"}\n";

    @TempDir
    Path path;

    private final MovableClock clock = new MovableClock();
    private DataDirectory directory;
    private Database database;
    private FileService files;
    private UploadService uploads;
    private Principal owner;

    @BeforeEach
    void open() {
        directory = DataDirectory.open(path);
        database = Database.open(directory.db());
        files = new FileService(database, directory, clock);
        uploads = new UploadService(database, directory, files, clock);
        KeyStore keys = new KeyStore(database, clock, true);
        owner = keys.authenticate(keys.create("o", "p", "n", Role.MEMBER).secret()).orElseThrow();
    }

    @AfterEach
    void close() {
        database.close();
        directory.close();
    }

    private PartedUpload create() {
        return uploads.create(owner, new FileService.Upload("a.jsonl", "text/jsonl", Duration.ofHours(2)), "text/jsonl",
                (FIRST + SECOND).length());
    }

    private UUID add(PartedUpload upload, String bytes) throws IOException {
        Path received = directory.temporary().resolve("received");
        Files.writeString(received, bytes);
        return uploads.addPart(upload, received).id();
    }

    private List<Path> kept() {
        return list(directory.uploads());
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> found = Files.list(folder)) {
            return found.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Status status(PartedUpload upload) {
        return uploads.find(owner.sees(), upload.id()).orElseThrow().status();
    }

    @Test
    void lifetimeOfTheFileCountsFromItsCreation() throws IOException {
        PartedUpload upload = create();
        List<UUID> parts = List.of(add(upload, FIRST), add(upload, SECOND));
        clock.move(Duration.ofMinutes(59));
        StoredFile file = uploads.complete(upload, parts, null).file();
        assertThat(file.createdAt()).isEqualTo(clock.millis());
        assertThat(file.expiresAt()).isEqualTo(clock.millis() + 7_200_000);
        assertThat(files.path(file.id())).hasContent(FIRST + SECOND);
        assertThat(status(upload)).isEqualTo(Status.COMPLETED);
        clock.move(Duration.ofHours(3));
        assertThat(status(upload)).as("a final state stays").isEqualTo(Status.COMPLETED);
    }

    @Test
    void uploadThatIsNotCompletedInTimeExpiresAndItsPartsGo() throws IOException {
        PartedUpload upload = create();
        UUID first = add(upload, FIRST);
        UUID second = add(upload, SECOND);
        clock.move(UploadService.LIFETIME.minusMillis(1));
        uploads.sweep();
        assertThat(kept()).hasSize(2);
        clock.move(Duration.ofMillis(1));
        assertThat(status(upload)).isEqualTo(Status.EXPIRED);
        assertThatThrownBy(() -> uploads.complete(upload, List.of(first, second), null))
                .hasMessageContaining("expired");
        assertThatThrownBy(() -> add(upload, FIRST)).hasMessageContaining("expired");
        assertThatThrownBy(() -> uploads.cancel(upload)).hasMessageContaining("expired");
        uploads.sweep();
        assertThat(kept()).isEmpty();
    }

    @Test
    void partsThatTheDatabaseDoesNotKnowStayAtStartAsThoseOfPendingUploads() throws IOException {
        PartedUpload upload = create();
        UUID first = add(upload, FIRST);
        Path newer = directory.uploads().resolve(UUID.randomUUID().toString());
        Files.writeString(newer, "sent after the backup from which the database was restored");
        uploads.recover();
        uploads.complete(upload, List.of(first, add(upload, SECOND)), null);
        assertThat(list(directory.uploads())).containsExactly(newer);
    }

    @Test
    void uploadThatIsCancelledWhileItIsCompletedMakesNoFile() throws IOException {
        PartedUpload upload = create();
        UUID first = add(upload, FIRST);
        UUID second = add(upload, SECOND);
        clock.meanwhile(() -> {
            boolean assembled = list(directory.temporary()).stream()
                    .anyMatch(file -> file.getFileName().toString().startsWith("assembled-"));
            if (assembled) {
                assertThat(uploads.cancel(upload).status()).isEqualTo(Status.CANCELLED);
                assertThat(list(directory.uploads())).as("still being read").hasSize(2);
            }
            return assembled;
        });
        assertThatThrownBy(() -> uploads.complete(upload, List.of(first, second), null))
                .hasMessageContaining("cancelled");
        assertThat(kept()).isEmpty();
        assertThat(list(directory.files())).isEmpty();
        assertThat(list(directory.temporary())).isEmpty();
    }

    @Test
    void expiredFilesAndUploadsGoWithoutAnyRequest() throws IOException {
        PartedUpload upload = create();
        add(upload, FIRST);
        Path received = directory.temporary().resolve("received");
        Files.writeString(received, FIRST + SECOND);
        StoredFile file = files.add(owner, new FileService.Upload("a.jsonl", null, Duration.ofHours(1)), received);
        clock.move(Duration.ofHours(1));
        StorageHealth storage = new StorageHealth(path, directory.temporary(), clock);
        try (Sweeper _ = new Sweeper(files, uploads, database, storage, Duration.ofMillis(5))) {
            Eventually.holds("the file is gone", () -> !Files.exists(files.path(file.id())));
            Eventually.holds("the upload's parts are gone", () -> kept().isEmpty());
        }
    }
}
