package dev.luthier.server.idempotency;

import dev.luthier.core.json.Json;
import dev.luthier.server.store.Database;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Keeps answers until they expire, also over a restart. Thread-safe. */
public final class AnswerStore {
    private static final long SWEEP_EVERY_MILLIS = Duration.ofMinutes(1).toMillis();

    private final Database database;
    private final Clock clock;
    private final AtomicLong lastSweep = new AtomicLong();

    public AnswerStore(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** What a request of this name was answered with; empty when it was not, or too long ago. */
    public Optional<Answer> find(RequestName name) {
        return database.reader()
                .sql("select * from idempotent_answers where key_id = ? and name = ? and expires_at > ?")
                .params(name.keyId().toString(), name.name(), clock.millis())
                .query((row, number) -> new Answer(row.getString("request_hash"), row.getInt("status"),
                        headers(row.getString("headers")), row.getBytes("body")))
                .optional();
    }

    /** An object that a request has created, and the hash of the request. */
    private record Created(String requestHash, UUID object) {}

    /**
     * The start of handling a request.
     *
     * @param repeats whether an earlier request may have been this one
     * @return empty when another request has that name
     */
    public Optional<Creation> creation(RequestName name, String requestHash, boolean repeats, Duration lifetime) {
        long now = clock.millis();
        Created before = !repeats
                ? null
                : database.reader()
                        .sql("select * from idempotent_creations where key_id = ? and name = ? and expires_at > ?")
                        .params(name.keyId().toString(), name.name(), now)
                        .query((row, number) -> new Created(row.getString("request_hash"),
                                UUID.fromString(row.getString("object_id"))))
                        .optional().orElse(null);
        return before != null && !before.requestHash().equals(requestHash)
                ? Optional.empty()
                : Optional.of(new Creation(name, requestHash, now + lifetime.toMillis(),
                        before == null ? null : before.object()));
    }

    /** Keeps an answer for a while, in place of an earlier one of the same name. Expired ones go, now and then. */
    public void keep(RequestName name, Answer answer, Duration lifetime) {
        long now = clock.millis();
        long swept = lastSweep.get();
        boolean sweeps = now - swept >= SWEEP_EVERY_MILLIS && lastSweep.compareAndSet(swept, now);
        database.writeVoid(jdbc -> {
            if (sweeps) {
                jdbc.sql("delete from idempotent_answers where expires_at <= ?").param(now).update();
                jdbc.sql("delete from idempotent_creations where expires_at <= ?").param(now).update();
            }
            jdbc.sql("""
                    insert into idempotent_answers (key_id, name, request_hash, status, headers, body, expires_at)
                    values (?, ?, ?, ?, ?, ?, ?)
                    on conflict (key_id, name) do update set request_hash = excluded.request_hash,
                        status = excluded.status, headers = excluded.headers, body = excluded.body,
                        expires_at = excluded.expires_at""")
                    .params(name.keyId().toString(), name.name(), answer.requestHash(), answer.status(),
                            Json.write(answer.headers()), answer.body(), now + lifetime.toMillis())
                    .update();
        });
    }

    private static Map<String, String> headers(String json) {
        Map<String, String> headers = new LinkedHashMap<>();
        Json.parse(json).properties().forEach(entry -> headers.put(entry.getKey(), entry.getValue().stringValue()));
        return headers;
    }
}
