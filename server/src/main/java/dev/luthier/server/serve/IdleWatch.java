package dev.luthier.server.serve;

import java.time.Duration;

/** Has idle processes stopped from time to time, until it is closed. */
final class IdleWatch implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofSeconds(5);

    private final Thread thread;

    IdleWatch(Runnable stopIdle) {
        thread = Thread.ofVirtual().name("idle-workers").start(() -> {
            try {
                while (true) {
                    Thread.sleep(PERIOD);
                    stopIdle.run();
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
