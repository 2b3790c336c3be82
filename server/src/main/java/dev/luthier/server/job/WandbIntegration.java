package dev.luthier.server.job;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a user wants metrics to be sent.
 *
 * @param project null is the configured default
 * @param entity account or team that the project is in; null is the key's own
 * @param encryptedKey the account's key as the secret box sealed it, or null for the server's own
 */
public record WandbIntegration(@Nullable String project, @Nullable String name, @Nullable String runName,
        @Nullable String entity, List<String> tags, @Nullable String encryptedKey) {
    public WandbIntegration {
        tags = List.copyOf(tags);
    }
}
