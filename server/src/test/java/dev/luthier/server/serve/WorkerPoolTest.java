package dev.luthier.server.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.Eventually;
import dev.luthier.server.MovableClock;
import dev.luthier.server.launch.EngineCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerPoolTest {
    private static final long MIB = 1L << 20;

    @TempDir
    Path directory;

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final MovableClock clock = new MovableClock();
    private Path first;
    private Path second;
    private @Nullable WorkerPool pool;

    @BeforeEach
    void makeModels() {
        first = directory.resolve("first");
        second = directory.resolve("second");
        FakeWorkers.answer(first, "stop", 11, 12, 2);
        FakeWorkers.answer(second, "length", 21);
    }

    @AfterEach
    void stop() {
        if (pool != null) {
            pool.close();
        }
        http.shutdownNow();
    }

    /** Room for one model at a time, two adapters each. */
    private WorkerPool pool(Duration loadWait) {
        return pool(loadWait, "bf16");
    }

    private WorkerPool pool(Duration loadWait, String type) {
        ServeLimits limits = new ServeLimits(700 * MIB, 100 * MIB, Duration.ofSeconds(60), loadWait, 2, 1, type);
        pool = new WorkerPool(
                new WorkerLauncher(new EngineCommand(FakeWorkers.script(directory)), directory, directory, directory,
                        limits,
                        "cpu", http),
                limits,
                clock);
        return pool;
    }

    private WorkerPool pool() {
        return pool(Duration.ofSeconds(60));
    }

    private static GenerationSpec spec(int... prompt) {
        return new GenerationSpec(prompt, "messages", null, new Sampling(0, 1, 0, 0, 0, null, Map.of(), 1), List.of(),
                null);
    }

    private static List<Integer> tokens(TokenStream stream) {
        List<Integer> tokens = new ArrayList<>();
        try (stream) {
            for (TokenStream.Token token = stream.next(); token != null; token = stream.next()) {
                tokens.add(token.id());
            }
        }
        return tokens;
    }

    private AdapterReference adapter(String name) {
        try {
            Path adapter = Files.createDirectories(directory.resolve(name));
            Files.writeString(adapter.resolve("adapter_config.json"), "{}");
            Files.writeString(adapter.resolve("adapter_model.safetensors"), name);
            return new AdapterReference(name, adapter, "ft:" + name, Sha256.hex(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void generatesOnAWorkerThatIsStartedOnce() {
        WorkerPool workers = pool();
        assertThat(tokens(workers.generate(first, null, spec(1, 2)))).containsExactly(11, 12, 2);
        TokenStream again = workers.generate(first, null, spec(1));
        assertThat(tokens(again)).hasSize(3);
        assertThat(again.finish()).isEqualTo(TokenStream.Finish.STOP);
        assertThat(FakeWorkers.events(first)).filteredOn("start"::equals).hasSize(1);
    }

    @Test
    void workerServesInTheTypeThatIsSet() {
        tokens(pool(Duration.ofSeconds(60), "fp32").generate(first, null, spec(1)));
        assertThat(FakeWorkers.events(first)).contains("type fp32");
    }

    @Test
    void asksTheWorkerForWhatTheRequestSays() {
        tokens(pool().generate(first, null,
                new GenerationSpec(new int[]{7, 8}, "messages", 5,
                        new Sampling(0.5, 0.9, 3, 0.25, 0, 42L, Map.of(9, -100.0), 1.2), List.of(2, 3), null)));
        assertThat(FakeWorkers.lastRequest(first)).contains("\"prompt\":[7,8]", "\"max_tokens\":5",
                "\"temperature\":0.5", "\"top_p\":0.9", "\"top_k\":3", "\"seed\":42", "\"stop_token_ids\":[2,3]",
                "\"presence_penalty\":0.25", "\"stream\":true", "\"return_token_ids\":true",
                "\"logit_bias\":{\"9\":-100.0}", "\"repetition_penalty\":1.2")
                .doesNotContain("frequency_penalty", "logprobs");
    }

    @Test
    void logprobsComeWithTheTokensBestAlternativeFirst() {
        try (TokenStream stream = pool().generate(first, null, new GenerationSpec(new int[]{7}, "messages", null,
                new Sampling(0, 1, 0, 0, 0, null, Map.of(), 1), List.of(), 2))) {
            assertThat(stream.next()).isEqualTo(
                    new TokenStream.Token(11, new TokenScore(11, -0.5, Map.of(11, -0.5, 12, -1.0))));
        }
        assertThat(FakeWorkers.lastRequest(first)).contains("\"logprobs\":2",
                "\"return_tokens_as_token_ids\":true");
    }

    @Test
    void withoutALimitTheRestOfTheContextIsAskedFor() {
        tokens(pool().generate(first, null, spec(new int[56])));
        assertThat(FakeWorkers.lastRequest(first)).contains("\"max_tokens\":200");
    }

    @Test
    void aPromptThatFillsTheContextIsRefusedWithTheNumbers() {
        assertThatThrownBy(() -> pool().generate(first, null, spec(new int[256])))
                .hasMessageContaining("256 tokens").extracting(thrown -> ((ProblemException) thrown).problem().code())
                .isEqualTo("context_length_exceeded");
    }

    @Test
    void adaptersAreLoadedOnDemandAndTheLeastRecentlyUsedIsUnloaded() {
        WorkerPool workers = pool();
        for (String name : List.of("a", "b", "a", "c", "a")) {
            tokens(workers.generate(first, adapter(name), spec(1)));
        }
        workers.forget("a");
        workers.forget("never-loaded");
        assertThat(FakeWorkers.events(first)).filteredOn(event -> event.contains("load"))
                .containsExactly("load a", "load b", "unload b", "load c", "unload a");
        assertThat(FakeWorkers.events(first)).filteredOn(event -> event.startsWith("complete"))
                .allMatch(event -> event.matches(".*\"model\":\"[abc]\".*"));
    }

    @Test
    void anotherModelTakesTheRoomOfAnIdleOne() {
        WorkerPool workers = pool();
        tokens(workers.generate(first, null, spec(1)));
        tokens(workers.generate(second, null, spec(1)));
        tokens(workers.generate(first, null, spec(1)));
        assertThat(FakeWorkers.events(first)).filteredOn("start"::equals).hasSize(2);
    }

    @Test
    void aBusyModelKeepsItsRoomAndTheOtherIsAskedToComeBack() {
        WorkerPool workers = pool();
        FakeWorkers.write(first, "answer.json", "{\"token_ids\": [1], \"finish_reason\": \"stop\", \"endless\": true}");
        try (TokenStream endless = workers.generate(first, null, spec(1))) {
            assertThat(Objects.requireNonNull(endless.next()).id()).isEqualTo(1);
            assertThatThrownBy(() -> workers.generate(second, null, spec(1))).hasMessageContaining("no memory")
                    .extracting(thrown -> ((ProblemException) thrown).problem().code()).isEqualTo("workers_busy");
        }
        assertThat(tokens(workers.generate(second, null, spec(1)))).containsExactly(21);
    }

    @Test
    void aModelLargerThanTheBudgetIsRefusedWithTheNumbers() throws IOException {
        try (java.nio.channels.FileChannel file = java.nio.channels.FileChannel.open(
                first.resolve("model.safetensors"), java.nio.file.StandardOpenOption.CREATE_NEW,
                java.nio.file.StandardOpenOption.WRITE)) {
            file.write(java.nio.ByteBuffer.wrap(new byte[1]), 300 * MIB); // sparse
        }
        assertThatThrownBy(() -> pool().generate(first, null, spec(1))).hasMessageContaining("800 MiB")
                .hasMessageContaining("700 MiB").hasMessageContaining("serve.memory");
    }

    @Test
    void idleWorkersAreStoppedAndOthersKept() {
        WorkerPool workers = pool();
        tokens(workers.generate(first, null, spec(1)));
        clock.move(Duration.ofSeconds(59));
        workers.stopIdle();
        tokens(workers.generate(first, null, spec(1)));
        assertThat(FakeWorkers.events(first)).filteredOn("start"::equals).hasSize(1);
        clock.move(Duration.ofSeconds(61));
        workers.stopIdle();
        tokens(workers.generate(first, null, spec(1)));
        assertThat(FakeWorkers.events(first)).filteredOn("start"::equals).hasSize(2);
    }

    @Test
    void aWorkerThatDiesBeforeItsFirstTokenIsReplacedUnseen() {
        FakeWorkers.write(first, "crash", "0");
        assertThat(tokens(pool().generate(first, null, spec(1)))).containsExactly(11, 12, 2);
        assertThat(FakeWorkers.events(first)).filteredOn("start"::equals).hasSize(2);
    }

    @Test
    void aWorkerThatDiesInTheMiddleIsReportedAndTheNextRequestServed() {
        WorkerPool workers = pool();
        FakeWorkers.write(first, "crash", "1");
        try (TokenStream stream = workers.generate(first, null, spec(1))) {
            assertThat(Objects.requireNonNull(stream.next()).id()).isEqualTo(11);
            assertThatThrownBy(stream::next).extracting(thrown -> ((ProblemException) thrown).problem().code())
                    .isEqualTo("worker_gone");
        }
        assertThat(tokens(workers.generate(first, null, spec(1)))).containsExactly(11, 12, 2);
    }

    @Test
    void aWorkerThatAlwaysDiesIsNotTriedForEver() {
        FakeWorkers.write(first, "crash-always", "0");
        assertThatThrownBy(() -> pool().generate(first, null, spec(1)))
                .extracting(thrown -> ((ProblemException) thrown).problem().code()).isEqualTo("worker_gone");
        assertThat(FakeWorkers.events(first)).filteredOn("start"::equals).hasSize(2);
    }

    @Test
    void aModelThatCannotBeLoadedIsReportedInTheWorkersWords() {
        WorkerPool workers = pool();
        FakeWorkers.write(first, "fail-load", "model.safetensors is truncated");
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> workers.generate(first, null, spec(1)))
                    .hasMessageContaining("model.safetensors is truncated")
                    .extracting(thrown -> ((ProblemException) thrown).problem().kind())
                    .isEqualTo(Problem.Kind.RESOURCE);
        }
        assertThat(FakeWorkers.events(first)).hasSize(1); // the failure is remembered for a moment
    }

    @Test
    void aWorkerThatTheSystemEndedSaysSo() {
        WorkerPool workers = pool();
        FakeWorkers.write(first, "kill-load", "");
        assertThatThrownBy(() -> workers.generate(first, null, spec(1)))
                .hasMessageContaining("ended by signal 9, as happens when memory runs out");
    }

    @Test
    void aModelWhoseDirectoryIsGoneIsNamed() {
        WorkerPool workers = pool();
        assertThatThrownBy(() -> workers.generate(directory.resolve("moved"), null, spec(1)))
                .hasMessageContaining("The directory of the model moved cannot be read")
                .extracting(thrown -> ((ProblemException) thrown).problem().code()).isEqualTo("model_not_loaded");
    }

    @Test
    void aModelThatIsStillBeingLoadedAsksToComeBackLater() throws IOException {
        WorkerPool workers = pool(Duration.ZERO);
        FakeWorkers.write(first, "hold-load", "");
        assertThatThrownBy(() -> workers.generate(first, null, spec(1)))
                .extracting(thrown -> ((ProblemException) thrown).problem().code()).isEqualTo("model_loading");
        Files.delete(first.resolve("hold-load"));
    }

    @Test
    void closingAStreamCancelsItsGeneration() throws Exception {
        FakeWorkers.write(first, "answer.json", "{\"token_ids\": [1], \"finish_reason\": \"stop\", \"endless\": true}");
        WorkerPool workers = pool();
        try (TokenStream stream = workers.generate(first, null, spec(1))) {
            assertThat(Objects.requireNonNull(stream.next()).id()).isEqualTo(1);
        }
        Eventually.holds("the worker is told", () -> FakeWorkers.events(first).contains("cancelled"));
    }

    @Test
    void workersEndWithThePool() {
        WorkerPool workers = pool();
        tokens(workers.generate(first, null, spec(1)));
        List<ProcessHandle> before = ProcessHandle.current().children().filter(ProcessHandle::isAlive).toList();
        assertThat(before).isNotEmpty();
        workers.close();
        assertThat(before).noneMatch(ProcessHandle::isAlive);
        assertThatThrownBy(() -> workers.generate(first, null, spec(1))).hasMessageContaining("being stopped");
    }
}
