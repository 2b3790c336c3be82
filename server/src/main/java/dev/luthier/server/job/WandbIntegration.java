package dev.luthier.server.job;

import org.jspecify.annotations.Nullable;

/**
 * Where a user wants metrics to be sent.
 *
 * @param project null is the configured default
 * @param encryptedKey the account's key as the secret box sealed it, or null for the server's own
 */
public record WandbIntegration(@Nullable String project, @Nullable String name, @Nullable String runName,
        @Nullable String encryptedKey) {}
