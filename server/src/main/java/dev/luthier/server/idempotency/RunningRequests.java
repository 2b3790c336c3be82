package dev.luthier.server.idempotency;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The named requests that this server is at work on. They are known in memory only: a server that was killed is at work
 * on nothing. Thread-safe.
 */
public final class RunningRequests {
    private final ConcurrentHashMap<RequestName, Running> running = new ConcurrentHashMap<>();

    /** One request at work; closed when it has been answered or has failed. */
    public final class Running implements AutoCloseable {
        private final RequestName name;
        private final String requestHash;
        private final CountDownLatch end = new CountDownLatch(1);

        private Running(RequestName name, String requestHash) {
            this.name = name;
            this.requestHash = requestHash;
        }

        public String requestHash() {
            return requestHash;
        }

        /** Waits for the end; false when it has not come in time. */
        public boolean await(Duration patience) throws InterruptedException {
            return end.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public void close() {
            running.remove(name, this);
            end.countDown();
        }
    }

    /**
     * The start of a request.
     *
     * @param mine the request; it has begun, and the caller closes it, only when there is no other
     * @param other another of its name that is at work; null when there is none
     */
    public record Start(Running mine, @Nullable Running other) {}

    /** Starts a request unless another of its name is at work. */
    public Start start(RequestName name, String requestHash) {
        Running mine = new Running(name, requestHash);
        return new Start(mine, running.putIfAbsent(name, mine));
    }

    /** Starts a request beside any other of its name; later ones of that name find this one. */
    public Running startAnyway(RequestName name, String requestHash) {
        Running mine = new Running(name, requestHash);
        running.put(name, mine);
        return mine;
    }
}
