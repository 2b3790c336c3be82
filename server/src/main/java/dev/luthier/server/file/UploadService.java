package dev.luthier.server.file;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.file.PartedUpload.Status;
import dev.luthier.server.idempotency.Creation;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Tenant;
import dev.luthier.server.store.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes files in parts. A part is a row and the bytes in {@code uploads/UUID}; completing an upload puts its parts into
 * one file in a single pass that also checks and hashes it, and makes the file and the upload's last state known in one
 * transaction. The parts of an upload that has ended go. Thread-safe.
 */
public final class UploadService {
    /** How long a client has from the creation of an upload to its completion. */
    static final Duration LIFETIME = Duration.ofHours(1);
    /** Bounds what one upload costs in rows. */
    static final int MAX_PARTS = 10_000;

    private final Database database;
    private final DataDirectory directory;
    private final FileService files;
    private final Clock clock;
    private final Set<UUID> completing = ConcurrentHashMap.newKeySet();
    /* Small files must not wait for two large ones. */
    private final Semaphore assemblies = new Semaphore(1);

    public UploadService(Database database, DataDirectory directory, FileService files, Clock clock) {
        this.database = database;
        this.directory = directory;
        this.files = files;
        this.clock = clock;
    }

    /** An upload that has become a file. */
    public record Completed(PartedUpload upload, StoredFile file) {}

    /** @param sizeBytes that the file will have */
    public PartedUpload create(Principal owner, FileService.Upload file, String mimetype, long sizeBytes) {
        Optional<PartedUpload> earlier = Creation.earlier().flatMap(made -> find(owner.sees(), made));
        if (earlier.isPresent()) {
            return earlier.get();
        }
        long now = clock.millis();
        PartedUpload upload = new PartedUpload(UUID.randomUUID(), owner.organization(), owner.project(),
                FileService.plainName(file.filename()), mimetype, sizeBytes, file.lifetime(), Status.PENDING, now,
                now + LIFETIME.toMillis());
        database.writeVoid(jdbc -> {
            UploadStore.insert(jdbc, upload);
            Creation.record(jdbc, upload.id());
        });
        return upload;
    }

    public Optional<PartedUpload> find(Tenant tenant, UUID id) {
        return UploadStore.find(database.reader(), tenant, id, clock.millis());
    }

