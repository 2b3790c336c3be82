package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.TestServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code projects.isolated} says. */
class ProjectsTest {
    private static final byte[] CHAT = ("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
            + "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n").getBytes(StandardCharsets.UTF_8);

    private static String[] member(TestServer server, String organization, String project) {
        return new String[]{"Authorization", "Bearer " + server.post("/luthier/v1/keys", "{\"organization\":\""
                + organization + "\",\"project\":\"" + project + "\"}").json().get("key").stringValue()};
    }

    @Test
    void projectsOfAnOrganizationSeeEachOtherIfTheSettingSaysSo(@TempDir Path directory) {
        String key;
        String file;
        String[] own;
        String[] neighbour;
        try (TestServer server = TestServer.start(directory, "--projects.isolated", "false")) {
            key = server.key();
            own = member(server, "acme", "alpha");
            neighbour = member(server, "acme", "beta");
            file = "/mistral/v1/files/" + server.upload("/mistral/v1/files", "a.jsonl", CHAT, own).json().get("id")
                    .stringValue();
            assertThat(server.get(file, own).status()).isEqualTo(200);
            assertThat(server.get(file, neighbour).status()).isEqualTo(200);
            assertThat(server.get(file, member(server, "others", "alpha")).status()).isEqualTo(404);
        }
        try (TestServer server = TestServer.restart(directory, key)) {
            assertThat(server.get(file, own).status()).isEqualTo(200);
            assertThat(server.get(file, neighbour).status()).as("as it was made").isEqualTo(404);
            assertThat(server.delete(file, neighbour).status()).isEqualTo(404);
        }
    }
}
