package dev.luthier.server.job;

import org.springframework.context.SmartLifecycle;

/** Runs the reconciler while the server runs. */
final class ReconcilerLifecycle implements SmartLifecycle {
    private final Reconciler reconciler;
    private final boolean detach;
    private volatile boolean running;

    /** @param detach whether trainers are left alone when the server stops */
    ReconcilerLifecycle(Reconciler reconciler, boolean detach) {
        this.reconciler = reconciler;
        this.detach = detach;
    }

    @Override
    public void start() {
        reconciler.start();
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        if (detach) {
            reconciler.detach();
        } else {
            reconciler.close();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
