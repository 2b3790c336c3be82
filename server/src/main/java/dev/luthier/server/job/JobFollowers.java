package dev.luthier.server.job;

import dev.luthier.core.problem.Problem;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Those who wait for events of jobs. Each is woken when an event of its job was committed, so that nobody asks the
 * database again and again. Safe for use by several threads.
 */
public final class JobFollowers implements AutoCloseable {
    private final int perKey;
    private final Map<UUID, Set<Follower>> byJob = new HashMap<>();
    private final Map<UUID, Integer> byKey = new HashMap<>();
    private boolean closed;

    /** @param perKey followers that one API key may have at a time */
    JobFollowers(int perKey) {
        this.perKey = perKey;
    }

    /**
     * Begins to follow a job; events that were committed before are not announced.
     *
     * @throws dev.luthier.core.problem.ProblemException {@code too_many_requests}, when the key follows enough already
     */
    synchronized Follower follow(UUID key, UUID job) {
        if (byKey.getOrDefault(key, 0) >= perKey) {
            throw Problem.user("too_many_requests", "This API key follows the events of " + perKey
                    + " jobs already. Close one of the streams first.").asException();
        }
        Follower follower = new Follower(key, job);
        byKey.merge(key, 1, Integer::sum);
        byJob.computeIfAbsent(job, id -> new HashSet<>()).add(follower);
        return follower;
    }

    /** Wakes the followers of a job. */
    synchronized void wake(UUID job) {
        byJob.getOrDefault(job, Set.of()).forEach(follower -> follower.news.release());
    }

    /** Ends all following, now and later: the server stops. */
    @Override
    public synchronized void close() {
        closed = true;
        byJob.values().forEach(all -> all.forEach(follower -> follower.news.release()));
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void remove(Follower follower) {
        Set<Follower> ofJob = byJob.get(follower.job);
        if (ofJob != null && ofJob.remove(follower)) {
            byKey.computeIfPresent(follower.key, (key, count) -> count == 1 ? null : Integer.valueOf(count - 1));
            if (ofJob.isEmpty()) {
                byJob.remove(follower.job);
            }
        }
    }

    /** One who follows one job. Used by one thread. */
    public final class Follower implements AutoCloseable {
        private final UUID key;
        private final UUID job;
        private final Semaphore news = new Semaphore(0);

        private Follower(UUID key, UUID job) {
            this.key = key;
            this.job = job;
        }

        /** Returns whether there may be news; false after the time-out without any. */
        public boolean await(Duration timeout) throws InterruptedException {
            boolean woken = news.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS);
            news.drainPermits();
            return woken;
        }

        /** Whether following has to end although the job may go on. */
        public boolean isOver() {
            return isClosed();
        }

        @Override
        public void close() {
            remove(this);
        }
    }
}
