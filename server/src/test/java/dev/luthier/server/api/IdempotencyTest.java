package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdempotencyTest {
    private static final String ROUTE = "/openai/v1/held";
    private static final String MISTRAL_ROUTE = "/mistral/v1/held";
    private static final String STREAMING = "/mistral/v1/held/completions";

    @TempDir
    static Path directory;
    private static TestServer server;
    private static HeldRoute route;

    private String key = "";

    @BeforeAll
    static void start() {
        server = TestServer.start(directory.resolve("a"));
        route = HeldRoute.at(server, ROUTE, MISTRAL_ROUTE, STREAMING);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void reset() {
        key = UUID.randomUUID().toString();
        route.answersWith("application/json", 0);
        route.answersWith(200);
    }

    private Answer post(String path, String json) {
        return server.post(path, json, "Idempotency-Key", key);
    }

    private static void assertReplayed(Answer answer, Answer first) {
        assertThat(answer.header("idempotent-replayed")).isEqualTo("true");
        assertThat(answer.status()).isEqualTo(first.status());
        assertThat(answer.text()).isEqualTo(first.text());
        assertThat(answer.header("content-type")).isEqualTo(first.header("content-type"));
        assertThat(answer.header("x-of-the-answer")).isEqualTo(first.header("x-of-the-answer"));
        assertThat(answer.header("x-request-id")).isNotEqualTo(first.header("x-request-id"));
    }

    @ParameterizedTest
    @ValueSource(strings = {ROUTE, MISTRAL_ROUTE})
    void sameKeyAndBodyGetsTheFirstAnswer(String path) {
        int before = route.calls();
        Answer first = post(path, "{\"a\":1}");
        assertThat(first.status()).isEqualTo(200);
        assertThat(first.json().get("bytes").intValue()).isEqualTo(7);
        assertThat(first.headers()).doesNotContainKey("idempotent-replayed");
        assertReplayed(post(path, "{\"a\":1}"), first);
        assertReplayed(post(path, "{\"a\":1}"), first);
        assertThat(route.calls() - before).isEqualTo(1);
    }

    @Test
    void sameKeyWithAnotherRequestIsRefused() {
        assertThat(post(ROUTE, "{\"a\":1}").status()).isEqualTo(200);
        for (Answer answer : List.of(post(ROUTE, "{\"a\":2}"), post(ROUTE + "?b=1", "{\"a\":1}"), post(ROUTE, ""),
                post(MISTRAL_ROUTE, "{\"a\":1}"))) {
            assertThat(answer.status()).isEqualTo(422);
            assertThat(answer.text()).contains("idempotency_key_reused");
        }
    }

    @Test
    void keysOfTwoCallersAreApart() {
        String other = server.post("/luthier/v1/keys", "{\"organization\":\"other\"}").json().get("key").stringValue();
        Answer first = post(ROUTE, "{}");
        Answer theirs = server.post(ROUTE, "{\"b\":1}", "Idempotency-Key", key, "Authorization", "Bearer " + other);
        assertThat(theirs.status()).isEqualTo(200);
        assertThat(theirs.text()).isNotEqualTo(first.text());
    }

    @Test
    void requestInFlightIsNotStartedAgain() throws Exception {
        int before = route.calls();
        route.hold();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> first = threads.submit(() -> post(ROUTE, "{}"));
            route.awaitArrival();
            Answer second = post(ROUTE, "{}");
            assertThat(second.status()).isEqualTo(409);
            assertThat(second.header("x-should-retry")).isEqualTo("true");
            assertThat(second.header("retry-after")).isEqualTo("1");
            assertThat(post(ROUTE, "{\"other\":1}").status()).isEqualTo(422);
            route.release();
            assertThat(first.get(1, TimeUnit.MINUTES).status()).isEqualTo(200);
            assertReplayed(post(ROUTE, "{}"), first.get(1, TimeUnit.MINUTES));
        } finally {
            route.release();
        }
        assertThat(route.calls() - before).isEqualTo(1);
    }

    @Test
    void manyAtATimeAreDoneOnce() throws Exception {
        int before = route.calls();
        List<Future<Answer>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 24; i++) {
                answers.add(threads.submit(() -> post(ROUTE, "{}")));
            }
        }
        for (Future<Answer> answer : answers) {
            assertThat(answer.get(1, TimeUnit.MINUTES).status()).isIn(200, 409);
        }
        assertThat(route.calls() - before).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {503, 500, 429})
    void answersAfterWhichRepeatingHelpsAreNotKept(int status) {
        int before = route.calls();
        route.answersWith(status);
        assertThat(post(ROUTE, "{}").status()).isEqualTo(status);
        route.answersWith(200);
        assertThat(post(ROUTE, "{}").status()).isEqualTo(200);
        assertThat(route.calls() - before).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 409})
    void refusalsAreKept(int status) {
        route.answersWith(status);
        Answer first = post(ROUTE, "{}");
        route.answersWith(200);
        assertReplayed(post(ROUTE, "{}"), first);
    }

    @Test
    void answersSurviveRestart() {
        Path data = directory.resolve("restarted");
        Answer first;
        String caller;
        try (TestServer one = TestServer.start(data)) {
            caller = one.key();
            HeldRoute.at(one, ROUTE);
            first = one.post(ROUTE, "{\"a\":1}", "Idempotency-Key", key);
        }
        try (TestServer two = TestServer.restart(data, caller)) {
            HeldRoute again = HeldRoute.at(two, ROUTE);
            assertReplayed(two.post(ROUTE, "{\"a\":1}", "Idempotency-Key", key), first);
            assertThat(again.calls()).isZero();
        }
    }

    @Test
    void streamsAndLargeAnswersAreMadeAnew() {
        int before = route.calls();
        assertThat(post(STREAMING, "{\"stream\":true}").headers()).doesNotContainKey("idempotent-replayed");
        assertThat(post(STREAMING, "{\"stream\":true}").headers()).doesNotContainKey("idempotent-replayed");
        assertThat(route.calls() - before).isEqualTo(2);
        Answer whole = post(STREAMING, "{\"stream\":false}");
        assertReplayed(post(STREAMING, "{\"stream\":false}"), whole);
        key = UUID.randomUUID().toString();
        route.answersWith("text/event-stream", 0);
        assertThat(post(ROUTE, "{}").headers()).doesNotContainKey("idempotent-replayed");
        assertThat(post(ROUTE, "{}").headers()).doesNotContainKey("idempotent-replayed");
        route.answersWith("application/json", 2 << 20);
        assertThat(post(ROUTE, "{}").text()).hasSizeGreaterThan(2 << 20);
        assertThat(post(ROUTE, "{}").headers()).doesNotContainKey("idempotent-replayed");
    }

    @Test
    void keysThatAreNoKeysAreRefused() {
        key = "k".repeat(256);
        Answer answer = post(ROUTE, "{}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/error/param").stringValue()).isEqualTo("Idempotency-Key");
        key = " ";
        assertThat(post(ROUTE, "{}").status()).isEqualTo(400);
        key = "k".repeat(255);
        assertThat(post(ROUTE, "{}").status()).isEqualTo(200);
        assertThat(server.get("/openai/v1/nonsense", "Idempotency-Key", "k".repeat(256)).status()).isEqualTo(404);
    }

    private Answer form(String boundary, String... parts) {
        StringBuilder body = new StringBuilder();
        for (String part : parts) {
            String name = part.substring(0, part.indexOf('='));
            body.append("--").append(boundary).append("\r\nContent-Disposition: form-data; name=\"").append(name)
                    .append(name.equals("file") ? "\"; filename=\"f.txt\"" : "\"").append("\r\n\r\n")
                    .append(part.substring(name.length() + 1)).append("\r\n");
        }
        body.append("--").append(boundary).append("--\r\n");
        return server.send("POST", ROUTE, BodyPublishers.ofString(body.toString()), "Content-Type",
                "multipart/form-data; boundary=" + boundary, "Idempotency-Key", key);
    }

    @Test
    void uploadsAreComparedByTheirParts() {
        String large = "file=" + "x".repeat(100_000);
        Answer first = form("one", "purpose=fine-tune", large);
        assertThat(first.json().get("bytes").intValue()).isEqualTo(100_000);
        assertReplayed(form("two", large, "purpose=fine-tune"), first);
        assertThat(form("one", "purpose=fine-tune", large + "y").status()).isEqualTo(422);
        assertThat(form("one", "purpose=other", large).status()).isEqualTo(422);
        assertThat(form("one", large).status()).isEqualTo(422);
    }

    @Test
    void uploadThatIsSentTwiceIsOneFile() {
        byte[] content = "{\"text\":\"one\"}\n".getBytes(StandardCharsets.UTF_8);
        String[] more = {"form:purpose", "fine-tune", "Idempotency-Key", key};
        Answer first = server.upload("/mistral/v1/files", "data.jsonl", content, more);
        assertThat(first.status()).as(first.text()).isEqualTo(200);
        Answer second = server.upload("/mistral/v1/files", "data.jsonl", content, more);
        assertThat(second.text()).isEqualTo(first.text());
        assertThat(server.get("/mistral/v1/files").json().get("total").intValue()).isEqualTo(1);
    }
}
