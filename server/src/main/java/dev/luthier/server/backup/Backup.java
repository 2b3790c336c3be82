package dev.luthier.server.backup;

import dev.luthier.core.problem.Problem;
import dev.luthier.server.store.DatabaseFile;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Copies a data directory while a server and its trainers work on it, or while none does.
 *
 * <p>The database comes first, then what it names; both are compared, and when something was deleted in between, the
 * database is copied again. Run directories come after the database, so that their progress is never shorter than the
 * database says, and adapters once more after them, since a run that ends puts its adapter there.
 */
final class Backup {
    /** A run directory's files that the next attempt makes anew, or that only mean something to a living process. */
    private static final Set<String> NOT_OF_A_RUN = Set.of("lock", "trainer.json", "encoded", "writing",
            "storage-probe");
    private static final int MOST_ROUNDS = 5;

    private final Path data;
    private final Path target;
    private final Map<String, Manifest.Entry> copied = new LinkedHashMap<>();
    private final List<Manifest.Link> links = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();

    private Backup(Path data, Path target) {
        this.data = data;
        this.target = target;
    }

    /**
     * What was made.
     *
     * @param faults of the data directory itself: bytes that are missing or are not those that were stored
     */
    record Result(Manifest manifest, List<String> faults) {}

    /**
     * Makes a backup.
     *
     * @param target a directory that is empty or does not exist, outside the data directory
     * @param withKeys whether {@code master.key} and {@code admin.key} go along
     * @throws dev.luthier.core.problem.ProblemException USER, when there is nothing to back up, or no place for it
     */
    static Result make(Path data, Path target, boolean withKeys, Clock clock) throws IOException {
        Path from = data.toAbsolutePath().normalize();
        Path to = target.toAbsolutePath().normalize();
        if (DatabaseFile.inspect(from.resolve("db")) == DatabaseFile.Content.NOTHING) {
            throw Problem.user("nothing_to_back_up", from + " is no data directory: it has no database. Name yours with"
                    + " --data-dir.").asException();
        }
        if (to.startsWith(from)) {
            throw Problem.user("backup_within_data", to + " lies in the data directory, which would then hold its own"
                    + " backup. Name a place outside " + from + ", best on another disk.").asException();
        }
        requireEmpty(to);
        FileCopy.makeFolder(to);
        return new Backup(from, to).run(withKeys, clock);
    }

    static void requireEmpty(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        if (Files.isDirectory(directory)) {
            try (Stream<Path> entries = Files.list(directory)) {
                if (entries.allMatch(entry -> entry.endsWith("lost+found"))) {
                    return;
                }
            }
        }
        throw Problem
                .user("not_empty", directory + " is not an empty directory. Name one that is empty or does not exist"
                        + " yet.")
                .asException();
    }

    private Result run(boolean withKeys, Clock clock) throws IOException {
        String createdAt = clock.instant().toString();
        copyWhatTheDatabaseNames();
        for (Path run : folders(data.resolve("runs"))) {
            copyRun(run);
        }
        copyTree(data.resolve("adapters"), Set.of());
        copyTree(data.resolve("models"), Set.of());
        copyIfThere("luthier.yaml");
        if (withKeys) {
            copyIfThere("admin.key");
            copyIfThere("master.key");
        }
        Manifest manifest = new Manifest(Manifest.VERSION, createdAt, copied.containsKey("master.key"),
                List.copyOf(copied.values()), links);
        manifest.write(target);
        return new Result(manifest, faults);
    }

    private void copyWhatTheDatabaseNames() throws IOException {
        String database = "db/" + DatabaseFile.NAME;
        FileCopy.makeFolder(target.resolve("db"));
        Set<String> missing = Set.of();
        for (int round = 1; round <= MOST_ROUNDS; round++) {
            Files.deleteIfExists(target.resolve(database));
            DatabaseSnapshot snapshot = DatabaseSnapshot.take(data, target.resolve(database));
            faults.clear();
            Set<String> before = missing;
            missing = new HashSet<>();
            copyAll(snapshot.files(), missing);
            copyAll(snapshot.parts(), missing);
            copyTree(data.resolve("adapters"), Set.of());
            copyAll(snapshot.adapters(), missing);
            if (missing.isEmpty() || missing.equals(before)) {
                break; // nothing was deleted while it was copied
            }
        }
        missing.stream().sorted().forEach(path -> faults.add(path + " is missing from the data directory"));
        copied.put(database, FileCopy.copy(target.resolve(database), null, database));
    }

    /** @param wanted SHA-256 by place; "" where none is known */
    private void copyAll(Map<String, String> wanted, Set<String> missing) throws IOException {
        for (Map.Entry<String, String> each : wanted.entrySet()) {
            String path = each.getKey();
            if (!copied.containsKey(path) && !copy(data.resolve(path), path)) {
                missing.add(path);
                continue;
            }
            Manifest.Entry entry = copied.get(path);
            if (entry != null && !each.getValue().isEmpty() && !entry.sha256().equals(each.getValue())) {
                faults.add(path + " is damaged: it is not what was stored");
            }
        }
    }

    /** False when the file is not there, or went while it was copied. */
    private boolean copy(Path file, String path) throws IOException {
        try {
            copied.put(path, FileCopy.copy(file, target.resolve(path), path));
            return true;
        } catch (NoSuchFileException e) {
            Files.deleteIfExists(target.resolve(path));
            return false;
        }
    }

    private void copyIfThere(String path) throws IOException {
        if (Files.isRegularFile(data.resolve(path))) {
            copy(data.resolve(path), path);
        }
    }

    /*
     * The outcome before the adapter that it tells of, and progress after the checkpoints: a run that goes on meanwhile
     * then looks as it did at some moment, or as one that was killed.
     */
    private void copyRun(Path run) throws IOException {
        copyIfThere(name(run.resolve("outcome.json")));
        copyTree(run, Set.of("progress.jsonl", "trainer.log"));
        copyIfThere(name(run.resolve("progress.jsonl")));
        copyIfThere(name(run.resolve("trainer.log")));
    }

    /** Copies a tree but for what is copied already, what is being written and some names. */
    private void copyTree(Path tree, Set<String> without) throws IOException {
        if (!Files.isDirectory(tree)) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return isUnfinished(folder) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                String path = name(file);
                if (attributes.isSymbolicLink()) {
                    links.add(new Manifest.Link(path, Files.readSymbolicLink(file).toString()));
                } else if (attributes.isRegularFile() && !copied.containsKey(path) && !isUnfinished(file)
                        && !without.contains(file.getFileName().toString())) {
                    copy(file, path);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE; // removed meanwhile: an old checkpoint, for example
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e)
                    throws IOException {
                return e == null ? FileVisitResult.CONTINUE : visitFileFailed(folder, e);
            }
        });
    }

    private static boolean isUnfinished(Path path) {
        String name = path.getFileName().toString();
        return NOT_OF_A_RUN.contains(name) || name.endsWith(".tmp") || name.endsWith(".writing");
    }

    private String name(Path file) {
        return data.relativize(file).toString().replace('\\', '/');
    }

    private static List<Path> folders(Path parent) throws IOException {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(parent)) {
            return entries.filter(Files::isDirectory).toList();
        }
    }
}
