package dev.luthier.server.api;

import dev.luthier.core.problem.Problem;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A part of the heap that requests share. A request that finds no room waits for a while and is then refused with 503
 * and {@code Retry-After}, rather than that all of them fail for lack of memory. Thread-safe.
 */
public final class RequestMemory {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int UNIT_BYTES = 1 << 10;

    private final Duration patience;
    private final int units;
    private final Semaphore room;

    public RequestMemory(long bytes) {
        this(bytes, PATIENCE);
    }

    /** @param patience how long a request waits for room */
    RequestMemory(long bytes, Duration patience) {
        this.patience = patience;
        this.units = Math.clamp(bytes / UNIT_BYTES, 1, Integer.MAX_VALUE);
        this.room = new Semaphore(units, true);
    }

    /** The share of one request, at first nothing. For one thread. Close it when the request is done with its memory. */
    public Lease lease() {
        return new Lease();
    }

    /** All of it. */
    public long bytes() {
        return (long) units * UNIT_BYTES;
    }

    /** What one request has taken. */
    public final class Lease implements AutoCloseable {
        private long bytes;
        private int taken;

        private Lease() {}

        /**
         * Takes more. A request that alone wants more than there is gets all there is.
         *
         * @throws dev.luthier.core.problem.ProblemException RESOURCE {@code server_busy}
         */
        public Lease add(long more) {
            bytes += more;
            int wanted = (int) Math.min(units, Math.ceilDiv(bytes, UNIT_BYTES)) - taken;
            if (wanted > 0) {
                acquire(wanted);
                taken += wanted;
            }
            return this;
        }

        private void acquire(int wanted) {
            try {
                if (room.tryAcquire(wanted, patience.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw Problem.resource("server_busy", "The server handles as many requests as its memory allows. Send the"
                    + " request again in a few seconds, or raise the server's memory (LUTHIER_SERVER_HEAP).")
                    .asException();
        }

        @Override
        public void close() {
            room.release(taken);
            taken = 0;
            bytes = 0;
        }
    }
}
