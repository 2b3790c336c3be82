package dev.luthier.server.file;

import dev.luthier.server.key.Tenant;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A file that arrives in parts. Times are epoch milliseconds.
 *
 * @param sizeBytes that the file will have
 * @param lifetime of the file from its creation; null is for ever
 * @param expiresAt when the upload ends by itself unless it has been completed or cancelled before
 */
public record PartedUpload(UUID id, String organization, String project, String filename, String mimetype,
        long sizeBytes, @Nullable Duration lifetime, Status status, long createdAt, long expiresAt) {
    /** Only a pending upload takes parts; the others are final. */
    public enum Status {
        PENDING, COMPLETED, CANCELLED, EXPIRED
    }

    /** Whose it is. */
    Tenant owner() {
        return new Tenant(organization, project);
    }

    /** The same upload in another state. */
    PartedUpload with(Status next) {
        return new PartedUpload(id, organization, project, filename, mimetype, sizeBytes, lifetime, next, createdAt,
                expiresAt);
    }
}
