package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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

/** Creates that an SDK repeats by itself; they carry the number of the attempt and no key. */
class RepeatedCreatesTest {
    private static final String CREATE = "/openai/v1/fine_tuning/checkpoints/held/permissions";
    private static final String OTHER = "/openai/v1/held";

    @TempDir
    static Path directory;
    private static TestServer server;
    private static HeldRoute route;

    private String body = "";

    @BeforeAll
    static void start() {
        server = TestServer.start(directory);
        route = HeldRoute.at(server, CREATE, OTHER);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void reset() {
        body = "{\"a\":\"" + UUID.randomUUID() + "\"}";
        route.answersWith(200);
    }

    private Answer attempt(int retries) {
        return server.post(CREATE, body, "X-Stainless-Retry-Count", Integer.toString(retries));
    }

    private static boolean isReplay(Answer answer) {
        return answer.header("idempotent-replayed").equals("true");
    }

    @Test
    void repeatedCreateIsTheSameAndTwoFirstAttemptsAreTwo() {
        Answer first = attempt(0);
        Answer repeated = attempt(1);
        assertThat(isReplay(repeated)).isTrue();
        assertThat(repeated.text()).isEqualTo(first.text());
        Answer another = attempt(0);
        assertThat(isReplay(another)).isFalse();
        assertThat(another.text()).isNotEqualTo(first.text());
        assertThat(attempt(2).text()).as("the last accepted one").isEqualTo(another.text());
    }

    @Test
    void repetitionWhoseFirstAttemptNeverArrivedIsDone() {
        Answer first = attempt(1);
        assertThat(isReplay(first)).isFalse();
        assertThat(attempt(2).text()).isEqualTo(first.text());
    }

    @Test
    void refusedAttemptsAreTriedAnew() {
        for (int status : new int[]{400, 409, 429, 503}) {
            route.answersWith(status);
            assertThat(attempt(0).status()).isEqualTo(status);
        }
        route.answersWith(200);
        Answer repeated = attempt(1);
        assertThat(repeated.status()).isEqualTo(200);
        assertThat(isReplay(repeated)).isFalse();
    }

    @Test
    void repetitionWaitsForTheAttemptInFlight() throws Exception {
        int before = route.calls();
        route.hold();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> first = threads.submit(() -> attempt(0));
            route.awaitArrival();
            Future<Answer> repeated = threads.submit(() -> attempt(1));
            route.release();
            assertThat(repeated.get(1, TimeUnit.MINUTES).text()).isEqualTo(first.get(1, TimeUnit.MINUTES).text());
        } finally {
            route.release();
        }
        assertThat(route.calls() - before).isEqualTo(1);
    }

    @Test
    void repeatedUploadIsOneUpload() {
        String upload = "{\"bytes\":10,\"filename\":\"a.jsonl\",\"mime_type\":\"application/jsonl\","
                + "\"purpose\":\"fine-tune\"}";
        Answer first = server.post("/openai/v1/uploads", upload, "X-Stainless-Retry-Count", "0");
        assertThat(first.status()).as(first.text()).isEqualTo(200);
        Answer repeated = server.post("/openai/v1/uploads", upload, "X-Stainless-Retry-Count", "1");
        assertThat(repeated.json()).isEqualTo(first.json());
        Answer another = server.post("/openai/v1/uploads", upload, "X-Stainless-Retry-Count", "0");
        assertThat(another.json().get("id")).isNotEqualTo(first.json().get("id"));
    }

    @Test
    void fileThatAnSdkSendsTwiceIsOneFile() {
        byte[] content = ("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
                + "{\"role\":\"assistant\",\"content\":\"" + UUID.randomUUID() + "\"}]}\n")
                .getBytes(StandardCharsets.UTF_8);
        String[] more = {"form:purpose", "fine-tune", "X-Stainless-Retry-Count", "0"};
        Answer first = server.upload("/openai/v1/files", "a.jsonl", content, more);
        assertThat(first.status()).as(first.text()).isEqualTo(200);
        more[3] = "1";
        assertThat(server.upload("/openai/v1/files", "a.jsonl", content, more).json()).isEqualTo(first.json());
        assertThat(server.get("/openai/v1/files").json().get("data").size()).isEqualTo(1);
    }

    @Test
    void othersAreNotRemembered() {
        String key = server.post("/luthier/v1/keys", "{\"organization\":\"other\"}").json().get("key").stringValue();
        attempt(0);
        Answer stranger = server.post(CREATE, body, "X-Stainless-Retry-Count", "1", "Authorization", "Bearer " + key);
        assertThat(isReplay(stranger)).isFalse();
        assertThat(isReplay(server.post(CREATE, body))).isFalse();
        server.post(OTHER, body, "X-Stainless-Retry-Count", "0");
        assertThat(isReplay(server.post(OTHER, body, "X-Stainless-Retry-Count", "1"))).isFalse();
        body = body + " ";
        assertThat(isReplay(attempt(1))).isFalse();
    }
}
