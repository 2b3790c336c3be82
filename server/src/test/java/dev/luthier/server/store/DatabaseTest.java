package dev.luthier.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
    @TempDir
    Path directory;

    private static long organizations(Database database) {
        return database.reader().sql("select count(*) from organizations").query(Long.class).single();
    }

    private static void insert(Database database, String id) {
        database.writeVoid(jdbc -> jdbc.sql("insert into organizations (id, name, created_at) values (?, ?, 1)")
                .params(id, id).update());
    }

    @Test
    void committedWritesAreSeenByReadersAndOutliveTheDatabase() {
        try (Database database = Database.open(directory)) {
            insert(database, "a");
            assertThat(organizations(database)).isEqualTo(1);
        }
        try (Database database = Database.open(directory)) {
            assertThat(organizations(database)).isEqualTo(1);
        }
    }

    @Test
    void failedTransactionLeavesNothing() {
        try (Database database = Database.open(directory)) {
            assertThatThrownBy(() -> database.writeVoid(jdbc -> {
                insert(database, "inner");
                throw new IllegalStateException("after the insert");
            })).hasMessage("after the insert");
            assertThat(organizations(database)).isZero();
        }
    }

    @Test
    void readersCannotWrite() {
        try (Database database = Database.open(directory)) {
            assertThatThrownBy(() -> database.reader().sql("delete from organizations").update())
                    .hasStackTraceContaining("readonly");
        }
    }

    @Test
    void foreignKeysAreEnforcedAndWritesAreOnDiskAtCommit() {
        try (Database database = Database.open(directory)) {
            assertThatThrownBy(() -> database.writeVoid(jdbc -> jdbc
                    .sql("insert into projects (id, organization_id, name, created_at) values ('p', 'none', 'p', 1)")
                    .update())).hasStackTraceContaining("FOREIGN KEY");
            assertThat(database.<Integer>write(jdbc -> jdbc.sql("pragma synchronous").query(Integer.class).single()))
                    .as("2 is FULL").isEqualTo(2);
            assertThat(database.<String>write(jdbc -> jdbc.sql("pragma journal_mode").query(String.class).single()))
                    .isEqualTo("wal");
        }
    }

    @Test
    void fullDiskIsMetWithTheRoomOfTheReserveOnce() {
        try (Database database = Database.open(directory)) {
            Path reserve = directory.resolve("reserve");
            assertThat(reserve).hasSize(Reserve.SIZE_BYTES);
            List<Boolean> there = new ArrayList<>();
            database.writeVoid(jdbc -> {
                there.add(Files.exists(reserve));
                if (there.size() == 1) {
                    throw new UncheckedIOException(new IOException("No space left on device"));
                }
                jdbc.sql("insert into organizations (id, name, created_at) values ('a', 'a', 1)").update();
            });
            assertThat(there).containsExactly(true, false);
            assertThat(organizations(database)).isEqualTo(1);
            assertThatThrownBy(() -> database.writeVoid(jdbc -> {
                throw new UncheckedIOException(new IOException("No space left on device"));
            })).isInstanceOf(UncheckedIOException.class);
            database.refillReserve();
            assertThat(reserve).hasSize(Reserve.SIZE_BYTES);
        }
    }

    @Test
    void concurrentReadThenWriteTransactionsAllSucceed() throws ExecutionException, InterruptedException {
        try (Database database = Database.open(directory);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                all.add(threads.submit(() -> database.writeVoid(jdbc -> {
                    long count = jdbc.sql("select count(*) from organizations").query(Long.class).single();
                    jdbc.sql("insert into organizations (id, name, created_at) values (?, ?, 1)")
                            .params("o" + count, "o" + count).update();
                })));
            }
            for (Future<?> one : all) {
                one.get();
            }
            assertThat(organizations(database)).isEqualTo(100);
        }
    }
}
