package dev.luthier.server.store;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.storage.StorageFault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.TransactionSystemException;
import org.sqlite.SQLiteException;

/**
 * Whether the data directory takes what is written to it. Faults of its disk come to a hundred places at a time; here
 * the log tells of them once, and once when they are over. Thread-safe.
 */
public final class StorageHealth {
    private static final Logger LOG = LoggerFactory.getLogger(StorageHealth.class);
    private static final int PROBE_BYTES = 1 << 20;
    private static final Duration BETWEEN_PROBES = Duration.ofSeconds(1);
    /** A fault that comes back so soon is the same one. */
    private static final Duration SAME_FAULT = Duration.ofMinutes(10);

    private final Path directory;
    private final Path probe;
    private final InstantSource clock;
    private @Nullable Fault present;
    private @Nullable StorageFault told;
    private long toldUntilMillis;

    /**
     * @param directory the data directory
     * @param temporary a folder on the same disk that is emptied at every start
     */
    public StorageHealth(Path directory, Path temporary, InstantSource clock) {
        this.directory = directory;
        this.probe = temporary.resolve("storage-probe");
        this.clock = clock;
    }

    private record Fault(StorageFault kind, long sinceMillis, long probedMillis) {
        Fault probed(long now) {
            return new Fault(kind, sinceMillis, now);
        }
    }

    /** The fault of the disk behind something thrown, by files or by the database; empty when it is something else. */
    public static Optional<StorageFault> faultIn(Throwable thrown) {
        Optional<StorageFault> fault = StorageFault.in(thrown);
        if (fault.isPresent()) {
            return fault;
        }
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            if (each instanceof SQLiteException sqlite) {
                StorageFault kind = switch (sqlite.getResultCode().code & 0xff) {
                    case 13 -> StorageFault.FULL; // SQLITE_FULL
                    case 8 -> StorageFault.READ_ONLY; // SQLITE_READONLY
                    case 10, 14 -> StorageFault.FAILING; // SQLITE_IOERR, SQLITE_CANTOPEN
                    default -> null;
                };
                if (kind != null) {
                    return Optional.of(kind);
                }
            }
            if (each instanceof TransactionSystemException ended && ended.getApplicationException() != null) {
                return faultIn(ended.getApplicationException());
            }
            if (each instanceof ProblemException problem) {
                Optional<StorageFault> named = StorageFault.ofCode(problem.problem().code());
                if (named.isPresent()) {
                    return named;
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Takes note of a fault of the disk.
     *
     * @return the problem, which names the bytes that are free; empty when what was thrown is something else
     */
    public Optional<Problem> note(Throwable thrown) {
        return faultIn(thrown).map(kind -> {
            Problem problem = kind.problem(directory, 0);
            begin(StorageFault.ofCode(problem.code()).orElse(kind), problem, thrown);
            return problem;
        });
    }

    private synchronized void begin(StorageFault kind, Problem problem, Throwable thrown) {
        if (present != null) {
            return;
        }
        long now = clock.millis();
        present = new Fault(kind, now, now);
        if (kind != told || now > toldUntilMillis) {
            LOG.error(
                    "{} The data directory is {} ({}). Jobs wait and requests that write are refused until it is over.",
                    problem.message(), directory, root(thrown));
        }
        told = kind;
    }

    private static String root(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    /** What is wrong with the disk now, as far as is known. */
    public synchronized Optional<Problem> problem() {
        return Optional.ofNullable(present).map(fault -> fault.kind.problem(directory, 0));
    }

    /** While there is a fault: finds out, once a second, whether it is over. */
    public synchronized void recheck() {
        long now = clock.millis();
        Fault fault = present;
        if (fault == null || now - fault.probedMillis < BETWEEN_PROBES.toMillis()) {
            return;
        }
        if (probe(probe).isPresent()) {
            present = fault.probed(now);
            return;
        }
        present = null;
        if (now > toldUntilMillis) {
            LOG.info("The data directory can be written again after {} s; what waited goes on. {} bytes are free.",
                    (now - fault.sinceMillis) / 1000, StorageFault.freeBytes(directory));
        }
        toldUntilMillis = now + SAME_FAULT.toMillis();
    }

    /**
     * What keeps a disk from taking a megabyte.
     *
     * @param file written and removed
     */
    public static Optional<StorageFault> probe(Path file) {
        try {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.allocate(PROBE_BYTES);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            return Optional.empty();
        } catch (IOException e) {
            return StorageFault.in(e);
        } finally {
            remove(file);
        }
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // A probe that stays is written over by the next one.
        }
    }
}
