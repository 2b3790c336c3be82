package dev.luthier.server.config;

import dev.luthier.core.command.InputOutputFault;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.store.DatabaseFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The directory that holds everything the server keeps, readable by its owner alone. One server at a time holds its
 * lock; closing gives it back.
 *
 * <pre>
 * db/  files/  uploads/  models/  adapters/  runs/  logs/  tmp/  luthier.yaml  server.json  admin.key  master.key  lock
 * </pre>
 */
public final class DataDirectory implements AutoCloseable {
    private static final boolean POSIX = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    private static final Set<PosixFilePermission> OWNERS = PosixFilePermissions.fromString("rwx------");
    private static final int STICKY = 0x200;

    /** What a restore that was cut off leaves. */
    public static final String RESTORING = "restoring";

    private final Path path;
    private final FileChannel lock;
    private final boolean lacksLatestWrites;
    private boolean isNew;

    private DataDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
        this.lacksLatestWrites = Files.exists(serverFile()) && DatabaseFile.lacksLog(db());
    }

    /**
     * Takes the lock, makes what is missing, and takes what is there from everyone but its owner.
     *
     * @throws dev.luthier.core.problem.ProblemException USER, when another server holds the lock, when the database is
     *     damaged, or when it is gone while what it knew is still there
     */
    public static DataDirectory open(Path path) {
        try {
            ServerPaths.remember(path);
            refuseShared(path);
            if (!Files.exists(path)) {
                makePrivate(path);
            }
            FileChannel channel = FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            try {
                return open(path, channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    private static DataDirectory open(Path path, FileChannel lock) throws IOException {
        if (!locks(lock)) {
            throw Problem.user("data_directory_in_use",
                    "The data directory " + path + " is in use by another server. Stop it, or give this one "
                            + "another directory with --data-dir.")
                    .asException();
        }
        DataDirectory directory = new DataDirectory(path, lock);
        directory.isNew = DatabaseFile.inspect(directory.db()) == DatabaseFile.Content.NOTHING;
        if (directory.isNew) {
            directory.requireNothingOfAnother();
        }
        makePrivate(path.toRealPath());
        for (String name : new String[]{"db", "files", "uploads", "models", "adapters", "runs", "logs", "tmp"}) {
            makePrivate(path.resolve(name));
        }
        directory.emptyTemporary();
        makeFilesPrivate(path);
        makeFilesPrivate(directory.db());
        makeFilesPrivate(directory.logs());
        return directory;
    }

    /* What a lost database knew, and folders that are not this program's, must not be taken for this server's own. */
    private void requireNothingOfAnother() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path folder : List.of(files(), uploads(), adapters(), runs(), temporary(), path.resolve(RESTORING))) {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> entries = Files.list(folder)) {
                    long count = entries.count();
                    if (count > 0) {
                        found.add(count + " in " + folder.getFileName() + "/");
                    }
                }
            }
        }
        if (!found.isEmpty()) {
            throw Problem.user("database_missing", "There is no database in " + db() + ", but the data directory holds "
                    + String.join(", ", found) + ". Nothing was changed. If the database was lost, put it back from"
                    + " a backup (`luthier restore`). To begin without it, move these folders away first, or give"
                    + " another directory with --data-dir.").asException();
        }
    }

    private void emptyTemporary() throws IOException {
        try (Stream<Path> left = Files.walk(temporary())) {
            for (Path file : left.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(temporary())) {
                    Files.delete(file);
                }
            }
        }
    }

    /**
     * Whether the last server was killed and the database's log of latest writes has gone since: what it wrote last may
     * be missing.
     */
    public boolean lacksLatestWrites() {
        return lacksLatestWrites;
    }

    /** Whether there was no database when it was opened. */
    public boolean isNew() {
        return isNew;
    }

    /** Whether a server holds the lock of a data directory now. */
    public static boolean isInUse(Path path) throws IOException {
        Path file = path.resolve("lock");
        if (!Files.exists(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            return !locks(channel);
        }
    }

    private static boolean locks(FileChannel channel) throws IOException {
        try {
            FileLock held = channel.tryLock();
            return held != null;
        } catch (OverlappingFileLockException e) {
            return false; // held by this very process
        }
    }

    public Path path() {
        return path;
    }

    public Path db() {
        return path.resolve("db");
    }

    public Path files() {
        return path.resolve("files");
    }

    /** Parts of files that are still to come. */
    public Path uploads() {
        return path.resolve("uploads");
    }

    public Path models() {
        return path.resolve("models");
    }

    public Path adapters() {
        return path.resolve("adapters");
    }

    public Path runs() {
        return path.resolve("runs");
    }

    public Path logs() {
        return path.resolve("logs");
    }

    /** On the same file system as the rest, so that what arrives here is moved by a rename; emptied at start. */
    public Path temporary() {
        return path.resolve("tmp");
    }

    /** Holds port, pid and address of the running server: {@code {"version":1,"port":8000,"pid":4711,"url":"http://..."}}. */
    public Path serverFile() {
        return path.resolve("server.json");
    }

    /** Holds the first administrator's key when nobody could read it on a terminal. */
    public Path adminKeyFile() {
        return path.resolve("admin.key");
    }

    public Path masterKeyFile() {
        return path.resolve("master.key");
    }

    /** Replaces a file at once and durably; the owner alone may read it. */
    public static void writePrivately(Path file, byte[] content) {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            Files.deleteIfExists(temporary);
            Files.createFile(temporary, ownerOnly("rw-------"));
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** Whoever made the directory, and with whatever permissions; what a link leads to may belong to others. */
    private static void makePrivate(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, ownerOnly("rwx------"));
        } else if (!Files.isSymbolicLink(directory)) {
            restrict(directory);
        }
    }

    private static void makeFilesPrivate(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(entry -> Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)).toList()) {
                restrict(file);
            }
        }
    }

    /** Takes the database's files from everyone but their owner; those that come later take after them. */
    public void makeDatabasePrivate() {
        try {
            makeFilesPrivate(db());
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    private static void restrict(Path path) throws IOException {
        if (POSIX) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
            if (permissions.retainAll(OWNERS)) {
                Files.setPosixFilePermissions(path, permissions);
            }
        }
    }

    /* To take /tmp from everyone else would stop the machine. */
    private static void refuseShared(Path path) throws IOException {
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("unix") && Files.isDirectory(path)
                && (((Integer) Files.getAttribute(path, "unix:mode")) & STICKY) != 0) {
            throw Problem.user("data_directory_shared", "The data directory " + path + " is one that all users of the"
                    + " machine share. Give one of the server's own with --data-dir, for example "
                    + path.resolve("luthier") + ".").asException();
        }
    }

    private static ProblemException unusable(Path path, IOException e) {
        return Problem.user("data_directory_unusable",
                "The data directory " + path + " cannot be used: " + InputOutputFault.describe(e)
                        + " Give another one with"
                        + " --data-dir or LUTHIER_HOME, or have its owner start the server.")
                .asException();
    }

    private static FileAttribute<?>[] ownerOnly(String permissions) {
        return POSIX
                ? new FileAttribute<?>[]{
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))}
                : new FileAttribute<?>[0];
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
