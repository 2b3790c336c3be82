package dev.luthier.server.api;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many requests each API key has left: a token bucket per key that holds the requests of a minute and fills up
 * evenly. A full bucket is as good as none, so those are let go. In memory; thread-safe.
 */
final class RateLimits {
    /** Requests between two looks for full buckets. */
    private static final int SWEEP_EVERY = 1024;

    private final Bandwidth perMinute;
    private final TimeMeter time;
    private final ConcurrentHashMap<UUID, Bucket> buckets = new ConcurrentHashMap<>();
    private final AtomicInteger requests = new AtomicInteger();

    RateLimits(int requestsPerMinute, TimeMeter time) {
        this.perMinute = Bandwidth.builder().capacity(requestsPerMinute)
                .refillGreedy(requestsPerMinute, Duration.ofMinutes(1)).build();
        this.time = time;
    }

    /**
     * What became of one request.
     *
     * @param remaining requests that may follow at once
     * @param waitNanos time until a request is allowed; 0 when this one is
     * @param resetNanos time until all requests of a minute are there again
     */
    record Taken(boolean allowed, long remaining, long waitNanos, long resetNanos) {}

    /** Counts one request of a key, if the key has one left. */
    Taken take(UUID key) {
        if (requests.incrementAndGet() % SWEEP_EVERY == 0) {
            sweep();
        }
        ConsumptionProbe[] probe = new ConsumptionProbe[1];
        buckets.compute(key, (id, bucket) -> {
            Bucket used = bucket == null
                    ? Bucket.builder().addLimit(perMinute).withCustomTimePrecision(time).build()
                    : bucket;
            probe[0] = used.tryConsumeAndReturnRemaining(1);
            return used;
        });
        return new Taken(probe[0].isConsumed(), probe[0].getRemainingTokens(), probe[0].getNanosToWaitForRefill(),
                probe[0].getNanosToWaitForReset());
    }

    private void sweep() {
        for (UUID key : buckets.keySet()) {
            buckets.computeIfPresent(key,
                    (id, bucket) -> bucket.getAvailableTokens() == perMinute.getCapacity() ? null : bucket);
        }
    }

    /** Keys that are kept in memory. */
    int size() {
        return buckets.size();
    }
}
