package dev.luthier.server.idempotency;

import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What the current request creates, if a repetition of it must not create another. Whoever stores a new object notes it
 * in the object's own transaction; so a repetition finds it, also when the server was killed between the commit and the
 * answer. Bound to the thread that handles the request.
 */
public final class Creation {
    private static final ThreadLocal<@Nullable Creation> CURRENT = new ThreadLocal<>();

    private final RequestName name;
    private final String requestHash;
    private final long expiresAtMillis;
    private final @Nullable UUID earlier;

    /** @param earlier what the same request has created before; null when nothing */
    public Creation(RequestName name, String requestHash, long expiresAtMillis, @Nullable UUID earlier) {
        this.name = name;
        this.requestHash = requestHash;
        this.expiresAtMillis = expiresAtMillis;
        this.earlier = earlier;
    }

    /** The handling of a request. */
    @FunctionalInterface
    public interface Handling<A extends Exception, B extends Exception> {
        void run() throws A, B;
    }

    /** Handles the request that this belongs to. */
    public <A extends Exception, B extends Exception> void during(Handling<A, B> handling) throws A, B {
        CURRENT.set(this);
        try {
            handling.run();
        } finally {
            CURRENT.remove();
        }
    }

    /** What the same request has created before its answer was lost: that is the answer, if it is still there. */
    public static Optional<UUID> earlier() {
        return Optional.ofNullable(CURRENT.get()).map(current -> current.earlier);
    }

    /** Notes a new object inside the write transaction that stores it. */
    public static void record(JdbcClient client, UUID object) {
        Creation current = CURRENT.get();
        if (current != null) {
            client.sql("""
                    insert into idempotent_creations (key_id, name, request_hash, object_id, expires_at)
                    values (?, ?, ?, ?, ?)
                    on conflict (key_id, name) do update set request_hash = excluded.request_hash,
                        object_id = excluded.object_id, expires_at = excluded.expires_at""")
                    .params(current.name.keyId().toString(), current.name.name(), current.requestHash,
                            object.toString(), current.expiresAtMillis)
                    .update();
        }
    }
}
