package dev.luthier.server.file;

import dev.luthier.core.data.DataReport;
import dev.luthier.core.data.FormatCheck;
import dev.luthier.core.digest.Sha256;
import dev.luthier.core.problem.Problem;
import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.idempotency.Creation;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Tenant;
import dev.luthier.server.store.Database;
import dev.luthier.server.store.Page;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Keeps uploaded files: a row in the database and the bytes in {@code files/UUID}. A deleted file is gone for every
 * client at once; its bytes go when the last live job that uses them is final. Thread-safe.
 */
public final class FileService {
    /** Each holds a small file in the server's small heap, or has a process of its own. */
    private static final int CHECKS_AT_A_TIME = 2;
    private static final int PATIENCE_SECONDS = 60;

    private final Database database;
    private final DataDirectory directory;
    private final Clock clock;
    private final Semaphore checks = new Semaphore(CHECKS_AT_A_TIME);

    public FileService(Database database, DataDirectory directory, Clock clock) {
        this.database = database;
        this.directory = directory;
        this.clock = clock;
    }

    /** One page of a list, and how many files there are in all. */
    public record Listing(List<StoredFile> files, long total) {}

    /** Which end of a list comes first. */
    public enum Direction {
        NEWEST_FIRST, OLDEST_FIRST
    }

    /**
     * What a client says of the file that it sends.
     *
     * @param filename as it came; folders in it are cut off
     * @param lifetime after which the file goes by itself; null is never
     */
    public record Upload(String filename, @Nullable String mimetype, @Nullable Duration lifetime) {}

