package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class HeadersTest {
    @TempDir
    static Path directory;
    private static TestServer server;
    private static JsonNode member;

    @BeforeAll
    static void start() {
        server = TestServer.start(directory);
        member = server.post("/luthier/v1/keys", "{\"organization\":\"other\",\"project\":\"p\"}").json();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String[] asMember(String... more) {
        String[] headers = new String[2 + more.length];
        headers[0] = "Authorization";
        headers[1] = "Bearer " + member.get("key").stringValue();
        System.arraycopy(more, 0, headers, 2, more.length);
        return headers;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openai/v1/files", "/openai/v1/nonsense", "/v1/files", "/openai/v1/files/file-x"})
    void openAiResponsesSayWhoseTheyAreAndHowLongTheyTook(String path) {
        Answer answer = server.get(path, asMember());
        assertThat(answer.header("openai-version")).isEqualTo("2020-10-01");
        assertThat(answer.header("openai-organization")).isEqualTo(member.at("/organization/id").stringValue());
        assertThat(answer.header("openai-processing-ms")).matches("\\d+");
        assertThat(answer.header("x-request-id")).startsWith("req_");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/mistral/v1/files", "/mistral/v1/nonsense", "/luthier/v1/keys", "/health"})
    void otherResponsesHaveTheRequestIdAlone(String path) {
        Answer answer = server.get(path);
        assertThat(answer.headers().keySet()).noneMatch(name -> name.startsWith("openai-"));
        assertThat(answer.header("x-request-id")).startsWith("req_");
    }

    @Test
    void unknownKeyIsShownMaskedOnly() {
        String wrong = "luthier_" + "s3cret".repeat(6) + "wxyz";
        Answer answer = server.get("/openai/v1/models", "Authorization", "Bearer " + wrong);
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.json().at("/error/message").stringValue())
                .startsWith("Incorrect API key provided: luth…wxyz. ");
        assertThat(answer.json().at("/error/type").stringValue()).isEqualTo("invalid_request_error");
        assertThat(answer.json().at("/error/code").stringValue()).isEqualTo("invalid_api_key");
        assertThat(answer.text()).doesNotContain("s3cret");
        assertThat(server.get("/openai/v1/models", "Authorization", "Bearer short-secret").text())
                .doesNotContain("short").doesNotContain("secret");
    }

    @Test
    void headersThatNameTheKeysOwnOrganizationAndProjectAreFine() {
        Answer answer = server.get("/v1/files", asMember("OpenAI-Organization",
                member.at("/organization/id").stringValue(), "OpenAI-Project", member.at("/project/id").stringValue()));
        assertThat(answer.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"OpenAI-Organization,organization", "OpenAI-Project,project"})
    void headersThatNameAnotherScopeAreRefusedWhetherItExistsOrNot(String header, String what) {
        String existing = server.post("/luthier/v1/keys", "{\"organization\":\"third\",\"project\":\"q\"}").json()
                .at("/" + what + "/id").stringValue();
        for (String named : new String[]{existing, "org-" + UUID.randomUUID()}) {
            Answer answer = server.get("/openai/v1/files", asMember(header, named));
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.json().at("/error/code").stringValue()).isEqualTo("mismatched_" + what);
            assertThat(answer.json().at("/error/message").stringValue())
                    .contains(member.at("/" + what + "/id").stringValue()).doesNotContain(named);
        }
        assertThat(server.get("/mistral/v1/files", asMember(header, existing)).status()).isEqualTo(200);
    }

    @Test
    void administratorsRoutesAreForbiddenToMembers() {
        Answer answer = server.get("/luthier/v1/keys", asMember());
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.json().get("type").stringValue()).isEqualTo("insufficient_scope");
    }
}
