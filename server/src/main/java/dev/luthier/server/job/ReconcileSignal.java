package dev.luthier.server.job;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Tells the reconciler that there may be something to do, from any thread. */
final class ReconcileSignal {
    private final Semaphore signals = new Semaphore(0);

    void send() {
        signals.release();
    }

    /** Returns once it was sent since the last call, or after the time-out. */
    void await(Duration timeout) throws InterruptedException {
        boolean sent = signals.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS);
        if (sent) {
            signals.drainPermits();
        }
    }
}
