package dev.luthier.server.backup;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.storage.StorageFault;
import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.store.DatabaseFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Makes a data directory of a backup: all of it is verified before any of it is put in place. */
final class Restore {
    private static final int LISTED = 5;

    private Restore() {}

    /**
     * Restores a backup.
     *
     * @param data a directory that is empty or does not exist
     * @throws dev.luthier.core.problem.ProblemException USER, when the backup is damaged, when a server uses the data
     *     directory, or when there is something in it
     */
    static Manifest into(Path backup, Path data) throws IOException {
        Path from = backup.toAbsolutePath().normalize();
        Path to = data.toAbsolutePath().normalize();
        Manifest manifest = Manifest.read(from);
        if (DataDirectory.isInUse(to)) {
            throw inUse(to);
        }
        Backup.requireEmpty(to);
        verify(from, manifest);
        FileCopy.makeFolder(to);
        Path lock = to.resolve("lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (channel.tryLock() == null) {
                throw inUse(to);
            }
            copyAndPutInPlace(from, manifest, to);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(lock);
            throw e;
        }
        return manifest;
    }

    private static ProblemException inUse(Path data) {
        return Problem.user("data_directory_in_use", "A server is running on " + data + ". Stop it, and restore into an"
                + " empty data directory.").asException();
    }

    private static void copyAndPutInPlace(Path from, Manifest manifest, Path to) throws IOException {
        long free = StorageFault.freeBytes(to);
        if (free >= 0 && free < manifest.sizeBytes()) {
            throw StorageFault.FULL.problem(to, manifest.sizeBytes()).asException();
        }
        Path unfinished = to.resolve(DataDirectory.RESTORING);
        boolean whole = false;
        try {
            copy(from, manifest, unfinished);
            DatabaseFile.inspect(unfinished.resolve("db"));
            whole = true;
        } finally {
            if (!whole) {
                deleteTree(unfinished);
            }
        }
        putInPlace(unfinished, to);
    }

    private static void verify(Path backup, Manifest manifest) throws IOException {
        List<String> faults = new ArrayList<>();
        for (Manifest.Entry entry : manifest.files()) {
            try {
                if (!FileCopy.copy(backup.resolve(entry.path()), null, entry.path()).equals(entry)) {
                    faults.add(entry.path() + " is not what was backed up");
                }
            } catch (NoSuchFileException e) {
                faults.add(entry.path() + " is missing");
            }
        }
        if (!faults.isEmpty()) {
            String more = faults.size() > LISTED ? " and " + (faults.size() - LISTED) + " more" : "";
            throw Manifest.damaged(String.join("; ", faults.subList(0, Math.min(LISTED, faults.size()))) + more);
        }
    }

    private static void copy(Path backup, Manifest manifest, Path unfinished) throws IOException {
        FileCopy.makeFolder(unfinished);
        for (Manifest.Entry entry : manifest.files()) {
            Path target = unfinished.resolve(entry.path());
            if (!FileCopy.copy(backup.resolve(entry.path()), target, entry.path()).equals(entry)) {
                throw Manifest.damaged(entry.path() + " changed while it was restored");
            }
        }
        for (Manifest.Link link : manifest.links()) {
            Path place = unfinished.resolve(link.path());
            FileCopy.makeFolder(place.getParent());
            Files.createSymbolicLink(place, Path.of(link.target()));
        }
    }

    /* The database last: a restore that is cut off leaves a data directory on which no server starts. */
    private static void putInPlace(Path unfinished, Path data) throws IOException {
        List<Path> parts = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(unfinished)) {
            entries.forEach(parts::add);
        }
        parts.sort(Comparator.comparing(part -> part.endsWith("db")));
        for (Path part : parts) {
            Files.move(part, data.resolve(part.getFileName()));
        }
        Files.delete(unfinished);
    }

    private static void deleteTree(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> tree = Files.walk(directory)) {
                for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
