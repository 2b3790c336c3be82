package dev.luthier.server.key;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an API key; the key itself is not kept. Times are epoch milliseconds.
 *
 * @param hint the first characters of the key, to recognise it by
 * @param revokedAt null while the key is good
 */
public record ApiKey(UUID id, String name, Role role, String organization, String organizationName, String project,
        String projectName, String hint, long createdAt, @Nullable Long revokedAt) {}
