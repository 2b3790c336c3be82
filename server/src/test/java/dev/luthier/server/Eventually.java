package dev.luthier.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;

/** Waits for what another thread or process does, and fails when it does not come. */
public final class Eventually {
    private static final long PATIENCE_MILLIS = 60_000;

    private Eventually() {}

    /** Returns once the condition holds. */
    public static void holds(String what, Callable<Boolean> condition) {
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        try {
            while (!condition.call()) {
                assertThat(System.nanoTime()).as(what).isLessThan(deadline);
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
