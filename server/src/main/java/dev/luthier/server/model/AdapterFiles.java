package dev.luthier.server.model;

import dev.luthier.core.adapter.AdapterDirectory;
import dev.luthier.core.adapter.ClassifierConfig;
import dev.luthier.core.digest.Checksums;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/** The files of an adapter in PEFT's layout with their checksums, and second homes for them. */
public final class AdapterFiles {
    static final String CONFIG = AdapterDirectory.CONFIG_FILE;
    static final String WEIGHTS = AdapterDirectory.WEIGHTS_FILE;
    /** Not there in earlier versions' adapters, the former; in a classifier's alone, the latter. */
    private static final List<String> OPTIONAL = List.of(Checksums.FILE, ClassifierConfig.FILE);

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
            for (String name : OPTIONAL) {
                if (Files.exists(from.resolve(name))) {
                    share(from.resolve(name), unfinished.resolve(name));
                }
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

    /**
     * Compares an adapter with its checksums and with the hash that is kept apart from it.
     *
     * @param sha256 lower-case hex of the weights
     * @return what is damaged, as half a sentence; empty when all is as it was written
     */
    static Optional<String> damage(Path adapter, String sha256) {
        for (String name : List.of(CONFIG, WEIGHTS)) {
            if (!Files.isRegularFile(adapter.resolve(name))) {
                return Optional.of(name + " is missing");
            }
        }
        Optional<String> damage = Checksums.damage(adapter);
        if (damage.isPresent()) {
            return damage;
        }
        String found = AdapterShelf.sha256(adapter.resolve(WEIGHTS));
        return found.equals(sha256)
                ? Optional.empty()
                : Optional.of(WEIGHTS + " has the SHA-256 " + found + " and was written with " + sha256);
    }

    /**
     * To be called before a model's adapter is used in any way.
     *
     * @throws dev.luthier.core.problem.ProblemException INTERNAL {@code adapter_damaged}, naming the model
     */
    public static void requireSound(String model, Path adapter, String sha256) {
        damage(adapter, sha256).ifPresent(why -> {
            throw Problem.internal("adapter_damaged", "The adapter of the model " + model + " is damaged: " + why
                    + ". Restore adapters/" + adapter.getFileName() + " from a backup, or train the model again.")
                    .asException();
        });
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
