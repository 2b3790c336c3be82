package dev.luthier.server.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.store.Database;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnswerStoreTest {
    @TempDir
    Path directory;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final RequestName name = RequestName.given(UUID.randomUUID(), "k");

    /** A clock that shows what the test says. */
    private Clock settable() {
        InstantSource source = now::get;
        return source.withZone(ZoneOffset.UTC);
    }

    private static Answer answer(String text) {
        return new Answer("hash", 200, Map.of("content-type", "application/json"),
                text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void answersAreKeptForTheirTimeAndThenSwept() {
        try (Database database = Database.open(directory)) {
            AnswerStore store = new AnswerStore(database, settable());
            store.keep(name, answer("first"), Duration.ofHours(24));
            now.updateAndGet(at -> at.plus(Duration.ofHours(23)));
            Answer found = store.find(name).orElseThrow();
            assertThat(found.body()).asString(StandardCharsets.UTF_8).isEqualTo("first");
            assertThat(found.headers()).isEqualTo(Map.of("content-type", "application/json"));
            assertThat(store.find(RequestName.hashed(name.keyId(), "k"))).isEmpty();
            assertThat(store.find(RequestName.given(UUID.randomUUID(), "k"))).isEmpty();
            now.updateAndGet(at -> at.plus(Duration.ofHours(2)));
            assertThat(store.find(name)).isEmpty();
            store.keep(RequestName.given(name.keyId(), "other"), answer("second"), Duration.ofHours(1));
            assertThat(database.reader().sql("select count(*) from idempotent_answers").query(Long.class).single())
                    .isEqualTo(1);
        }
    }

    @Test
    void laterAnswerReplacesTheEarlierOne() {
        try (Database database = Database.open(directory)) {
            AnswerStore store = new AnswerStore(database, settable());
            store.keep(name, answer("first"), Duration.ofMinutes(5));
            store.keep(name, answer("second"), Duration.ofMinutes(5));
            assertThat(store.find(name).orElseThrow().body()).asString(StandardCharsets.UTF_8).isEqualTo("second");
        }
    }
}
