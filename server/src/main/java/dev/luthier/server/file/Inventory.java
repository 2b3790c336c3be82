package dev.luthier.server.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares, at start, what lies in a folder with the ids that the database knows, and tells the log of differences.
 *
 * <p>Nothing is removed. A server that is killed in the wrong millisecond leaves a file without a row; but so does a
 * database that was restored from an older backup, and then the file is a user's.
 */
final class Inventory {
    private static final Logger LOG = LoggerFactory.getLogger(Inventory.class);

    private Inventory() {}

    /** @param known names of the files that should be there */
    static void report(Path folder, List<String> known) {
        Set<String> missing = new HashSet<>(known);
        List<String> unknown = new ArrayList<>();
        long unknownBytes = 0;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (!missing.remove(name)) {
                    unknown.add(name);
                    unknownBytes += Files.size(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!unknown.isEmpty()) {
            LOG.warn("{} holds {} files ({} bytes) that the database does not know, the first of them {}. They stay."
                    + " If the database is older than they are, stop the server and put the newer one back;"
                    + " otherwise they are left over from a server that was killed and may be deleted.", folder,
                    unknown.size(), unknownBytes, unknown.getFirst());
        }
        if (!missing.isEmpty()) {
            LOG.warn("{} lacks {} files that the database knows, one of them {}. Put them back from a backup; jobs that"
                    + " need them fail until then.", folder, missing.size(), missing.iterator().next());
        }
    }
}
