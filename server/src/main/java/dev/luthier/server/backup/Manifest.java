package dev.luthier.server.backup;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;

/**
 * What a backup holds, in {@code manifest.json}; written last, so a backup that has one is whole. Its own SHA-256 stands
 * in {@code manifest.sha256}, in the form that {@code sha256sum -c} reads.
 *
 * @param version layout of the backup; 1
 * @param createdAt when the database was copied, in ISO 8601
 * @param masterKey whether the key that opens stored secrets is among the files
 * @param files every file of the backup but the manifest
 * @param links symbolic links of {@code models/}; what they point to is not in the backup
 */
record Manifest(int version, String createdAt, boolean masterKey, List<Entry> files, List<Link> links) {
    static final int VERSION = 1;
    static final String NAME = "manifest.json";
    private static final String HASH = "manifest.sha256";
    private static final Set<String> TOP = Set.of("db", "files", "uploads", "models", "adapters", "runs",
            "luthier.yaml", "admin.key", "master.key");

    Manifest {
        files = List.copyOf(files);
        links = List.copyOf(links);
    }

    /**
     * A file.
     *
     * @param path from the backup's directory, with slashes
     * @param sha256 lower-case hex
     */
    record Entry(String path, long sizeBytes, String sha256) {}

    /** A symbolic link. */
    record Link(String path, String target) {}

    long sizeBytes() {
        return files.stream().mapToLong(Entry::sizeBytes).sum();
    }

    void write(Path backup) {
        String text = Json.writePretty(this) + "\n";
        RunDirectory.writeDurably(backup.resolve(HASH), Sha256.hex(text) + "  " + NAME + "\n");
        RunDirectory.writeDurably(backup.resolve(NAME), text);
    }

    /** @throws ProblemException USER, when there is no manifest, or none that this version understands */
    static Manifest read(Path backup) {
        Path file = backup.resolve(NAME);
        if (!Files.isRegularFile(file)) {
            throw Problem.user("no_backup", backup + " is not a whole backup: it has no " + NAME
                    + ", which `luthier backup` writes last. Use another backup.").asException();
        }
        try {
            String text = Files.readString(file);
            Path hash = backup.resolve(HASH);
            if (!Files.isRegularFile(hash)
                    || !Files.readString(hash).equals(Sha256.hex(text) + "  " + NAME + "\n")) {
                throw damaged(file + " is not the one that was written with " + HASH);
            }
            int version = Json.parse(text).path("version").asInt(0);
            if (version != VERSION) {
                throw Problem.user("unknown_backup", backup + " is a backup of version " + version
                        + "; this Luthier reads version " + VERSION + ". Restore it with the Luthier that made it.")
                        .asException();
            }
            Manifest manifest = Json.MAPPER.readValue(text, Manifest.class);
            manifest.requirePlacesWithin(file);
            return manifest;
        } catch (IOException e) {
            throw Problem.user("unreadable_backup", file + " cannot be read: " + e + ".").asException(e);
        } catch (JacksonException e) {
            throw damaged(file + " cannot be understood");
        }
    }

    private void requirePlacesWithin(Path file) {
        Set<String> seen = new HashSet<>();
        for (String path : places()) {
            try {
                Path place = Path.of(path);
                boolean within = !place.isAbsolute() && place.normalize().equals(place)
                        && TOP.contains(place.getName(0).toString());
                if (!within || !seen.add(path)) {
                    throw damaged(file + " names \"" + path + "\", which is no place in a data directory, or twice");
                }
            } catch (InvalidPathException e) {
                throw damaged(file + " names a place that cannot be");
            }
        }
    }

    private List<String> places() {
        return Stream.concat(files.stream().map(Entry::path), links.stream().map(Link::path)).toList();
    }

    static ProblemException damaged(String what) {
        return Problem.user("damaged_backup", "The backup is damaged: " + what
                + ". Nothing was restored. Use another backup.").asException();
    }
}
