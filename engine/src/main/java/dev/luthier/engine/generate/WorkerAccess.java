package dev.luthier.engine.generate;

import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What keeps other users of the machine out of a worker: a secret that every request shows, and the directories below
 * which adapters may be loaded from. Immutable.
 */
final class WorkerAccess {
    /** The variable that carries the secret: unlike the command line, other users cannot read the environment. */
    static final String VARIABLE = "LUTHIER_WORKER_SECRET";
    private static final int SHORTEST = 32;

    private final byte[] expected;
    private final List<Path> adapterRoots;

    /**
     * @param secret at least 32 characters
     * @param adapterRoots directories below which adapters may lie; they need not be there yet
     */
    WorkerAccess(String secret, List<Path> adapterRoots) {
        this.expected = ("Bearer " + secret).getBytes(StandardCharsets.UTF_8);
        this.adapterRoots = List.copyOf(adapterRoots);
    }

    /** @throws dev.luthier.core.problem.ProblemException USER, when the environment holds no secret */
    static WorkerAccess of(Map<String, String> environment, List<Path> adapterRoots) {
        String secret = environment.getOrDefault(VARIABLE, "");
        if (secret.length() < SHORTEST) {
            throw Problem.user("usage", "The environment variable " + VARIABLE + " must hold the secret that requests"
                    + " show, of at least " + SHORTEST + " characters. The server sets it for its workers.")
                    .asException();
        }
        return new WorkerAccess(secret, adapterRoots);
    }

    /** Refuses a request that does not show the secret as {@code Authorization: Bearer SECRET}. */
    void check(@Nullable String authorization) {
        byte[] shown = (authorization == null ? "" : authorization).getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(shown, expected)) {
            throw Problem.user("unauthorized", "This worker answers the server that started it, and nobody else.")
                    .asException();
        }
    }

    /**
     * The directory of an adapter, with links resolved.
     *
     * @throws dev.luthier.core.problem.ProblemException USER, when it is not below one of the allowed directories
     */
    Path adapter(String path) {
        try {
            Path directory = Path.of(path).toRealPath();
            for (Path root : adapterRoots) {
                Path real = root.toRealPath();
                if (directory.startsWith(real) && !directory.equals(real)) {
                    return directory;
                }
            }
        } catch (InvalidPathException e) {
            throw RequestFields.invalid("lora_path", "is not a path.");
        } catch (IOException e) {
            // The same answer whether something is there or not.
        }
        throw RequestFields.invalid("lora_path", "is not an adapter below the directories that this worker may read.");
    }
}
