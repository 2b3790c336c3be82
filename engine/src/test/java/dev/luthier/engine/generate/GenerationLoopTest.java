package dev.luthier.engine.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.engine.generate.Generation.Event;
import dev.luthier.engine.generate.Generation.Finish;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GenerationLoopTest {
    private static final long PATIENCE_MILLIS = 20_000;

    private final FakeModel model = new FakeModel(4);
    private GenerationLoop loop;

    @BeforeEach
    void start() {
        loop = GenerationLoop.start(() -> model);
    }

    @AfterEach
    void stop() {
        model.beforeStep = () -> {};
        loop.close();
    }

    private static Generation.Request request(int maxTokens, @Nullable String adapter, int... prompt) {
        return new Generation.Request(prompt, adapter, maxTokens, Sampling.GREEDY, Set.of(), false, -1, -1);
    }

    private static List<Event> all(Generation generation) throws InterruptedException {
        List<Event> events = new ArrayList<>();
        do {
            Event event = generation.poll(PATIENCE_MILLIS);
            assertThat(event).as("the next event after %s", events).isNotNull();
            events.add(event);
        } while (!(events.getLast() instanceof Event.Finished || events.getLast() instanceof Event.Failed));
        return events;
    }

    private static List<Integer> tokens(List<Event> events) {
        return events.stream().filter(Event.Token.class::isInstance).map(event -> ((Event.Token) event).id()).toList();
    }

    /** Lets the model make this many steps from now on, and no more until it is told so. */
    private Semaphore gate() {
        Semaphore steps = new Semaphore(0);
        model.beforeStep = steps::acquireUninterruptibly;
        return steps;
    }

    @Test
    void generatesUntilMaxTokens() throws Exception {
        List<Event> events = all(loop.submit(request(3, null, 5)));
        assertThat(tokens(events)).containsExactly(6, 7, 8);
        assertThat(events.getLast()).isEqualTo(new Event.Finished(Finish.LENGTH, null));
    }

    @Test
    void theModelsEndTokenEndsAGenerationUnlessItIsIgnored() throws Exception {
        List<Event> events = all(loop.submit(request(10, null, 97)));
        assertThat(tokens(events)).containsExactly(98, 99);
        assertThat(events.getLast()).isEqualTo(new Event.Finished(Finish.STOP, null));

        assertThat(tokens(all(loop.submit(
                new Generation.Request(new int[]{97}, null, 4, Sampling.GREEDY, Set.of(), true, -1, -1)))))
                .containsExactly(98, 99, 100, 101);
    }

    @Test
    void aRequestedStopTokenIsReportedAsTheReason() throws Exception {
        List<Event> events = all(
                loop.submit(new Generation.Request(new int[]{1}, null, 9, Sampling.GREEDY, Set.of(3), false, -1, -1)));
        assertThat(tokens(events)).containsExactly(2, 3);
        assertThat(events.getLast()).isEqualTo(new Event.Finished(Finish.STOP, 3));
    }

    @Test
    void theContextLimitEndsAGeneration() throws Exception {
        int[] prompt = IntStream.range(100, 100 + FakeModel.MAX_CONTEXT - 2).toArray();
        List<Event> events = all(loop.submit(request(50, null, prompt)));
        assertThat(tokens(events)).hasSize(2);
        assertThat(events.getLast()).isEqualTo(new Event.Finished(Finish.LENGTH, null));
    }

    @Test
    void longPromptsAreReadInPiecesWhileOtherRowsGoOn() throws Exception {
        Semaphore gate = gate();
        Generation small = loop.submit(request(6, null, 1));
        Generation large = loop.submit(request(2, null, IntStream.range(0, 590).toArray()));
        gate.release(20);
        assertThat(tokens(all(small))).containsExactly(2, 3, 4, 5, 6, 7);
        assertThat(tokens(all(large))).containsExactly(590, 591);
        assertThat(model.rowsPerStep).contains(2);
    }

    @Test
    void generationsJoinTheBatchBetweenTokens() throws Exception {
        Semaphore gate = gate();
        Generation first = loop.submit(request(4, null, 10));
        gate.release(1);
        assertThat(first.poll(PATIENCE_MILLIS)).isEqualTo(new Event.Token(11, null));
        Generation second = loop.submit(request(4, null, 20));
        gate.release(20);
        assertThat(tokens(all(first))).containsExactly(12, 13, 14);
        assertThat(tokens(all(second))).containsExactly(21, 22, 23, 24);
        assertThat(model.rowsPerStep).startsWith(1).contains(2);
    }

    @Test
    void generationsBeyondTheRoomWaitTheirTurn() throws Exception {
        List<Generation> all = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            all.add(loop.submit(request(3, null, i * 20)));
        }
        for (int i = 0; i < 9; i++) {
            assertThat(tokens(all(all.get(i)))).containsExactly(i * 20 + 1, i * 20 + 2, i * 20 + 3);
        }
        assertThat(model.rowsPerStep).allMatch(rows -> rows <= 4);
    }

    @Test
    void rowsUseTheirOwnAdapter() throws Exception {
        loop.call(m -> {
            m.loadAdapter("tens", Path.of("x"));
            return null;
        });
        Generation tens = loop.submit(request(2, "tens", 1));
        Generation ones = loop.submit(request(2, null, 1));
        assertThat(tokens(all(tens))).containsExactly(11, 21);
        assertThat(tokens(all(ones))).containsExactly(2, 3);
    }

    @Test
    void anUnknownAdapterFailsItsGenerationOnly() throws Exception {
        assertThat(all(loop.submit(request(2, "nobody", 1)))).singleElement()
                .satisfies(event -> assertThat(((Event.Failed) event).problem().code()).isEqualTo("model_not_found"));
        assertThat(tokens(all(loop.submit(request(1, null, 1))))).containsExactly(2);
    }

    @Test
    void aFaultOfTheModelFailsTheRowItConcernsAndNoOther() throws Exception {
        model.faulty = row -> row.tokens.contains(50);
        Generation broken = loop.submit(request(5, null, 49));
        Generation sound = loop.submit(request(5, null, 60));
        List<Event> events = all(broken);
        assertThat(tokens(events)).containsExactly(50, 51);
        assertThat(((Event.Failed) events.getLast()).problem().kind()).isEqualTo(Problem.Kind.INTERNAL);
        assertThat(tokens(all(sound))).containsExactly(61, 62, 63, 64, 65);
        assertThat((int) loop.call(m -> model.openRows)).isZero();
    }

    @Test
    void aCancelledGenerationGivesItsRowBack() throws Exception {
        Semaphore gate = gate();
        Generation endless = loop.submit(request(500, null, 100));
        gate.release(2);
        assertThat(endless.poll(PATIENCE_MILLIS)).isNotNull();
        endless.cancel();
        gate.release(500);
        // Work queued behind the cancellation sees the row closed once the loop has made its turn.
        assertThat(tokens(all(loop.submit(request(1, null, 1))))).containsExactly(2);
        assertThat((int) loop.call(m -> model.openRows)).isZero();
    }

    @Test
    void ofWorkThatTakesAsLongAsAStepOnePieceIsDoneBetweenTwoSteps() throws Exception {
        Semaphore steps = gate();
        Generation running = loop.submit(request(6, null, 10));
        List<Integer> stepsBefore = Collections.synchronizedList(new ArrayList<>());
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            callers.add(
                    Thread.ofVirtual().start(() -> stepsBefore.add(loop.callInTurn(_ -> model.rowsPerStep.size()))));
        }
        for (Thread caller : callers) {
            while (caller.getState() != Thread.State.WAITING && caller.getState() != Thread.State.TERMINATED) {
                Thread.onSpinWait();
            }
        }
        steps.release(100);
        assertThat(tokens(all(running))).hasSize(6);
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(stepsBefore).doesNotHaveDuplicates().hasSize(3);
    }

    @Test
    void workThatThrowsReportsItsProblem() {
        assertThatThrownBy(() -> loop.call(m -> {
            throw Problem.user("bad", "a bad adapter").asException();
        })).isInstanceOf(ProblemException.class).hasMessage("a bad adapter");
    }

    @Test
    void aModelThatCannotBeLoadedIsReportedToTheStarter() {
        assertThatThrownBy(() -> GenerationLoop.start(() -> {
            throw Problem.user("bad_model", "config.json is missing").asException();
        })).isInstanceOf(ProblemException.class).hasMessage("config.json is missing");
    }

    @Test
    void logprobsOfAPromptCoverEachTokenButTheFirst() throws Exception {
        int[] prompt = IntStream.range(0, 550).map(i -> i < 530 ? i : 7).toArray();
        Generation generation = loop
                .submit(new Generation.Request(prompt, null, 1, Sampling.GREEDY, Set.of(), false, -1, 1));
        List<Event> events = all(generation);
        List<Generation.Logprob> scores = ((Event.PromptScored) events.getFirst()).logprobs();
        assertThat(scores).hasSize(549).extracting(Generation.Logprob::token)
                .containsExactlyElementsOf(IntStream.of(prompt).skip(1).boxed().toList());
        double likely = 5 - Math.log(Math.exp(5) + FakeModel.VOCAB - 1);
        assertThat(scores.subList(0, 529)).allSatisfy(score -> {
            assertThat(score.logprob()).isCloseTo(likely, within(1e-9));
            assertThat(score.rank()).isEqualTo(1);
        });
        Generation.Logprob repeated = scores.getLast();
        assertThat(repeated.logprob()).isCloseTo(likely - 5, within(1e-9));
        assertThat(repeated.rank()).isEqualTo(2);
        assertThat(repeated.top()).extracting(Generation.Logprob::token).containsExactly(8);
        assertThat(tokens(events)).containsExactly(8);
        assertThat(model.rowsPerStep).as("more than one piece").hasSizeGreaterThan(1);
    }

    @Test
    void logprobsAreThoseOfTheSoftmax() throws Exception {
        Generation generation = loop.submit(
                new Generation.Request(new int[]{5}, null, 1, Sampling.GREEDY, Set.of(), false, 2, -1));
        Event.Token token = (Event.Token) all(generation).getFirst();
        double expected = 5 - Math.log(Math.exp(5) + FakeModel.VOCAB - 1);
        Generation.Logprob logprob = Objects.requireNonNull(token.logprob());
        assertThat(logprob.logprob()).isCloseTo(expected, within(1e-9));
        assertThat(logprob.top()).extracting(Generation.Logprob::token).containsExactly(6, 0);
    }
}
