package dev.luthier.engine.train;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGTERM or Ctrl-C as a wish that the training loop reads between steps. The process lives on until the loop says that
 * it is done, so that it can write a checkpoint; after two minutes it ends all the same.
 */
public final class TerminationSignal {
    private static final long GRACE_SECONDS = 120;

    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean received;

    private TerminationSignal() {}

    /** Begins to listen. */
    public static TerminationSignal install() {
        TerminationSignal signal = new TerminationSignal();
        Runtime.getRuntime().addShutdownHook(new Thread(signal::onShutdown, "termination"));
        return signal;
    }

    private void onShutdown() {
        received = true;
        try {
            boolean _ = done.await(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the process was asked to end. */
    public boolean received() {
        return received;
    }

    /** Lets the process end; to be called also when nobody asked for it. */
    public void done() {
        done.countDown();
    }
}
