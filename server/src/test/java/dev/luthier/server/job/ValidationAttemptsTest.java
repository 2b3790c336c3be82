package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.core.problem.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks of data that end their process are counted as attempts of runs are. The rig's jobs have three. */
final class ValidationAttemptsTest {
    @TempDir
    private Path data;
    private Rig rig;

    @BeforeEach
    void open() {
        rig = new Rig(data);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private JobState stateOf(Job job) {
        return rig.now(job).state();
    }

    private void lookUntilFailed(Job job) {
        for (int i = 0; i < 500 && !stateOf(job).isFinal(); i++) {
            rig.clock.move(Duration.ofMinutes(5));
            rig.pass();
            JobsRig.pause();
        }
        assertThat(stateOf(job)).isEqualTo(JobState.FAILED);
    }

    @Test
    void aJobWhoseCheckEndsItsProcessEachTimeFailsAndOthersGoOn() {
        DataCheck sound = rig.check;
        AtomicInteger attempts = new AtomicInteger();
        rig.check = request -> {
            attempts.incrementAndGet();
            throw Problem.resource("encoding_ended", "The process ended at line 7.").asException();
        };
        Job poison = rig.create(true);
        lookUntilFailed(poison);
        assertThat(attempts).hasValue(3);
        assertThat(rig.now(poison).problem()).extracting(Problem::message).asString()
                .contains("3 attempts ended their process").contains("The process ended at line 7.");
        assertThat(rig.history.events(poison.id())).anyMatch(
                event -> event.message().equals("Attempt 1 to check the data ended: The process ended at line 7."));
        rig.check = sound;
        rig.until(rig.create(true), JobState.STARTING);
    }

    @Test
    void aCheckThatEndsTheServerEachTimeIsNotBegunForEver() {
        Job poison = rig.create(true);
        for (int server = 0; server < 3; server++) {
            rig.jobs.beginValidation(poison.id()); // and the server was gone
        }
        rig.check = request -> {
            throw new AssertionError("begun once more");
        };
        lookUntilFailed(poison);
        assertThat(rig.now(poison).problem()).extracting(Problem::message).asString()
                .contains("3 attempts ended their process");
    }

    @Test
    void anAttemptThatAStoppingServerEndsDoesNotCount() {
        AtomicInteger begun = new AtomicInteger();
        rig.check = request -> {
            begun.incrementAndGet();
            throw new InterruptedException("the server stops");
        };
        Job job = rig.create(true);
        for (int i = 0; i < 500 && begun.get() < 5; i++) {
            rig.pass();
            JobsRig.pause();
        }
        assertThat(begun.get()).isGreaterThanOrEqualTo(5);
        assertThat(stateOf(job)).isEqualTo(JobState.VALIDATING);
    }
}
