package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class KeysTest {
    private static final String KEYS = "/luthier/v1/keys";

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

    private static String bearer(JsonNode key) {
        return "Bearer " + key.get("key").stringValue();
    }

    @Test
    void newKeyWorksInItsOrganizationUntilItIsRevoked() {
        JsonNode made = server.post(KEYS, "{\"organization\":\"acme\",\"project\":\"voice\",\"name\":\"ci\"}").json();
        assertThat(made.get("organization").get("id").stringValue()).startsWith("org-");
        assertThat(made.get("role").stringValue()).isEqualTo("member");
        assertThat(made.get("key").stringValue()).startsWith(made.get("hint").stringValue());
        assertThat(server.get("/v1/files", "Authorization", bearer(made)).status()).isEqualTo(200);
        JsonNode revoked = server.delete(KEYS + "/" + made.get("id").stringValue()).json();
        assertThat(revoked.get("revoked_at").isIntegralNumber()).isTrue();
        assertThat(server.get("/v1/files", "Authorization", bearer(made)).status()).isEqualTo(401);
        assertThat(server.delete(KEYS + "/" + made.get("id").stringValue()).json()).isEqualTo(revoked);
    }

    @Test
    void sameNamesGiveTheSameOrganizationAndProject() {
        String body = "{\"organization\":\"twice\",\"project\":\"p\"}";
        JsonNode first = server.post(KEYS, body).json();
        JsonNode second = server.post(KEYS, body).json();
        assertThat(second.get("organization")).isEqualTo(first.get("organization"));
        assertThat(second.get("project")).isEqualTo(first.get("project"));
        assertThat(second.get("key")).isNotEqualTo(first.get("key"));
    }

    @Test
    void memberMayNotManageKeysOrReadMetrics() {
        String member = bearer(server.post(KEYS, "{\"name\":\"m\"}").json());
        assertThat(server.get(KEYS, "Authorization", member).status()).isEqualTo(403);
        assertThat(server.post(KEYS, "{}", "Authorization", member).status()).isEqualTo(403);
        assertThat(server.get("/metrics", "Authorization", member).status()).isEqualTo(403);
    }

    private static String keyOf(String organization, String role) {
        return bearer(server.post(KEYS, "{\"organization\":\"" + organization + "\",\"role\":\"" + role + "\"}")
                .json());
    }

    @Test
    void organizationAdministratorManagesTheKeysOfItsOrganizationAlone() {
        String theirs = server.post(KEYS, "{\"organization\":\"theirs\"}").json().get("id").stringValue();
        String[] admin = {"Authorization", keyOf("ours", "organization-admin")};
        JsonNode made = server.post(KEYS, "{\"name\":\"new\"}", admin).json();
        assertThat(made.get("organization").get("name").stringValue()).isEqualTo("ours");
        assertThat(server.get(KEYS, admin).json().get("data")).hasSize(2).allSatisfy(
                key -> assertThat(key.get("organization").get("name").stringValue()).isEqualTo("ours"));
        assertThat(server.delete(KEYS + "/" + theirs, admin).status()).isEqualTo(404);
        assertThat(server.delete(KEYS + "/" + made.get("id").stringValue(), admin).status()).isEqualTo(200);
        for (String organization : new String[]{"theirs", "of nobody"}) {
            Answer refused = server.post(KEYS, "{\"organization\":\"" + organization + "\"}", admin);
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.text()).contains("scope instance").doesNotContain(organization);
        }
    }

    @Test
    void nobodyMakesOrRevokesAKeyThatMayMoreThanHisOwn() {
        String[] admin = {"Authorization", keyOf("default", "organization-admin")};
        for (String role : new String[]{"instance-admin", "metrics"}) {
            assertThat(server.post(KEYS, "{\"role\":\"" + role + "\"}", admin).status()).as(role).isEqualTo(403);
            String id = server.post(KEYS, "{\"role\":\"" + role + "\"}").json().get("id").stringValue();
            Answer refused = server.delete(KEYS + "/" + id, admin);
            assertThat(refused.status()).as(role).isEqualTo(403);
            assertThat(refused.text()).contains(role);
            assertThat(server.delete(KEYS + "/" + id).status()).as(role).isEqualTo(200);
        }
        for (String role : new String[]{"organization-admin", "member", "read-only", "inference-only"}) {
            assertThat(server.post(KEYS, "{\"role\":\"" + role + "\"}", admin).json().get("role").stringValue())
                    .isEqualTo(role);
        }
        assertThat(server.post(KEYS, "{\"role\":\"owner\"}").text()).contains("inference-only", "read-only");
    }

    @Test
    void lastAdministratorCannotLockEveryoneOut() {
        for (JsonNode key : server.get(KEYS).json().get("data")) {
            if (key.get("role").stringValue().equals("instance-admin") && key.get("revoked_at").isNull()) {
                Answer refused = server.delete(KEYS + "/" + key.get("id").stringValue());
                assertThat(refused.status()).isEqualTo(409);
                assertThat(refused.headers().get("x-should-retry")).containsExactly("false");
            }
        }
    }

    @Test
    void unknownKeyIsNotFound() {
        assertThat(server.delete(KEYS + "/nonsense").status()).isEqualTo(404);
        assertThat(server.delete(KEYS + "/00000000-0000-0000-0000-000000000000").status()).isEqualTo(404);
    }

    @Test
    void keysAreNowhereInTheDataDirectoryInClear() throws IOException {
        String secret = server.post(KEYS, "{\"name\":\"hidden\"}").json().get("key").stringValue();
        for (String name : new String[]{"db/luthier.db", "db/luthier.db-wal", "logs/server.log"}) {
            Path file = directory.resolve(name);
            if (Files.exists(file)) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)).doesNotContain(secret);
            }
        }
    }
}
