package dev.luthier.server.store;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Remembers what was read from the database until anything is written to it. Clients poll: the same few rows are asked
 * for again and again between two changes. Thread-safe.
 *
 * @param <K> what is asked for
 * @param <V> the answer; immutable, as all readers share it
 */
public final class ReadCache<K, V> {
    private final Database database;
    private final int most;
    private volatile Known<K, V> known = new Known<>(-1, new ConcurrentHashMap<>());

    /** @param most answers that are kept; beyond it all are forgotten */
    public ReadCache(Database database, int most) {
        this.database = database;
        this.most = most;
    }

    private record Known<K, V>(long writes, Map<K, V> answers) {}

    /** The answer, read now unless it was read since the last write. Nothing is kept of a read that throws. */
    public V get(K question, Function<K, V> read) {
        long before = database.writes();
        Known<K, V> valid = known;
        if (valid.writes() != before || valid.answers().size() >= most) {
            valid = new Known<>(before, new ConcurrentHashMap<>());
            known = valid;
        }
        V answer = valid.answers().get(question);
        if (answer == null) {
            answer = read.apply(question);
            // Kept under the number from before the read: a write in between makes it void.
            valid.answers().put(question, answer);
        }
        return answer;
    }
}
