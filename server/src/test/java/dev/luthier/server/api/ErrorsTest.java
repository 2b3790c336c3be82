package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ErrorsTest {
    private static final String KEYS = "/luthier/v1/keys";

    @TempDir
    static Path directory;
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(directory, "--requests.max-json-bytes", "100KB");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void assertMistral(Answer answer, int status) {
        assertThat(answer.status()).isEqualTo(status);
        JsonNode body = answer.json();
        assertThat(body.get("object").stringValue()).isEqualTo("error");
        assertThat(body.get("message").stringValue()).isNotBlank();
        assertThat(body.get("type").stringValue()).isNotBlank();
        assertThat(body.get("code").intValue()).isEqualTo(status);
        assertThat(body.get("detail").isArray() || body.get("detail").isString()).isTrue();
        assertThat(answer.headers().get("x-request-id")).containsExactly(body.get("request_id").stringValue());
        assertThat(answer.header("content-type")).startsWith("application/json");
    }

    private static void assertOpenAi(Answer answer, int status) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().propertyNames()).containsExactly("error");
        assertThat(answer.json().get("error").propertyNames()).containsExactlyInAnyOrder("message", "type", "param",
                "code");
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            '', missing
            'Bearer', must be
            'Basic abc', must be
            'Bearer luthier_wrong', unknown or revoked""")
    void requestsWithoutGoodKeyAreRefusedInEveryDialect(String header, String message) {
        Answer mistral = server.get("/mistral/v1/files", "Authorization", header);
        assertMistral(mistral, 401);
        assertThat(mistral.json().get("message").stringValue()).contains(message);
        assertThat(mistral.headers().get("www-authenticate")).containsExactly("Bearer");
        assertOpenAi(server.get("/openai/v1/files", "Authorization", header), 401);
        assertOpenAi(server.get("/v1/files", "Authorization", header, "User-Agent", "OpenAI/Python 3.3.1"), 401);
        Answer either = server.get("/v1/files", "Authorization", header);
        assertMistral(either, 401);
        assertThat(either.json().get("error").get("code").stringValue()).isEqualTo("invalid_api_key");
        assertMistral(server.get(KEYS, "Authorization", header), 401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%6Cuthier/v1/keys", "/luthier/v1/%6Beys", "/luthier/v1/signed/../keys",
            "//luthier/v1/keys", "/health/../luthier/v1/keys", "/luthier/v1/signed/%2e%2e/keys",
            "/luthier;a=b/v1/keys", "/health;a=b", "/", "/nonsense"})
    void noSpellingOfAnAddressGetsPastTheKey(String path) {
        String answer = server.rawGet(path, "");
        assertThat(answer).matches("(?s)HTTP/1.1 (401|404|400) .*").doesNotContain("first administrator");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"name": }       | (column 10)
            {"name": "a"     | is not valid JSON
            {"a":1,"a":2}    | the key "a" occurs twice
            {} {}            | is not valid JSON
            [1]              | must be a JSON object
            {"name": 'x'}    | (column 10)""")
    void malformedBodiesSayWhereTheyBreak(String body, String message) {
        Answer answer = server.post(KEYS, body);
        assertMistral(answer, 400);
        assertThat(answer.json().get("message").stringValue()).contains(message);
    }

    @Test
    void theRustClientMayRepeatAProperty() {
        Answer answer = server.post(KEYS, "{\"name\":\"a\",\"name\":\"a\"}", "User-Agent",
                "openai-client-base/0.16.1");
        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void bodiesMustBeThereBeJsonAndBeUtf8() {
        assertMistral(server.post(KEYS, ""), 400);
        assertMistral(server.send("POST", KEYS, BodyPublishers.ofString("{}"), "Content-Type", "text/plain"), 415);
        assertMistral(server.send("POST", KEYS, BodyPublishers.ofString("a=1"), "Content-Type",
                "application/x-www-form-urlencoded"), 415);
        assertMistral(server.send("POST", KEYS, BodyPublishers.ofString("{}")), 415);
        Answer latin = server.send("POST", KEYS,
                BodyPublishers.ofByteArray(new byte[]{'{', '"', (byte) 0xE9, '"', '}'}),
                "Content-Type", "application/json");
        assertMistral(latin, 400);
        assertThat(latin.json().get("message").stringValue()).contains("UTF-8");
    }

    @Test
    void bodiesThatGrowInMemoryAreRefused() {
        JsonBody reader = new JsonBody(1 << 20, Path.of(System.getProperty("java.io.tmpdir")),
                new RequestMemory(1 << 20));
        byte[] bytes = ("{\"a\":[" + "[],".repeat(200_000) + "1]}").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> reader.parse(bytes)).isInstanceOf(ApiFailure.class)
                .hasMessageContaining("not valid JSON");
    }

    @Test
    void unpairedSurrogatesAreRefused() {
        Answer answer = server.post(KEYS, "{\"name\":\"\\ud800\"}");
        assertMistral(answer, 400);
        assertThat(answer.json().get("message").stringValue()).contains("unpaired surrogate");
        assertMistral(server.post(KEYS, "{\"\\udc00\":1}"), 400);
        assertThat(server.post(KEYS, "{\"name\":\"\\ud83d\\ude00\"}").status()).isEqualTo(200);
    }

    @Test
    void deepNestingIsRefused() {
        assertMistral(server.post(KEYS, "{\"a\":" + "[".repeat(20_000) + "]".repeat(20_000) + "}"), 400);
    }

    @Test
    void largeBodiesAreRefusedWithAndWithoutLength() {
        String large = "{\"name\":\"" + "a".repeat(200_000) + "\"}";
        assertMistral(server.post(KEYS, large), 413);
        byte[] bytes = large.getBytes(StandardCharsets.UTF_8);
        Answer streamed = server.send("POST", KEYS,
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)), "Content-Type",
                "application/json");
        assertMistral(streamed, 413);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/mistral/v1/nonsense", "/v1/nonsense", "/luthier/v1/nonsense", "/nonsense",
            "/mistral/v1/fim/completions"})
    void unknownRoutesAreNotFound(String path) {
        Answer answer = server.get(path);
        assertMistral(answer, 404);
        assertThat(answer.json().get("message").stringValue()).contains("GET " + path);
    }

    @Test
    void openAiRoutesThatAreNotBuiltSaySo() {
        Answer answer = server.post("/openai/v1/embeddings", "{}");
        assertOpenAi(answer, 404);
        assertThat(answer.json().get("error").get("message").stringValue())
                .contains("POST /openai/v1/embeddings is not built yet");
        assertThat(answer.json().get("error").get("code").stringValue()).isEqualTo("not_built");
    }

    @Test
    void wrongMethodNamesTheRightOnes() {
        Answer answer = server.send("PUT", KEYS, BodyPublishers.ofString("{}"));
        assertMistral(answer, 405);
        assertThat(answer.header("allow")).contains("POST").contains("GET");
    }

    @ParameterizedTest
    @CsvSource({"page=-1", "page=a", "page=", "page_size=-1", "page_size=0", "page_size=101", "page_size=1.5",
            "page=1&page=2", "pge=1", "page=99999999999", "page=%zz"})
    void wrongQueryParametersAreRefused(String query) {
        assertThat(server.get("/health").status()).isEqualTo(200);
        if (query.contains("%")) {
            assertThat(server.rawGet("/mistral/v1/files?" + query)).startsWith("HTTP/1.1 400");
            return;
        }
        Answer answer = server.get("/mistral/v1/files?" + query);
        assertMistral(answer, 400);
        assertThat(answer.json().get("detail").get(0).get("loc").get(0).stringValue()).isEqualTo("query");
    }

    @Test
    void requestsThatAreNotHttpAreAnsweredInJson() {
        String answer = server.rawGet("/v1/a|b");
        assertThat(answer).startsWith("HTTP/1.1 400").contains("application/json").contains("\"code\":400");
    }
}
