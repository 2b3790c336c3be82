package dev.luthier.server.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.storage.StorageFault;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The embedded SQLite database. All writes go through one connection in IMMEDIATE transactions that are on disk when
 * they return; reads go through a pool of read-only connections and see the last committed state. Thread-safe.
 */
public final class Database implements AutoCloseable {
    /** Calls into SQLite block their carrier thread, so the pools stay below the scheduler's parallelism. */
    private static final int READERS = 3;
    static final int BUSY_TIMEOUT_MILLIS = 5_000;

    private final HikariDataSource writer;
    private final HikariDataSource readers;
    private final JdbcClient writeClient;
    private final JdbcClient readClient;
    private final TransactionTemplate transactions;
    private final Reserve reserve;
    private final AtomicLong writes = new AtomicLong();

    private Database(HikariDataSource writer, HikariDataSource readers, Reserve reserve) {
        this.reserve = reserve;
        this.writer = writer;
        this.readers = readers;
        this.writeClient = JdbcClient.create(writer);
        this.readClient = JdbcClient.create(readers);
        DataSourceTransactionManager manager = new Transactions(writer);
        manager.setRollbackOnCommitFailure(true); // a full disk is found out at the commit
        this.transactions = new TransactionTemplate(manager);
    }

    /**
     * Opens or makes {@code luthier.db} in the directory and brings its tables up to date.
     *
     * @throws dev.luthier.core.problem.ProblemException USER, when a newer version has written it
     */
    public static Database open(Path directory) {
        String url = "jdbc:sqlite:" + directory.resolve(DatabaseFile.NAME);
        SQLiteDataSource writing = writerSource(url);
        migrate(directory, writing);
        SQLiteConfig readOnly = new SQLiteConfig();
        readOnly.setReadOnly(true);
        readOnly.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        SQLiteDataSource reading = new SQLiteDataSource(readOnly);
        reading.setUrl(url);
        Reserve reserve = new Reserve(directory);
        reserve.fill();
        return new Database(pool("writer", writing, 1, false), pool("reader", reading, READERS, true), reserve);
    }

    private static void migrate(Path directory, SQLiteDataSource source) {
        try {
            Flyway flyway = Flyway.configure().dataSource(source).locations("classpath:db/migration").load();
            for (MigrationInfo applied : flyway.info().applied()) {
                if (!applied.getState().isResolved()) {
                    throw Problem.user("database_too_new", "The database in " + directory + " was written by a newer"
                            + " Luthier (its tables are of version " + applied.getVersion() + "). Nothing was changed."
                            + " Start that Luthier, or restore a backup that was made before the upgrade.")
                            .asException();
                }
            }
            flyway.migrate();
        } catch (FlywayException e) {
            throw Problem.user("database_unusable", "The database in " + directory + " cannot be used by this version: "
                    + e.getMessage()).asException();
        }
    }

    private static SQLiteDataSource writerSource(String url) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        config.enforceForeignKeys(true);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl(url);
        return source;
    }

    private static HikariDataSource pool(String name, DataSource source, int size, boolean readOnly) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setDataSource(source);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(30_000);
        config.setReadOnly(readOnly);
        config.setMaxLifetime(0);
        return new HikariDataSource(config);
    }

    /** SQLite ends a transaction by itself when the disk is full: nothing is left to be rolled back then. */
    private static final class Transactions extends DataSourceTransactionManager {
        private static final long serialVersionUID = 1L;

        Transactions(DataSource source) {
            super(source);
        }

        @Override
        protected void doRollback(DefaultTransactionStatus status) {
            try {
                super.doRollback(status);
            } catch (TransactionException e) {
                String reason = String.valueOf(e.getMostSpecificCause().getMessage());
                if (!reason.contains("no transaction is active")) {
                    throw e;
                }
            }
        }
    }

    /** For single statements that read; each sees the last committed state. */
    public JdbcClient reader() {
        return readClient;
    }

    /**
     * Runs one write transaction: it commits when the work returns and rolls back when it throws. A call inside the
     * work joins the transaction. On a full disk the work is done a second time, with the room of a reserve. Keep the
     * work short and free of anything but SQL: all writers wait for it.
     */
    public <T extends @Nullable Object> T write(Function<JdbcClient, T> work) {
        try {
            return transact(work);
        } catch (RuntimeException e) {
            boolean joined = TransactionSynchronizationManager.isActualTransactionActive();
            if (joined || !StorageHealth.faultIn(e).equals(Optional.of(StorageFault.FULL)) || !reserve.release()) {
                throw e;
            }
            return transact(work); // with the room of the reserve
        }
    }

    private <T extends @Nullable Object> T transact(Function<JdbcClient, T> work) {
        try {
            return transactions.execute(status -> work.apply(writeClient));
        } finally {
            writes.incrementAndGet();
        }
    }

    /** Puts room aside again for the time when the disk is full; cheap when there is some. */
    public void refillReserve() {
        reserve.fill();
    }

    /** {@link #write} for work that has no result. */
    public void writeVoid(Consumer<JdbcClient> work) {
        this.<@Nullable Void>write(client -> {
            work.accept(client);
            return null;
        });
    }

    /**
     * How many write transactions have ended. What was read while this number stayed the same is what is there, since
     * all that changes the database goes through this object.
     */
    long writes() {
        return writes.get();
    }

    /** Has something done once the current write transaction has committed; never when it rolls back. */
    public void afterCommit(Runnable work) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                writes.incrementAndGet(); // who is told to look must not be shown what was read before
                work.run();
            }
        });
    }

    @Override
    public void close() {
        readers.close();
        writer.close();
    }
}
