package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.RegistrationBean;
import tools.jackson.databind.JsonNode;

/** Which dialect a request is answered in, seen by the shape of its errors: every request here lacks a key. */
class DialectTest {
    @TempDir
    static Path directory;
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(directory);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String shape(JsonNode body) {
        return (body.has("message") ? "mistral" : "") + (body.has("error") ? "openai" : "");
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            /v1/files,                                                    User-Agent,            mistral-client-python/2.5.1,          mistral
            /v1/files,                                                    User-Agent,            mistral-client-typescript/1.3.1,      mistral
            /v1/files,                                                    x-mistral-user-agent,  mistral-client-typescript/2.4.0,      mistral
            /v1/files,                                                    User-Agent,            OpenAI/Python 3.3.1,                  openai
            /v1/files,                                                    User-Agent,            AsyncOpenAI/Python 3.3.1,             openai
            /v1/files,                                                    User-Agent,            OpenAIClientImpl/Java 4.52.0,         openai
            /v1/files,                                                    User-Agent,            OpenAPI-Generator/2.3.0/rust,         openai
            /v1/files,                                                    User-Agent,            openai-client-base/0.16.1,            openai
            /v1/files,                                                    User-Agent,            Ktor client,                          openai
            /v1/files,                                                    X-Stainless-Lang,      js,                                   openai
            /v1/files,                                                    User-Agent,            curl/8.5.0,                           mistralopenai
            /v1/fine_tuning/jobs/ftjob-0ABCDEFGHIJKLMNOPQRSTU,            X-Other,               x,                                    openai
            /v1/fine_tuning/jobs/2813b7e6-1111-2222-3333-444455556666,    X-Other,               x,                                    mistral
            /v1/fine_tuning/jobs/2813b7e6-1111-2222-3333-444455556666/checkpoints, X-Other,      x,                                    openai
            /v1/fine_tuning/jobs/ftjob-0ABCDEFGHIJKLMNOPQRSTU/start,      X-Other,               x,                                    mistral
            /v1/files/file-0ABCDEFGHIJKLMNOPQRSTU,                        X-Other,               x,                                    openai
            /v1/files/2813b7e6-1111-2222-3333-444455556666,               X-Other,               x,                                    mistralopenai
            /v1/fine_tuning/jobs?page=1,                                  X-Other,               x,                                    mistral
            /v1/fine_tuning/jobs?limit=2,                                 X-Other,               x,                                    openai
            /v1/fine_tuning/jobs?metadata%5Bteam%5D=a,                    X-Other,               x,                                    openai
            /v1/fine_tuning/jobs?mypage=2,                                X-Other,               x,                                    mistralopenai
            /v1/fim/completions,                                          X-Other,               x,                                    mistral
            /v1/completions,                                              X-Other,               x,                                    openai
            /v1/uploads,                                                  X-Other,               x,                                    openai
            /v1/models,                                                   X-Other,               x,                                    mistralopenai
            /mistral/v1/files,                                            User-Agent,            OpenAI/Python 3.3.1,                  mistral
            /openai/v1/files,                                             User-Agent,            mistral-client-python/2.5.1,          openai""")
    void dialectIsTold(String path, String header, String value, String shape) {
        JsonNode body = server.get(path, "Authorization", "", header, value).json();
        assertThat(shape(body)).isEqualTo(shape);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"model":"m","training_file":"x"}                 | openai
            {"model":"m","training_files":[]}                 | mistral
            {"model":"m","auto_start":true}                   | mistral
            {"model":"m"}                                     | mistral""")
    void keysOfTheBodyTellWhenNothingElseDoes(String body, String shape) {
        assertThat(shape(server.post("/v1/fine_tuning/jobs", body).json())).isEqualTo(shape);
    }

    /** Also when the body is one that a filter refuses: the dialect is known before anything can fail. */
    @ParameterizedTest
    @CsvSource({"/mistral/v1/files, mistral", "/openai/v1/files, openai"})
    void bodyThatCannotBeReadIsAnsweredInTheDialect(String path, String shape) {
        assertThat(shape(server.send("POST", path, BodyPublishers.ofString("x"), "Content-Type",
                "multipart/form-data").json())).isEqualTo(shape);
    }

    @Test
    void noTwoFiltersShareAPlace() {
        assertThat(server.server().context().getBeansOfType(RegistrationBean.class).values().stream()
                .filter(bean -> bean instanceof FilterRegistrationBean<?>)).extracting(RegistrationBean::getOrder)
                .hasSizeGreaterThan(5).doesNotHaveDuplicates();
    }
}
