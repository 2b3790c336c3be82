package dev.luthier.server.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Files without a row, which a server leaves that was killed between writing the one and the other. */
final class StrayFiles {

    private StrayFiles() {}

    /** Removes every file of a directory but those whose name is an id that is kept. */
    static void remove(Path directory, Predicate<UUID> isKept) {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (!isKept(file.getFileName().toString(), isKept)) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isKept(String name, Predicate<UUID> isKept) {
        try {
            return isKept.test(UUID.fromString(name));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
