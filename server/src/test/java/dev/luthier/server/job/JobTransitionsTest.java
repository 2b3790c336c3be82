package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.Problem.Kind;
import dev.luthier.core.run.Desired;
import dev.luthier.core.run.Outcome;
import dev.luthier.server.model.AdapterShelf;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Visits every declared transition of a job, by the causes that bring it about. */
final class JobTransitionsTest {
    private static final Set<String> VISITED = new TreeSet<>();
    private static final Set<String> RUN = new TreeSet<>();

    @TempDir
    private Path data;
    private Rig rig;

    @BeforeEach
    void open(TestInfo test) {
        RUN.add(test.getTestMethod().orElseThrow().getName());
        rig = new Rig(data);
    }

    @AfterEach
    void noteAndClose() {
        rig.database.reader().sql("select id from jobs").query(String.class).list().forEach(id -> {
            List<JobState> states = rig.history.events(UUID.fromString(id)).reversed().stream()
                    .map(JobEvent::state).filter(state -> state != null).toList();
            for (int i = 1; i < states.size(); i++) {
                VISITED.add(states.get(i - 1) + " -> " + states.get(i));
            }
        });
        rig.close();
    }

    /** All tests together visit every transition; one that is run alone need not. */
    @AfterAll
    static void everyDeclaredTransitionWasVisited() {
        Set<String> tests = Arrays.stream(JobTransitionsTest.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class)).map(Method::getName)
                .collect(Collectors.toSet());
        if (!RUN.containsAll(tests)) {
            return;
        }
        Set<String> declared = new TreeSet<>();
        for (JobState state : JobState.values()) {
            state.next().forEach(next -> declared.add(state + " -> " + next));
        }
        assertThat(VISITED).isEqualTo(declared);
    }

    @Test
    void validDataWithAutoStartWaits() {
        Job job = rig.create(true);
        assertThat(job.state()).isEqualTo(JobState.RECEIVED);
        assertThat(rig.until(job, JobState.STARTING).plan()).isEqualTo(Rig.plan(20));
    }

    @Test
    void validDataWithoutAutoStartIsValidatedUntilStarted() {
        Job job = rig.until(rig.create(false), JobState.VALIDATED);
        rig.pass();
        assertThat(rig.now(job).state()).isEqualTo(JobState.VALIDATED);
        assertThat(rig.service.start(Rig.CALLER, job.id()).state()).isEqualTo(JobState.WAITING);
    }

    @Test
    void invalidDataEndsTheJobWithItsFaults() {
        rig.check = request -> new DataCheck.Result.Invalid(Problem.user("invalid_data", "line 3 is bad"),
                Map.of("total_faults", 1));
        Job job = rig.until(rig.create(true), JobState.INVALID);
        assertThat(job.problem()).isEqualTo(Problem.user("invalid_data", "line 3 is bad"));
        assertThat(rig.history.events(job.id()).getFirst().data().path("total_faults").asInt()).isEqualTo(1);
        assertThat(job.finishedAtMillis()).isNotNull();
    }

    @Test
    void aFaultOfTheServerWhileReadingFailsTheJob() {
        rig.check = request -> {
            throw new IllegalStateException("boom");
        };
        assertThat(rig.until(rig.create(true), JobState.FAILED).problem()).extracting(Problem::kind)
                .isEqualTo(Kind.INTERNAL);
    }

    @Test
    void receivedJobIsCancelledAtOnce() {
        assertCancels(rig.create(true), JobState.CANCELLED);
    }

    @Test
    void cancelWhileReadingInterruptsIt() throws InterruptedException {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        rig.check = request -> {
            reading.countDown();
            try {
                new CountDownLatch(1).await();
            } finally {
                interrupted.countDown();
            }
            throw new AssertionError();
        };
        Job job = rig.create(true);
        rig.pass();
        assertThat(reading.await(1, TimeUnit.MINUTES)).isTrue();
        assertCancels(job, JobState.CANCELLED);
        assertThat(interrupted.await(1, TimeUnit.MINUTES)).isTrue();
        rig.pass();
        assertThat(rig.now(job).state()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void validatedJobCanBeCancelled() {
        assertCancels(rig.until(rig.create(false), JobState.VALIDATED), JobState.CANCELLED);
    }

    @Test
    void startFindsThatTheBaseModelWentAway() throws IOException {
        Job job = rig.until(rig.create(false), JobState.VALIDATED);
        removeBase();
        Job started = rig.service.start(Rig.CALLER, job.id());
        assertThat(started.state()).isEqualTo(JobState.INVALID);
        assertThat(started.problem()).extracting(Problem::code).isEqualTo("base_model_gone");
    }

    @Test
    void waitingJobFailsWhenTheBaseModelWentAway() throws IOException {
        rig.running();
        Job second = rig.until(rig.create(true), JobState.WAITING);
        removeBase();
        rig.ends(second, null);
        rig.until(second, JobState.FAILED);
    }

    @Test
    void waitingJobCanBePausedResumedAndCancelled() {
        rig.running();
        Job second = rig.until(rig.create(true), JobState.WAITING);
        assertThat(rig.service.pause(Rig.CALLER, second.id()).state()).isEqualTo(JobState.PAUSED);
        assertThat(rig.service.resume(Rig.CALLER, second.id()).state()).isEqualTo(JobState.WAITING);
        assertCancels(second, JobState.CANCELLED);
    }

    @Test
    void startingJobCanBeCancelled() {
        Job job = rig.starting();
        assertCancels(job, JobState.CANCELLING);
        rig.pass();
        assertThat(rig.run(job).readDesired()).isEqualTo(Desired.CANCEL);
        rig.ends(job, new Outcome.Cancelled(0));
        rig.until(job, JobState.CANCELLED);
    }

    @Test
    void startingJobCanBePaused() {
        Job job = rig.starting();
        assertThat(rig.service.pause(Rig.CALLER, job.id()).state()).isEqualTo(JobState.PAUSING);
        rig.pass();
        assertThat(rig.run(job).readDesired()).isEqualTo(Desired.PAUSE);
        rig.ends(job, new Outcome.Paused(0));
        assertCancels(rig.until(job, JobState.PAUSED), JobState.CANCELLED);
    }

    @Test
    void processThatDiesWhileLoadingIsStartedAgainAfterADelay() {
        Job job = rig.starting();
        rig.ends(job, null);
        Job waiting = rig.until(job, JobState.WAITING);
        assertThat(waiting.fruitlessAttempts()).isEqualTo(1);
        rig.pass();
        assertThat(rig.now(job).state()).isEqualTo(JobState.WAITING);
        rig.clock.move(Duration.ofSeconds(10));
        assertThat(rig.until(job, JobState.STARTING).attempt()).isEqualTo(2);
    }

    @Test
    void processThatReportsAFaultWhileLoadingFailsTheJob() {
        Job job = rig.starting();
        rig.ends(job, Rig.failed(Kind.USER));
        assertThat(rig.until(job, JobState.FAILED).problem()).extracting(Problem::message)
                .isEqualTo("It broke at step 3.");
    }

    @Test
    void finishedRunBecomesAModelInOneStep() {
        Job job = rig.running();
        rig.ends(job, rig.adapter(job));
        Job done = rig.until(job, JobState.SUCCEEDED);
        assertThat(done.trainedTokens()).isEqualTo(800);
        assertThat(rig.models.find("org-test", Objects.requireNonNull(done.fineTunedModel()))).get()
                .satisfies(model -> assertThat(model.adapter().resolve("adapter_model.safetensors")).hasContent(
                        "weights"));
        assertThat(rig.run(job).checkpoints()).doesNotExist();
    }

    @Test
    void runningJobCanBePausedAndResumed() {
        Job job = rig.running();
        rig.service.pause(Rig.CALLER, job.id());
        rig.ends(job, new Outcome.Paused(7));
        rig.until(job, JobState.PAUSED);
        rig.service.resume(Rig.CALLER, job.id());
        rig.until(job, JobState.STARTING);
        assertThat(rig.run(job).readDesired()).isEqualTo(Desired.RUN);
        assertThat(rig.run(job).readOutcome()).isEmpty();
    }

    @Test
    void cancelWinsOverARunThatFinishesMeanwhile() {
        Job job = rig.running();
        Outcome trained = rig.adapter(job);
        assertCancels(job, JobState.CANCELLING);
        rig.ends(job, trained);
        rig.until(job, JobState.CANCELLED);
        assertThat(rig.run(job).adapter()).doesNotExist();
        assertThat(rig.shelf.place(AdapterShelf.modelOf(job.id()))).doesNotExist();
        assertThat(rig.models.list("org-test")).isEmpty();
    }

    @Test
    void crashedRunGoesBackToTheQueue() {
        Job job = rig.running();
        rig.ends(job, null);
        assertThat(rig.until(job, JobState.WAITING).finishedAtMillis()).isNull();
    }

    @Test
    void runThatReportsAFaultFails() {
        Job job = rig.running();
        rig.ends(job, Rig.failed(Kind.INTERNAL));
        rig.until(job, JobState.FAILED);
    }

    @Test
    void finishWinsOverPause() {
        Job job = rig.running();
        rig.service.pause(Rig.CALLER, job.id());
        rig.ends(job, rig.adapter(job));
        rig.until(job, JobState.SUCCEEDED);
    }

    @Test
    void pausingJobCanBeCancelled() {
        Job job = rig.running();
        rig.service.pause(Rig.CALLER, job.id());
        assertCancels(job, JobState.CANCELLING);
        rig.ends(job, new Outcome.Paused(3));
        rig.until(job, JobState.CANCELLED);
    }

    @Test
    void pausingJobFailsWhenItsTrainerDoes() {
        Job job = rig.running();
        rig.service.pause(Rig.CALLER, job.id());
        rig.ends(job, Rig.failed(Kind.USER));
        rig.until(job, JobState.FAILED);
    }

    private void assertCancels(Job job, JobState then) {
        assertThat(rig.service.cancel(Rig.CALLER, job.id()).state()).isEqualTo(then);
        assertThat(rig.service.cancel(Rig.CALLER, job.id()).state()).isEqualTo(then);
    }

    private void removeBase() throws IOException {
        Files.delete(rig.base.resolve("config.json"));
        rig.clock.move(Duration.ofSeconds(2));
    }
}
