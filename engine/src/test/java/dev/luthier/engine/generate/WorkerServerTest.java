package dev.luthier.engine.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class WorkerServerTest {
    private final FakeModel model = new FakeModel(4);
    private final HttpClient client = HttpClient.newHttpClient();
    private static final String SECRET = "a secret of this test that is long enough";

    @TempDir
    Path adapters;
    private GenerationLoop loop;
    private WorkerServer server;

    @BeforeEach
    void start() throws IOException {
        loop = GenerationLoop.start(() -> model);
        server = WorkerServer.start("base", loop, new WorkerAccess(SECRET, List.of(adapters)));
    }

    @AfterEach
    void stop() {
        model.beforeStep = () -> {};
        client.shutdownNow();
        server.close();
        loop.close();
    }

    private HttpRequest.Builder request(String path) {
        return unauthorized(path).header("Authorization", "Bearer " + SECRET);
    }

    private HttpRequest.Builder unauthorized(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return client.send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
                BodyHandlers.ofString());
    }

    private static String completion(String more) {
        return """
                {"model": "base", "prompt": [1, 2, 3], "max_tokens": 3, "temperature": 0, "return_token_ids": true%s}"""
                .formatted(more);
    }

    @Test
    void answersWithTokenIdsReasonAndUsage() throws Exception {
        HttpResponse<String> response = post("/v1/completions", completion(""));
        assertThat(response.statusCode()).isEqualTo(200);
        JsonNode answer = Json.parse(response.body());
        assertThat(answer.at("/choices/0/token_ids").toString()).isEqualTo("[4,5,6]");
        assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("length");
        assertThat(answer.at("/usage").toString())
                .isEqualTo("{\"prompt_tokens\":3,\"completion_tokens\":3,\"total_tokens\":6}");
    }

    @Test
    void streamsOneChunkPerTokenAndEndsWithDone() throws Exception {
        HttpResponse<String> response = post("/v1/completions", completion(", \"stream\": true, \"logprobs\": 1"));
        assertThat(response.headers().firstValue("content-type")).contains("text/event-stream");
        List<String> data = response.body().lines().filter(line -> line.startsWith("data: ")).map(l -> l.substring(6))
                .toList();
        assertThat(data).hasSize(5).endsWith("[DONE]");
        assertThat(Json.parse(data.get(0)).at("/choices/0/token_ids").toString()).isEqualTo("[4]");
        assertThat(Json.parse(data.get(0)).at("/choices/0/logprobs/tokens").toString()).isEqualTo("[\"token_id:4\"]");
        assertThat(Json.parse(data.get(3)).at("/choices/0/finish_reason").asString()).isEqualTo("length");
        assertThat(Json.parse(data.get(3)).at("/usage/completion_tokens").intValue()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            , "best_of": 2              | 400 | best_of
            , "stop": "x"               | 400 | stop
            , "temperature": -1         | 400 | temperature
            , "temperature": "hot"      | 400 | temperature
            , "top_p": 0                | 400 | top_p
            , "max_tokens": 0           | 400 | max_tokens
            , "max_tokens": 1.5         | 400 | max_tokens
            , "n": 2                    | 400 | n
            , "stop_token_ids": [1000]  | 400 | stop_token_ids[0]
            , "stop_token_ids": ["a"]   | 400 | stop_token_ids[0]
            , "stream": "yes"           | 400 | stream
            , "logit_bias": [1]         | 400 | logit_bias
            , "logit_bias": {"1000": 1} | 400 | logit_bias.1000
            , "logit_bias": {"x": 1}    | 400 | logit_bias.x
            , "logit_bias": {"5": 101}  | 400 | logit_bias.5
            , "prompt_logprobs": 21     | 400 | prompt_logprobs
            , "prompt_logprobs": 1, "stream": true | 400 | prompt_logprobs
            , "return_tokens_as_token_ids": false  | 400 | return_tokens_as_token_ids
            """)
    void faultsNameTheField(String more, int status, String field) throws Exception {
        HttpResponse<String> response = post("/v1/completions",
                "{\"model\": \"base\", \"prompt\": [1], \"return_token_ids\": true" + more + "}");
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(Json.parse(response.body()).at("/error/param").asString()).isEqualTo(field);
        assertThat(Json.parse(response.body()).at("/error/message").asString()).startsWith(field);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {                                                                   | 400 | not valid JSON
            []                                                                  | 400 | JSON object
            {"model": "base", "prompt": [1]}                                    | 400 | return_token_ids
            {"model": "base", "prompt": [], "return_token_ids": true}           | 400 | prompt
            {"model": "base", "prompt": "text", "return_token_ids": true}       | 400 | prompt
            {"prompt": [1], "return_token_ids": true}                           | 400 | model
            {"model": "nobody", "prompt": [1], "return_token_ids": true}        | 404 | nobody
            """)
    void bodiesThatCannotBeUsedAreRefused(String body, int status, String message) throws Exception {
        HttpResponse<String> response = post("/v1/completions", body);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(Json.parse(response.body()).at("/error/message").asString()).contains(message);
    }

    @Test
    void aBiasTurnsTheChoice() throws Exception {
        assertThat(Json.parse(post("/v1/completions", completion(", \"logit_bias\": {\"5\": -100, \"70\": 1}")).body())
                .at("/choices/0/token_ids").toString()).isEqualTo("[4,70,71]");
    }

    @Test
    void logprobsOfThePromptAreKeyedByTokenId() throws Exception {
        JsonNode choice = Json.parse(post("/v1/completions",
                completion(", \"prompt_logprobs\": 1").replace("[1, 2, 3]", "[1, 2, 9]")).body()).at("/choices/0");
        JsonNode scores = choice.get("prompt_logprobs");
        assertThat(scores).hasSize(3);
        assertThat(scores.get(0).isNull()).isTrue();
        assertThat(scores.get(1).propertyNames()).containsExactly("2");
        assertThat(scores.get(2).propertyNames()).containsExactly("9", "3");
        assertThat(scores.at("/2/9/rank").intValue()).isEqualTo(2);
        assertThat(scores.at("/2/3/logprob").doubleValue() - scores.at("/2/9/logprob").doubleValue())
                .isCloseTo(5, within(1e-9));
        assertThat(choice.get("token_ids").toString()).isEqualTo("[10,11,12]");
    }

    @Test
    void aPromptThatFillsTheContextIsRefusedWithTheNumbers() throws Exception {
        List<Integer> prompt = new ArrayList<>();
        for (int i = 0; i < FakeModel.MAX_CONTEXT; i++) {
            prompt.add(i);
        }
        HttpResponse<String> response = post("/v1/completions",
                "{\"model\": \"base\", \"return_token_ids\": true, \"prompt\": " + prompt + "}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("600 tokens").contains("context_length_exceeded");
    }

    @Test
    void textsAreClassifiedInTheirOrderShortOnesSideBySide() throws Exception {
        model.classifiers.add("moods");
        List<List<Integer>> inputs = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int length = i == 7 ? 600 : 10 + i;
            inputs.add(Collections.nCopies(length, i));
            expected.add("[" + length / 1000.0 + "," + i / 1000.0 + "]");
        }
        HttpResponse<String> response = post("/v1/classify", "{\"model\": \"moods\", \"inputs\": " + inputs + "}");
        assertThat(response.body()).isEqualTo("{\"scores\":[" + String.join(",", expected) + "]}");
        assertThat(model.textsPerPass.getFirst()).isEqualTo(1);
        assertThat(model.textsPerPass).hasSize(4); // the long one, and 1,163 tokens
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"model": "moods"}                            | 400 | inputs must be a list of at least one list of token ids.
            {"model": "moods", "inputs": []}              | 400 | inputs must be a list of at least one list of token ids.
            {"model": "moods", "inputs": [[1], []]}       | 400 | inputs[1] must be a list of at least one token id.
            {"model": "moods", "inputs": [[1], 2]}        | 400 | inputs[1] must be a list of token ids.
            {"model": "moods", "inputs": [[1, 1000]]}     | 400 | inputs[0][1] must be a token id from 0 to 999.
            {"model": "moods", "inputs": [[1]], "top": 1} | 400 | top is not understood by this worker. It understands inputs, model.
            {"inputs": [[1]]}                             | 400 | model must be a non-empty string.
            {"model": "base", "inputs": [[1]]}            | 400 | The model base is not a classifier.
            {"model": "tens", "inputs": [[1]]}            | 400 | The model tens is not a classifier.
            """)
    void classificationsThatCannotBeDoneAreRefused(String body, int status, String message) throws Exception {
        model.classifiers.add("moods");
        HttpResponse<String> response = post("/v1/classify", body);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(Json.parse(response.body()).at("/error/message").asString()).isEqualTo(message);
    }

    @Test
    void aTextToClassifyThatIsLongerThanTheContextIsRefusedWithTheNumbers() throws Exception {
        HttpResponse<String> response = post("/v1/classify",
                "{\"model\": \"moods\", \"inputs\": [[1], " + Collections.nCopies(601, 1) + "]}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(Json.parse(response.body()).at("/error/message").asString())
                .isEqualTo("inputs[1] has 601 tokens, but this model's context is 600 tokens. Shorten it.");
    }

    @Test
    void adaptersAreLoadedUsedListedAndUnloaded() throws Exception {
        String load = load(Files.createDirectory(adapters.resolve("tens")));
        assertThat(post("/v1/load_lora_adapter", load).statusCode()).isEqualTo(200);
        assertThat(post("/v1/load_lora_adapter", load).statusCode()).isEqualTo(400);
        assertThat(post("/v1/completions", completion("").replace("base", "tens")).body())
                .contains("\"token_ids\":[13,23,33]").contains("\"model\":\"tens\"");

        HttpResponse<String> models = client.send(request("/v1/models").build(), BodyHandlers.ofString());
        assertThat(Json.parse(models.body()).at("/data").valueStream().map(card -> card.get("id").asString()))
                .containsExactly("base", "tens");
        assertThat(Json.parse(models.body()).at("/data/0/max_model_len").intValue()).isEqualTo(600);

        assertThat(post("/v1/unload_lora_adapter", "{\"lora_name\": \"tens\"}").statusCode()).isEqualTo(200);
        assertThat(post("/v1/unload_lora_adapter", "{\"lora_name\": \"tens\"}").statusCode()).isEqualTo(404);
        assertThat(post("/v1/completions", completion("").replace("base", "tens")).statusCode()).isEqualTo(404);
    }

    private static String load(Path directory) {
        return "{\"lora_name\": \"tens\", \"lora_path\": " + Json.write(directory.toString()) + "}";
    }

    @Test
    void onlyAdaptersBelowTheNamedDirectoriesAreLoaded(@TempDir Path elsewhere) throws Exception {
        Path link = Files.createSymbolicLink(adapters.resolve("link"), elsewhere);
        for (Path outside : List.of(elsewhere, link, adapters, adapters.resolve("../" + elsewhere.getFileName()),
                adapters.resolve("nothing"), Path.of("/"))) {
            HttpResponse<String> response = post("/v1/load_lora_adapter", load(outside));
            assertThat(response.statusCode()).as(outside.toString()).isEqualTo(400);
            assertThat(Json.parse(response.body()).at("/error/message").asString())
                    .isEqualTo("lora_path is not an adapter below the directories that this worker may read.");
        }
        assertThat(post("/v1/completions", completion("").replace("base", "tens")).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({"GET, /health", "GET, /v1/models", "POST, /v1/completions", "POST, /v1/classify",
            "POST, /v1/load_lora_adapter",
            "POST, /v1/unload_lora_adapter", "GET, /nothing", "DELETE, /v1/models"})
    void noRouteAnswersWithoutTheSecretOfThisStart(String method, String path) throws Exception {
        for (String shown : new String[]{"", "Bearer ", SECRET, "Bearer " + SECRET + "x", "Bearer a",
                "bearer " + SECRET,
                "Basic " + SECRET}) {
            HttpRequest.Builder request = unauthorized(path).method(method, HttpRequest.BodyPublishers.ofString("{}"));
            HttpResponse<String> response = client.send(
                    (shown.isEmpty() ? request : request.header("Authorization", shown)).build(),
                    BodyHandlers.ofString());
            assertThat(response.statusCode()).as(shown).isEqualTo(401);
            assertThat(response.body()).contains("unauthorized").doesNotContain(SECRET);
        }
    }

    @Test
    void aWorkerWithoutASecretDoesNotStart() {
        for (Map<String, String> environment : List.of(Map.<String, String>of(),
                Map.of(WorkerAccess.VARIABLE, "short"))) {
            assertThatThrownBy(() -> WorkerAccess.of(environment, List.of()))
                    .hasMessageContaining(WorkerAccess.VARIABLE);
        }
    }

    @Test
    void aFaultOfTheEngineIsA500AndTheWorkerServesOn() throws Exception {
        model.faulty = row -> true;
        HttpResponse<String> response = post("/v1/completions", completion(""));
        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(Json.parse(response.body()).at("/error/message").asString()).contains("broken kernel");
        model.faulty = row -> false;
        assertThat(post("/v1/completions", completion("")).statusCode()).isEqualTo(200);
    }

    @Test
    void aFaultInTheMiddleOfAStreamIsAnErrorEvent() throws Exception {
        model.faulty = row -> row.tokens.contains(4);
        HttpResponse<String> response = post("/v1/completions", completion(", \"stream\": true"));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).contains("data: {\"error\":").endsWith("data: [DONE]\n\n");
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aClosedConnectionCancelsTheGeneration(boolean stream) throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        Semaphore steps = new Semaphore(1);
        model.beforeStep = steps::acquireUninterruptibly;
        model.onClose = closed::countDown;
        HttpRequest endless = request("/v1/completions").POST(HttpRequest.BodyPublishers.ofString("""
                {"model": "base", "prompt": [100], "max_tokens": 590, "temperature": 0, "return_token_ids": true,
                "stream": %s}""".formatted(stream))).build();
        try (InputStream body = client.send(endless, BodyHandlers.ofInputStream()).body()) {
            assertThat(body.read()).isPositive(); // the first token, or the first sign of life
        }
        client.shutdownNow();
        while (!closed.await(20, TimeUnit.MILLISECONDS)) {
            steps.release();
        }
        assertThat(model.rowsPerStep).hasSizeLessThan(590);
    }

    @Test
    void otherPathsAndMethodsAreNamed() throws Exception {
        assertThat(post("/v1/embeddings", "{}").statusCode()).isEqualTo(404);
        assertThat(post("/health", "{}").statusCode()).isEqualTo(405);
        assertThat(client.send(request("/health").build(), BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
}
