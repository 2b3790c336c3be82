package dev.luthier.server.model;

import dev.luthier.core.adapter.AdapterDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The two files of an adapter in PEFT's layout, and second homes for them. */
public final class AdapterFiles {
    static final String CONFIG = AdapterDirectory.CONFIG_FILE;
    static final String WEIGHTS = AdapterDirectory.WEIGHTS_FILE;

    private AdapterFiles() {}

    /**
     * Gives an adapter that is never written again a second home, which appears whole or not at all and replaces what
     * was there. Where the file system can, the bytes are shared: either home may be deleted without harm to the other.
     *
     * @return false when the adapter is not there, or went while it was being read
     */
    public static boolean link(Path from, Path to) {
        Path unfinished = to.resolveSibling(to.getFileName() + ".writing");
        try {
            AdapterShelf.deleteTree(unfinished);
            Files.createDirectories(unfinished);
            for (String name : List.of(CONFIG, WEIGHTS)) {
                share(from.resolve(name), unfinished.resolve(name));
            }
            AdapterShelf.deleteTree(to);
            Files.move(unfinished, to, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (NoSuchFileException e) {
            AdapterShelf.deleteTree(unfinished);
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void share(Path from, Path to) throws IOException {
        try {
            Files.createLink(to, from);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException e) {
            Files.copy(from, to); // another file system, or one without hard links
        }
    }
}
