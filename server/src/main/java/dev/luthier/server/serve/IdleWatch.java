package dev.luthier.server.serve;

import java.time.Duration;

/** Stops idle workers from time to time, until it is closed. */
final class IdleWatch implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofSeconds(5);

    private final Thread thread;

    IdleWatch(WorkerPool pool) {
        thread = Thread.ofVirtual().name("idle-workers").start(() -> {
            try {
                while (true) {
                    Thread.sleep(PERIOD);
                    pool.stopIdle();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
