package dev.luthier.server.store;

import dev.luthier.core.storage.StorageFault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/**
 * A file that takes room for a full disk: given up, it lets the database store events, states and deletions, by which
 * people make room again. Thread-safe.
 */
final class Reserve {
    static final int SIZE_BYTES = 4 << 20;
    /** A disk with less room than this is left alone. */
    private static final long AMPLE_BYTES = 16L * SIZE_BYTES;

    private final Path directory;
    private final Path file;

    Reserve(Path directory) {
        this.directory = directory;
        this.file = directory.resolve("reserve");
    }

    /** Makes the file unless it is there or room is short; a disk that does not take it has none. */
    synchronized void fill() {
        if (Files.exists(file) || StorageFault.freeBytes(directory) < AMPLE_BYTES) {
            return;
        }
        byte[] bytes = new byte[SIZE_BYTES];
        new SplittableRandom(1).nextBytes(bytes); // zeros would be compressed away
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (IOException e) {
            release();
        }
    }

    /** Gives the room up; false when there was none to give. */
    synchronized boolean release() {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            return false;
        }
    }
}
