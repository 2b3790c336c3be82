package dev.luthier.server.file;

import dev.luthier.server.store.Database;
import dev.luthier.server.store.StorageHealth;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes from time to time what has expired, and keeps the database's reserve filled, until it is closed. */
public final class Sweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);

    private final FileService files;
    private final UploadService uploads;
    private final Database database;
    private final StorageHealth storage;
    private final Thread thread;

    public Sweeper(FileService files, UploadService uploads, Database database, StorageHealth storage,
            Duration period) {
        this.files = files;
        this.uploads = uploads;
        this.database = database;
        this.storage = storage;
        thread = Thread.ofVirtual().name("sweeper").start(() -> {
            try {
                while (true) {
                    Thread.sleep(period);
                    sweep();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void sweep() {
        try {
            files.sweep();
            uploads.sweep();
            database.refillReserve();
        } catch (RuntimeException e) {
            if (storage.note(e).isEmpty()) {
                LOG.warn("what has expired could not be removed; the next sweep tries again", e);
            }
        }
    }

    /** Waits for a sweep that is under way. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
