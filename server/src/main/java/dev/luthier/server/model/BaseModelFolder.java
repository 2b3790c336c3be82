package dev.luthier.server.model;

import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The data directory's folder of base models. An entry is a directory of its own or a link to one elsewhere, of which
 * only the link is ever removed.
 */
final class BaseModelFolder {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}");

    private final Path folder;
    private final Path temporary;

    /** @param temporary folder on the same file system, for what is being removed */
    BaseModelFolder(Path folder, Path temporary) {
        this.folder = folder;
        this.temporary = temporary;
    }

    /**
     * Makes a model directory on this machine a base model, by a link to it.
     *
     * @param name its name from now on, or null for the directory's
     */
    BaseModel add(Path directory, @Nullable String name) {
        String chosen = name == null
                ? Optional.ofNullable(directory.getFileName()).map(Path::toString).orElse("")
                : name;
        if (!NAME.matcher(chosen).matches()) {
            throw Problem.user("invalid_value", "A model's name must be 1 to 100 letters, digits, dots, hyphens or "
                    + "underscores and start with a letter or digit.", "name").asException();
        }
        Path link = folder.resolve(chosen);
        if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
            throw Problem.user("name_taken", "There is a model directory " + chosen + " already. Choose another name,"
                    + " or remove that one first.", "name").asException();
        }
        BaseModel checked = BaseModels.check(chosen, directory);
        try {
            Files.createSymbolicLink(link, directory.toAbsolutePath().normalize());
        } catch (IOException | UnsupportedOperationException e) {
            throw Problem.resource("model_not_added", "The model could not be linked at " + link + ": "
                    + e.getMessage() + ". Copy the directory there instead.").asException(e);
        }
        return checked;
    }

    /** Whether there is an entry of that name here, be it usable or not. */
    boolean holds(String name) {
        return NAME.matcher(name).matches() && Files.exists(folder.resolve(name), LinkOption.NOFOLLOW_LINKS);
    }

    /** Removes an entry: a link, or a directory with all that it holds, which is out of sight at once. */
    void remove(String name) {
        Path entry = folder.resolve(name);
        try {
            if (!folder.toRealPath().startsWith(Objects.requireNonNull(temporary.toRealPath().getParent()))) {
                throw Problem
                        .user("model_not_removable", folder + " is a link to another place. Remove the model there.")
                        .asException();
            }
            if (Files.isSymbolicLink(entry)) {
                Files.delete(entry);
                return;
            }
            Path removed = temporary.resolve("removed-" + UUID.randomUUID());
            Files.move(entry, removed, StandardCopyOption.ATOMIC_MOVE);
            AdapterShelf.deleteTree(removed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
