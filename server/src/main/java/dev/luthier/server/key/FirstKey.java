package dev.luthier.server.key;

import dev.luthier.server.config.DataDirectory;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Makes the administrator's key of a fresh server, so that nothing is ever open without one. */
public final class FirstKey {
    private FirstKey() {}

    /**
     * On a server without keys makes one. Without a terminal it goes to {@code admin.key} in the data directory,
     * readable by the owner alone, where the command line finds it.
     *
     * @param terminal whether a person will see what is returned
     * @return the key when it is new, to be shown once
     */
    public static Optional<String> ensure(KeyStore keys, DataDirectory directory, boolean terminal) {
        if (!keys.isEmpty()) {
            return Optional.empty();
        }
        String secret = keys.create("default", "default", "first administrator", Role.INSTANCE_ADMIN).secret();
        if (!terminal) {
            DataDirectory.writePrivately(directory.adminKeyFile(), (secret + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        return Optional.of(secret);
    }
}
