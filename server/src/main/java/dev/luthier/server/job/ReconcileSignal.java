package dev.luthier.server.job;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Tells the reconciler that there may be something to do, from any thread. */
final class Bell {
    private final Semaphore rings = new Semaphore(0);

    void ring() {
        rings.release();
    }

    /** Returns once it was rung since the last call, or after the time-out. */
    void await(Duration timeout) throws InterruptedException {
        boolean rung = rings.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS);
        if (rung) {
            rings.drainPermits();
        }
    }
}
