package dev.luthier.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReadCacheTest {
    @TempDir
    Path directory;

    @Test
    void answersAreReadOnceBetweenTwoWrites() {
        try (Database database = Database.open(directory)) {
            ReadCache<String, Integer> cache = new ReadCache<>(database, 10);
            AtomicInteger reads = new AtomicInteger();
            assertThat(cache.get("a", question -> reads.incrementAndGet())).isEqualTo(1);
            assertThat(cache.get("a", question -> reads.incrementAndGet())).isEqualTo(1);
            assertThat(cache.get("b", question -> reads.incrementAndGet())).isEqualTo(2);
            database.writeVoid(client -> client.sql("delete from files").update());
            assertThat(cache.get("a", question -> reads.incrementAndGet())).isEqualTo(3);
        }
    }

    @Test
    void anAnswerThatAWriteOvertookIsNotKept() {
        try (Database database = Database.open(directory)) {
            ReadCache<String, String> cache = new ReadCache<>(database, 10);
            assertThat(cache.get("a", question -> {
                database.writeVoid(client -> client.sql("delete from files").update());
                return "old";
            })).isEqualTo("old");
            assertThat(cache.get("a", question -> "new")).isEqualTo("new");
        }
    }

    @Test
    void noMoreAreKeptThanAllowedAndNoneOfAReadThatThrows() {
        try (Database database = Database.open(directory)) {
            ReadCache<Integer, Integer> cache = new ReadCache<>(database, 2);
            AtomicInteger reads = new AtomicInteger();
            for (int question : new int[]{1, 2, 3, 1}) {
                cache.get(question, any -> reads.incrementAndGet());
            }
            assertThat(reads).hasValue(4);
            assertThatThrownBy(() -> cache.get(9, any -> {
                throw new IllegalStateException("no");
            })).isInstanceOf(IllegalStateException.class);
            assertThat(cache.get(9, any -> 7)).isEqualTo(7);
        }
    }
}
