package dev.luthier.server.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.luthier.core.problem.Problem;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
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
    private static final int BUSY_TIMEOUT_MILLIS = 5_000;

    private final HikariDataSource writer;
    private final HikariDataSource readers;
    private final JdbcClient writeClient;
    private final JdbcClient readClient;
    private final TransactionTemplate transactions;
    private final AtomicLong writes = new AtomicLong();

    private Database(HikariDataSource writer, HikariDataSource readers) {
        this.writer = writer;
        this.readers = readers;
        this.writeClient = JdbcClient.create(writer);
        this.readClient = JdbcClient.create(readers);
        this.transactions = new TransactionTemplate(new DataSourceTransactionManager(writer));
    }

    /**
     * Opens or makes {@code luthier.db} in the directory and brings its tables up to date.
     *
     * @throws dev.luthier.core.problem.ProblemException USER, when a newer version has written it
     */
    public static Database open(Path directory) {
        String url = "jdbc:sqlite:" + directory.resolve("luthier.db");
        SQLiteDataSource writing = writerSource(url);
        try {
            Flyway.configure().dataSource(writing).locations("classpath:db/migration").load().migrate();
        } catch (FlywayException e) {
            throw Problem.user("database_unusable", "The database in " + directory + " cannot be used by this version: "
                    + e.getMessage()).asException();
        }
        SQLiteConfig readOnly = new SQLiteConfig();
        readOnly.setReadOnly(true);
        readOnly.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        SQLiteDataSource reading = new SQLiteDataSource(readOnly);
        reading.setUrl(url);
        return new Database(pool("writer", writing, 1, false), pool("reader", reading, READERS, true));
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

    /** For single statements that read; each sees the last committed state. */
    public JdbcClient reader() {
        return readClient;
    }

    /**
     * Runs one write transaction: it commits when the work returns and rolls back when it throws. A call inside the
     * work joins the transaction. Keep the work short and free of anything but SQL: all writers wait for it.
     */
    public <T extends @Nullable Object> T write(Function<JdbcClient, T> work) {
        try {
            return transactions.execute(status -> work.apply(writeClient));
        } finally {
            writes.incrementAndGet();
        }
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
