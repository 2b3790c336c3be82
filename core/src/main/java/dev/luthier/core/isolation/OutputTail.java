package dev.luthier.core.isolation;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads a program's error stream to its end, on a thread of its own, and keeps the last of it. Thread-safe. */
final class OutputTail {
    private static final int KEPT_BYTES = 1 << 15;

    private final Thread thread;
    private byte[] kept = new byte[0];

    OutputTail(InputStream stream) {
        thread = Thread.ofVirtual().start(() -> read(stream));
    }

    private void read(InputStream stream) {
        byte[] chunk = new byte[KEPT_BYTES];
        try (stream) {
            for (int count = stream.read(chunk); count >= 0; count = stream.read(chunk)) {
                keep(chunk, count);
            }
        } catch (IOException e) {
            // The stream broke off with its program.
        }
    }

    private synchronized void keep(byte[] chunk, int count) {
        int before = Math.min(kept.length, KEPT_BYTES - count);
        byte[] next = new byte[before + count];
        System.arraycopy(kept, kept.length - before, next, 0, before);
        System.arraycopy(chunk, 0, next, before, count);
        kept = next;
    }

    /** What the program said last; waits for the end of the stream, so that it is all there. */
    String text() throws InterruptedException {
        thread.join();
        synchronized (this) {
            return new String(kept, StandardCharsets.UTF_8).strip();
        }
    }
}
