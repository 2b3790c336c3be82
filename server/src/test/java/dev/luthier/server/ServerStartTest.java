package dev.luthier.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.job.TinyModel;
import dev.luthier.server.model.BaseModels;
import dev.luthier.server.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.web.server.PortInUseException;

class ServerStartTest {
    @TempDir
    Path directory;

    @Test
    void freshServerMakesPrivateDirectoryAndAdministratorKey() throws IOException {
        try (TestServer server = TestServer.start(directory.resolve("data"))) {
            Path data = directory.resolve("data");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data))).isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("admin.key"))))
                    .isEqualTo("rw-------");
            assertThat(Files.readString(data.resolve("admin.key")).strip()).isEqualTo(server.key());
            assertThat(Json.parse(Files.readString(data.resolve("server.json"))).get("url").stringValue())
                    .isEqualTo(server.server().url());
            assertThat(server.get("/health").text()).isEqualTo("{\"status\":\"ok\"}");
            assertThat(server.get("/luthier/v1/keys").json().get("total").intValue()).isEqualTo(1);
            assertThat(server.get("/metrics").status()).isEqualTo(200);
        }
        assertThat(directory.resolve("data/server.json")).doesNotExist();
    }

    @Test
    void serverSaysWhetherItIsReadyAndWhatIsMissing() {
        try (TestServer server = TestServer.start(directory)) {
            assertThat(server.rawGet("/health/ready", "")).startsWith("HTTP/1.1 200").contains("{\"status\":\"ready\","
                    + "\"checks\":{\"database\":\"ok\",\"data_directory\":\"ok\",\"jobs\":\"ok\"}}");
            server.server().context().getBean(Database.class).close();
            TestServer.Answer unready = server.get("/health/ready");
            assertThat(unready.status()).isEqualTo(503);
            assertThat(unready.json().get("checks").get("database").stringValue()).isEqualTo("does not answer");
        }
    }

    @Test
    void aliasOfAModelThatIsNotThereIsNamedWithTheNearest() throws IOException {
        TinyModel.write(directory.resolve("models/tiny-chat"));
        Files.createDirectories(directory.resolve("models/broken"));
        Files.writeString(directory.resolve("models/broken/config.json"), "{}");
        try (TestServer server = TestServer.start(directory, "--models.aliases.good", "tiny-chat",
                "--models.aliases.gpt-x", "tiny-chta", "--models.aliases.bad", "broken")) {
            assertThat(server.server().context().getBean(BaseModels.class).aliasFaults()).satisfiesExactly(
                    bad -> assertThat(bad)
                            .startsWith("models.aliases.bad names the model broken, which cannot be used: "),
                    missing -> assertThat(missing)
                            .isEqualTo("models.aliases.gpt-x names the model tiny-chta, which is not"
                                    + " there. Did you mean tiny-chat?"));
        }
        assertThat(Files.readString(directory.resolve("logs/server.log"))).contains("models.aliases.gpt-x");
    }

    @Test
    void keysOutliveTheServerAndNoSecondKeyIsMade() {
        String key;
        try (TestServer server = TestServer.start(directory)) {
            key = server.key();
        }
        try (TestServer server = TestServer.restart(directory, key)) {
            assertThat(server.server().newAdminKey()).isNull();
            assertThat(server.get("/luthier/v1/keys").status()).isEqualTo(200);
        }
    }

    @Test
    void whatKeepsTheServerFromStartingIsSaidInOneSentence() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "x");
        assertThatThrownBy(() -> TestServer.start(file.resolve("data"))).isInstanceOf(ProblemException.class)
                .hasMessageContaining("cannot be used");
        assertThatThrownBy(() -> TestServer.start(directory.resolve("a"), "--host", "192.0.2.1"))
                .isInstanceOf(ProblemException.class).hasMessageContaining("cannot listen");
        try (TestServer server = TestServer.start(directory.resolve("b"))) {
            String port = server.server().url().replaceAll(".*:", "");
            assertThatThrownBy(() -> TestServer.start(directory.resolve("c"), "--port", port))
                    .isInstanceOf(PortInUseException.class);
        }
    }

    @Test
    void secondServerOnTheSameDataDirectoryIsRefused() {
        try (TestServer server = TestServer.start(directory)) {
            assertThatThrownBy(() -> TestServer.restart(directory, server.key()))
                    .hasMessageContaining("in use by another server");
            assertThat(server.get("/health").status()).isEqualTo(200);
        }
    }
}