    /**
     * Adds some bytes. Parts of one upload may be added at the same time.
     *
     * @param received a file of the data directory; it is moved from there
     * @throws ProblemException USER, when the upload takes no more parts
     */
    public UploadPart addPart(PartedUpload upload, Path received) {
        Optional<UploadPart> earlier = Creation.earlier().flatMap(made -> UploadStore
                .parts(database.reader(), upload.id()).stream().filter(part -> part.id().equals(made)).findFirst());
        if (earlier.isPresent()) {
            return earlier.get();
        }
        UploadPart part;
        try {
            part = new UploadPart(UUID.randomUUID(), upload.id(), Files.size(received), clock.millis());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        FileService.takeOver(received, path(part.id()), () -> database.writeVoid(jdbc -> {
            requirePending(UploadStore.find(jdbc, upload.owner(), upload.id(), part.createdAt()).orElseThrow());
            requireRoom(upload, UploadStore.parts(jdbc, upload.id()), part);
            UploadStore.insertPart(jdbc, part);
            Creation.record(jdbc, part.id());
        }));
        return part;
    }

    /* Twice the size leaves room for parts that a client sends again because it saw no answer. */
    private static void requireRoom(PartedUpload upload, List<UploadPart> there, UploadPart part) {
        long held = there.stream().mapToLong(UploadPart::sizeBytes).sum();
        if (there.size() >= MAX_PARTS) {
            throw Problem.user("too_many_parts", "The upload has " + MAX_PARTS + " parts, which is as many as it can"
                    + " have. Cancel it, and send larger parts.", "data").asException();
        }
        if (part.sizeBytes() > upload.sizeBytes() || held > 2 * upload.sizeBytes() - part.sizeBytes()) {
            throw Problem.user("too_many_bytes", "With this part the upload would hold " + (held + part.sizeBytes())
                    + " bytes, but it was created for a file of " + upload.sizeBytes() + " bytes.", "data")
                    .asException();
        }
    }

    /**
     * Makes one file of the parts.
     *
     * @param parts in the order of the file; others of the upload are dropped
     * @param md5 hex of the file's content, if the client knows it
     * @throws ProblemException USER, when the upload is not pending, or the parts or their sum are not as they must be
     * @throws InvalidFile when the content is not training data; the upload stays pending
     */
    public Completed complete(PartedUpload upload, List<UUID> parts, @Nullable String md5) {
        Optional<StoredFile> earlier = Creation.earlier().flatMap(made -> files.find(upload.owner(), made));
        if (earlier.isPresent()) {
            return new Completed(upload.with(Status.COMPLETED), earlier.get());
        }
        requirePending(find(upload.owner(), upload.id()).orElseThrow());
        if (!completing.add(upload.id())) {
            throw Problem.user("upload_busy", "The upload is being completed already.").asException();
        }
        try {
            assemblies.acquireUninterruptibly();
            try {
                return new Completed(upload.with(Status.COMPLETED), assemble(upload, chosen(upload, parts), md5));
            } finally {
                assemblies.release();
            }
        } finally {
            completing.remove(upload.id());
            sweep();
        }
    }

    private List<UploadPart> chosen(PartedUpload upload, List<UUID> ids) {
        Map<UUID, UploadPart> there = UploadStore.parts(database.reader(), upload.id()).stream()
                .collect(Collectors.toMap(UploadPart::id, Function.identity()));
        Set<UUID> seen = new HashSet<>();
        List<UploadPart> chosen = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            UploadPart part = there.get(ids.get(i));
            if (part == null) {
                throw Problem.user("unknown_part", "part_ids[" + i + "] is not a part of this upload.", "part_ids")
                        .asException();
            }
            if (!seen.add(part.id())) {
                throw Problem.user("repeated_part", "part_ids[" + i + "] is there before. Name each part once.",
                        "part_ids").asException();
            }
            chosen.add(part);
        }
        long size = chosen.stream().mapToLong(UploadPart::sizeBytes).sum();
        if (size != upload.sizeBytes()) {
            throw Problem.user("wrong_size", "The parts have " + size + " bytes together, but the upload was created"
                    + " for a file of " + upload.sizeBytes() + " bytes.", "part_ids").asException();
        }
        return chosen;
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has MD5", e);
        }
    }

    private StoredFile assemble(PartedUpload upload, List<UploadPart> parts, @Nullable String md5) {
        Path assembled = directory.temporary().resolve("assembled-" + UUID.randomUUID());
        MessageDigest digest = md5();
        try {
            StoredFile file = files.check(upload.organization(), upload.project(),
                    new FileService.Upload(upload.filename(), upload.mimetype(), upload.lifetime()),
                    new DigestInputStream(
                            new CopyingStream(parts.stream().map(part -> path(part.id())).toList(), assembled),
                            digest));
            String found = HexFormat.of().formatHex(digest.digest());
            if (md5 != null && !md5.toLowerCase(Locale.ROOT).equals(found)) {
                throw Problem.user("wrong_md5", "The MD5 of the parts in this order is " + found + ", not " + md5
                        + ". Check their order, or send them again.", "md5").asException();
            }
            FileService.takeOver(assembled, files.path(file.id()), () -> database.writeVoid(jdbc -> {
                if (!UploadStore.complete(jdbc, upload.id(), file.id())) {
                    throw notPending(upload.with(Status.CANCELLED));
                }
                files.record(jdbc, file);
                Creation.record(jdbc, file.id());
            }));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deleteIfExists(assembled);
        }
    }

    /**
     * Ends an upload without a file. One that is cancelled already stays as it is.
     *
     * @throws ProblemException USER, when it is completed or has expired
     */
    public PartedUpload cancel(PartedUpload upload) {
        long now = clock.millis();
        PartedUpload ended = database.write(jdbc -> {
            PartedUpload found = UploadStore.find(jdbc, upload.owner(), upload.id(), now).orElseThrow();
            if (found.status() != Status.CANCELLED) {
                requirePending(found);
                UploadStore.cancel(jdbc, found.id());
            }
            return found.with(Status.CANCELLED);
        });
        sweep();
        return ended;
    }

    private static void requirePending(PartedUpload upload) {
        if (upload.status() != Status.PENDING) {
            throw notPending(upload);
        }
    }

    private static ProblemException notPending(PartedUpload upload) {
        return Problem.user("upload_not_pending", "The upload " + switch (upload.status()) {
            case PENDING -> throw new IllegalArgumentException("pending");
            case COMPLETED -> "is completed. Its file is there; delete that, or create a new upload.";
            case CANCELLED -> "is cancelled. Create a new one.";
            case EXPIRED -> "has expired: it was not completed within " + LIFETIME.toMinutes()
                    + " minutes of its creation. Create a new one.";
        }).asException();
    }

    private Path path(UUID part) {
        return directory.uploads().resolve(part.toString());
    }

    /** Removes the parts of uploads that have ended. Cheap when there are none. */
    public void sweep() {
        for (UploadPart part : UploadStore.unneeded(database.reader(), clock.millis())) {
            if (!completing.contains(part.upload())) {
                deleteIfExists(path(part.id()));
                database.writeVoid(jdbc -> UploadStore.deletePart(jdbc, part.id()));
            }
        }
    }

    /** At start: tells of bytes without a row and rows without bytes, and removes the parts of uploads that have ended. */
    public void recover() {
        Inventory.report(directory.uploads(), UploadStore.kept(database.reader()));
        sweep();
    }

    private static void deleteIfExists(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
