package dev.luthier.server.idempotency;

import java.util.UUID;

/**
 * What makes two requests the same for one API key.
 *
 * @param keyId the API key
 * @param name the client's idempotency key, or the hash of a create that an SDK may repeat; their prefixes differ
 */
public record RequestName(UUID keyId, String name) {
    /** A request that the client has named. */
    public static RequestName given(UUID keyId, String idempotencyKey) {
        return new RequestName(keyId, "key " + idempotencyKey);
    }

    /** A request that is known by what it asks for. */
    public static RequestName hashed(UUID keyId, String requestHash) {
        return new RequestName(keyId, "same " + requestHash);
    }
}
