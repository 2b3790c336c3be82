package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.luthier.core.job.JobState;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.storage.StorageFault;
import dev.luthier.server.store.StorageHealth;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionTemplate;

/** Jobs wait while the disk fails, and go on when it is over. */
final class FullDiskTest {
    private static final Problem FULL = StorageFault.FULL.problem(Path.of("/"), 1000);

    /** Who else might tell of a failed transaction. */
    private static final List<Class<?>> LOGGERS = List.of(StorageHealth.class, Reconciler.class,
            TransactionTemplate.class);

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private Rig rig;

    @BeforeEach
    void open(@TempDir Path directory) {
        rig = new Rig(directory);
        log.start();
        LOGGERS.forEach(logger -> ((Logger) LoggerFactory.getLogger(logger)).addAppender(log));
    }

    @AfterEach
    void close() {
        LOGGERS.forEach(logger -> ((Logger) LoggerFactory.getLogger(logger)).detachAppender(log));
        rig.close();
    }

    @Test
    void runThatTheDiskBlocksWaitsUntilThereIsRoomForWhatItNeeds() {
        Job job = rig.running();
        rig.ends(job, new Outcome.Blocked(FULL, Long.MAX_VALUE));
        Job waiting = rig.until(job, JobState.WAITING);
        assertThat(waiting.fruitlessAttempts()).isZero();
        assertThat(rig.history.events(job.id()).getFirst()).satisfies(event -> {
            assertThat(event.message()).contains("1,000 bytes are needed", "bytes are free", "last checkpoint");
            assertThat(event.level()).isEqualTo(JobEvent.Level.WARN);
            assertThat(event.data().path("needed_bytes").longValue()).isEqualTo(Long.MAX_VALUE);
            assertThat(event.data().path("free_bytes").longValue()).isPositive();
        });
        rig.clock.move(Duration.ofHours(1));
        rig.pass();
        assertThat(rig.now(job).state()).isEqualTo(JobState.WAITING);
        assertThat(rig.launcher.started).hasSize(1);
    }

    @Test
    void noNumberOfBlockedAttemptsFailsAJob() {
        Job job = rig.starting();
        for (int attempt = 1; attempt <= 20; attempt++) {
            rig.until(job, JobState.STARTING);
            rig.ends(job, attempt % 2 == 0
                    ? new Outcome.Blocked(FULL, 1)
                    : new Outcome.Failed(StorageFault.NO_HANDLES.problem(Path.of("/"), 0)));
            rig.until(job, JobState.WAITING);
            rig.clock.move(Duration.ofMinutes(5));
        }
        rig.until(job, JobState.STARTING);
        rig.ends(job, rig.adapter(job));
        rig.until(job, JobState.SUCCEEDED);
    }

    @Test
    void pausingJobThatTheDiskBlocksIsPaused() {
        Job job = rig.running();
        rig.service.pause(Rig.CALLER, job.id());
        rig.ends(job, new Outcome.Blocked(FULL, 1));
        rig.until(job, JobState.PAUSED);
    }

    @Test
    void fullDatabaseStopsNoJobAndIsLoggedOnceAndOnceWhenItIsOver() {
        Job running = rig.running();
        Job waiting = rig.until(rig.create(true), JobState.WAITING);
        long room = fill();
        rig.says(running, rig.step(1, 1));
        rig.says(running, new Progress.Note(1, 3, 0, "info", "more than the pages hold ".repeat(1_000)));
        for (int i = 0; i < 60; i++) {
            rig.pass();
            rig.clock.move(Duration.ofMillis(10));
        }
        assertThat(rig.now(running).state()).isEqualTo(JobState.RUNNING);
        assertThat(rig.now(waiting).state()).isEqualTo(JobState.WAITING);
        assertThat(log.list).filteredOn(line -> line.getLevel().isGreaterOrEqual(Level.WARN)).hasSize(1).first()
                .satisfies(line -> {
                    assertThat(line.getFormattedMessage()).contains("The disk", "Jobs wait");
                    assertThat(line.getThrowableProxy()).isNull();
                });
        empty(room);
        rig.clock.move(Duration.ofSeconds(2));
        rig.pass();
        rig.pass();
        assertThat(rig.now(running).progress().step()).isEqualTo(1);
        assertThat(log.list).filteredOn(line -> line.getLevel().isGreaterOrEqual(Level.INFO)).hasSize(2).last()
                .extracting(ILoggingEvent::getFormattedMessage).asString()
                .contains("can be written again");
        rig.ends(running, rig.adapter(running));
        rig.until(running, JobState.SUCCEEDED);
        rig.until(waiting, JobState.STARTING);
    }

    @Test
    void jobsAreToldOfTheFaultOnce() {
        Job job = rig.running();
        rig.storage.note(new UncheckedIOException(new IOException("No space left on device")));
        rig.pass();
        rig.pass();
        assertThat(rig.history.events(job.id())).filteredOn(event -> event.message().contains("goes on by itself"))
                .singleElement().extracting(JobEvent::data).extracting(data -> data.path("code").stringValue())
                .isEqualTo("disk_full");
    }

    @Test
    void validationThatMeetsAFaultOfTheDiskIsRepeated() {
        rig.check = request -> {
            throw new UncheckedIOException(new IOException("Input/output error"));
        };
        Job job = rig.until(rig.create(true), JobState.VALIDATING);
        while (rig.storage.problem().isEmpty()) {
            rig.pass();
        }
        rig.check = request -> new DataCheck.Result.Valid(Rig.plan(20), List.of());
        rig.pass();
        assertThat(rig.now(job).state()).isEqualTo(JobState.VALIDATING);
        rig.clock.move(Duration.ofSeconds(2));
        rig.until(job, JobState.STARTING);
    }

    /** Leaves the database no room for another page; the limit that it had. */
    private long fill() {
        return rig.database.write(jdbc -> {
            long limit = jdbc.sql("pragma max_page_count").query(Long.class).single();
            jdbc.sql("pragma max_page_count = 1").query(Long.class).single();
            return limit;
        });
    }

    private void empty(long limit) {
        rig.database.writeVoid(
                jdbc -> jdbc.sql("pragma max_page_count = " + limit).query(Long.class).single());
    }
}
