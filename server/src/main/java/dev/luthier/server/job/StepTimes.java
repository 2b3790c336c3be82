package dev.luthier.server.job;

import dev.luthier.core.json.Json;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.store.Database;
import java.time.InstantSource;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * What {@code luthier probe} measured on this host, by base model and settings. A base model that was asked for in vain
 * is remembered as wanted. Safe for use by several threads.
 */
final class StepTimes {
    private final Database database;
    private final RunSettings settings;
    private final InstantSource clock;
    private final NavigableSet<String> wanted = new ConcurrentSkipListSet<>();

    StepTimes(Database database, RunSettings settings, InstantSource clock) {
        this.database = database;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * What a probe measured.
     *
     * @param secondsPerToken of a micro-batch, forward, backward and its share of the update
     * @param loadSeconds from the start of the process to the first step
     * @param peakBytes resident memory
     */
    record Measured(double secondsPerToken, double loadSeconds, long peakBytes) {}

    /** Seconds that the plan's training takes, start to end; empty while this base model was not measured here. */
    Optional<Double> seconds(BaseModel base, JobPlan plan) {
        Optional<Measured> measured = find(base);
        if (measured.isEmpty()) {
            want(base);
        }
        return measured.map(one -> one.loadSeconds() + one.secondsPerToken() * plan.trainTokens());
    }

    /** Asks for a measurement. */
    void want(BaseModel base) {
        wanted.add(base.name());
    }

    Optional<Measured> find(BaseModel base) {
        return database.reader().sql("select result from probe_results where probe_key = :key")
                .param("key", key(base)).query(String.class).optional()
                .map(text -> Json.MAPPER.readValue(text, Measured.class));
    }

    void store(BaseModel base, Measured measured) {
        database.writeVoid(client -> client.sql("""
                insert into probe_results (probe_key, result, created_at) values (:key, :result, :now)
                on conflict (probe_key) do update set result = excluded.result, created_at = excluded.created_at""")
                .param("key", key(base)).param("result", Json.write(measured)).param("now", clock.millis()).update());
    }

    /** Names of base models whose times were asked for and are not known; taking one removes it. */
    Optional<String> takeWanted() {
        return Optional.ofNullable(wanted.pollFirst());
    }

    /** Everything that a measurement depends on. */
    private String key(BaseModel base) {
        return String.join("|", base.name(), Long.toString(base.createdAtMillis()), Long.toString(base.parameters()),
                settings.baseType(), "r" + settings.rank(), "t" + settings.threadsFor(base),
                "b" + settings.microBatchTokens(), System.getProperty("os.arch", ""), Host.name());
    }
}