    /**
     * Checks a received file and, if it has no fault, takes it over.
     *
     * @param received a file of the data directory's {@code tmp}; it is moved from there
     * @throws InvalidFile with every fault; the received file is left to the caller
     */
    public StoredFile add(Principal owner, Upload upload, Path received) {
        Optional<StoredFile> earlier = Creation.earlier().flatMap(made -> find(owner.sees(), made));
        if (earlier.isPresent()) {
            return earlier.get();
        }
        StoredFile file;
        try {
            file = check(owner.organization(), owner.project(), upload, Files.newInputStream(received));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        takeOver(received, path(file.id()), () -> database.writeVoid(jdbc -> {
            FileStore.insert(jdbc, file);
            Creation.record(jdbc, file.id());
        }));
        sweep();
        return file;
    }

    /**
     * What a file of these bytes would be.
     *
     * @param content read to its end and closed
     * @throws InvalidFile with every fault
     */
    StoredFile check(String organization, String project, Upload upload, InputStream content) {
        MessageDigest digest = Sha256.start();
        DataReport report;
        takeTurn();
        try {
            report = FormatCheck.of(new DigestInputStream(content, digest));
        } finally {
            checks.release();
        }
        if (!report.isValid()) {
            throw new InvalidFile(report);
        }
        long now = clock.millis();
        return new StoredFile(UUID.randomUUID(), organization, project, plainName(upload.filename()),
                FilePurpose.FINE_TUNE, Objects.requireNonNull(report.format()), upload.mimetype(), report.sizeBytes(),
                report.lines(), Sha256.hex(digest), now,
                upload.lifetime() == null ? null : now + upload.lifetime().toMillis());
    }

    private void takeTurn() {
        try {
            if (checks.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw Problem.resource("checks_busy", "Many files are being checked just now. Send the file again in a minute.")
                .asException();
    }

    /**
     * Takes over a file that the server has written for clients to read. It is nobody's until {@link #record} within a
     * transaction that commits; without one the caller removes its bytes.
     *
     * @param written a file of the data directory; it is moved from there
     */
    public StoredFile takeResult(String organization, String project, String filename, Path written) {
        MessageDigest digest = Sha256.start();
        long lines = 0;
        long size = 0;
        try (InputStream bytes = Files.newInputStream(written)) {
            byte[] buffer = new byte[1 << 16];
            for (int read = bytes.read(buffer); read >= 0; read = bytes.read(buffer)) {
                digest.update(buffer, 0, read);
                size += read;
                for (int i = 0; i < read; i++) {
                    lines += buffer[i] == '\n' ? 1 : 0;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        StoredFile file = new StoredFile(UUID.randomUUID(), organization, project, filename,
                FilePurpose.FINE_TUNE_RESULTS, null, null, size, lines, Sha256.hex(digest),
                clock.millis(), null);
        takeOver(written, path(file.id()));
        return file;
    }

    /** Within the caller's write transaction, makes a file that was taken over one that clients see. */
    public void record(JdbcClient jdbc, StoredFile file) {
        FileStore.insert(jdbc, file);
    }

    /**
     * Moves bytes to where they are kept, and notes them in the database. The bytes are on disk before the row is: a row
     * never promises what a power cut took. Without a row they do not stay.
     *
     * @param row writes the row; what it throws is thrown on
     */
    static void takeOver(Path received, Path target, Runnable row) {
        takeOver(received, target);
        boolean noted = false;
        try {
            row.run();
            noted = true;
        } finally {
            if (!noted) {
                deleteIfExists(target);
            }
        }
    }

    private static void takeOver(Path received, Path target) {
        try {
            try (FileChannel channel = FileChannel.open(received, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(received, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteIfExists(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The name without folders and control characters. */
    static String plainName(String filename) {
        String last = filename.substring(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1);
        String clean = last.replaceAll("\\p{Cntrl}", "").strip();
        return clean.isEmpty() ? "unnamed.jsonl" : clean;
    }

    public Optional<StoredFile> find(Tenant tenant, UUID id) {
        return FileStore.find(database.reader(), tenant, id, clock.millis());
    }

    /** Newest first. */
    public Listing list(Tenant tenant, FileFilter filter, Page page) {
        long now = clock.millis();
        return new Listing(FileStore.list(database.reader(), tenant, filter, page, now),
                FileStore.count(database.reader(), tenant, filter, now));
    }

    /**
     * Files in the order of their creation, from the one after a given one.
     *
     * @param purposes of the files; a file has one of them
     * @param after a file of the tenant, be it deleted or expired by now; null starts at the first
     * @return at most {@code limit}; empty when there has been no file {@code after}
     */
    public Optional<List<StoredFile>> page(Tenant tenant, Set<FilePurpose> purposes, Direction direction,
            @Nullable UUID after, int limit) {
        FileStore.Position from = null;
        if (after != null) {
            from = FileStore.position(database.reader(), tenant, after).orElse(null);
            if (from == null) {
                return Optional.empty();
            }
        }
        return Optional.of(FileStore.page(database.reader(), tenant, purposes, direction, from, limit,
                clock.millis()));
    }

    /** Where the bytes lie, also of a deleted file that a live job still holds. */
    public Path path(UUID id) {
        return directory.files().resolve(id.toString());
    }

    /**
     * The bytes of a file, read to the end only if they are as they were stored; the caller closes it.
     *
     * @throws java.nio.file.NoSuchFileException if they are not there
     */
    public InputStream open(StoredFile file) throws IOException {
        return new VerifiedStream(Files.newInputStream(path(file.id())), file);
    }

    /**
     * Makes the file unknown at once.
     *
     * @throws dev.luthier.core.problem.ProblemException {@code file_not_found}
     */
    public void delete(Tenant tenant, UUID id) {
        boolean deleted = database.write(jdbc -> FileStore.markDeleted(jdbc, tenant, id, clock.millis()));
        if (!deleted) {
            throw notFound(id.toString());
        }
        sweep();
    }

    /** The problem that every route reports of an id that is not a file of the caller's. */
    public static RuntimeException notFound(String id) {
        return Problem.user("file_not_found", "There is no file " + id + ".").asException();
    }

    /**
     * Within the caller's write transaction, keeps the bytes of files for a job until {@link #release}.
     *
     * @return the files that are not there; the caller then reports them and rolls back
     */
    public List<UUID> hold(JdbcClient jdbc, Tenant tenant, Collection<UUID> files, UUID job) {
        long now = clock.millis();
        return files.stream().filter(file -> !FileStore.hold(jdbc, tenant, file, job, now)).toList();
    }

    /** Within the caller's write transaction, gives back what a job held. Call {@link #sweep} after the commit. */
    public void release(JdbcClient jdbc, UUID job) {
        FileStore.release(jdbc, job);
    }

    /** Removes the bytes that nobody needs any more. Cheap when there are none. */
    public void sweep() {
        for (UUID id : FileStore.unneeded(database.reader(), clock.millis())) {
            deleteIfExists(path(id));
            database.writeVoid(jdbc -> FileStore.markBytesGone(jdbc, id));
        }
    }

    /** At start: tells of bytes without a row and rows without bytes, and removes what the database knows as deleted. */
    public void recover() {
        Inventory.report(directory.files(), FileStore.kept(database.reader()));
        sweep();
    }
}
