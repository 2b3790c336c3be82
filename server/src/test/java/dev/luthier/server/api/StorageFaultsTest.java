package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.store.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients are told by name what the disk refuses. */
class StorageFaultsTest {
    private static final byte[] LINES = "{\"text\":\"one two three\"}\n".getBytes(StandardCharsets.UTF_8);

    @Test
    void fullDiskIsSaidInBothDialectsAndReadingGoesOn(@TempDir Path directory) {
        try (TestServer server = TestServer.start(directory).withoutContract()) {
            String file = server.upload("/mistral/v1/files", "a.jsonl", LINES, "form:purpose", "fine-tune").json()
                    .path("id").stringValue();
            Database database = server.server().context().getBean(Database.class);
            long limit = database
                    .write(jdbc -> jdbc.sql("pragma max_page_count").query(Long.class).single());
            database.writeVoid(jdbc -> jdbc.sql("pragma max_page_count = 1").query(Long.class).single());
            Answer mistral = fill(server, "/mistral/v1/files");
            assertThat(mistral.json().path("type").stringValue()).isEqualTo("disk_full");
            assertThat(mistral.json().path("message").stringValue()).contains("The disk is full", "bytes are free")
                    .doesNotContain(directory.toString());
            Answer openAi = fill(server, "/openai/v1/files");
            assertThat(openAi.json().path("error").path("code").stringValue()).isEqualTo("disk_full");
            assertThat(openAi.header("x-should-retry")).isEqualTo("false");
            assertThat(server.get("/mistral/v1/files/" + file).status()).isEqualTo(200);
            assertThat(directory.resolve("files")).isDirectoryNotContaining(path -> path.toString().endsWith(".tmp"));
            database.writeVoid(jdbc -> jdbc.sql("pragma max_page_count = " + limit).query(Long.class).single());
            assertThat(server.upload("/openai/v1/files", "a.jsonl", LINES, "form:purpose", "fine-tune").status())
                    .isEqualTo(200);
        }
    }

    @Test
    void folderThatIsGoneIsNamedAndTheServerGoesOnOnceItIsBack(@TempDir Path directory) throws IOException {
        try (TestServer server = TestServer.start(directory).withoutContract()) {
            Path files = directory.resolve("files");
            Path elsewhere = directory.resolve("elsewhere");
            Files.move(files, elsewhere);
            Answer refused = server.upload("/openai/v1/files", "a.jsonl", LINES, "form:purpose", "fine-tune");
            assertThat(refused.status()).as(refused.text()).isEqualTo(503);
            assertThat(refused.json().path("error").path("message").stringValue())
                    .contains("The server cannot use its file", "there is no such file").doesNotContain("internal");
            Files.move(elsewhere, files);
            assertThat(server.upload("/openai/v1/files", "a.jsonl", LINES, "form:purpose", "fine-tune").status())
                    .isEqualTo(200);
        }
    }

    /** Uploads until the disk is full; pages that are allocated take some rows more. */
    private static Answer fill(TestServer server, String path) {
        for (int i = 0; i < 2_000; i++) {
            Answer answer = server.upload(path, "a.jsonl", LINES, "form:purpose", "fine-tune");
            if (answer.status() != 200) {
                assertThat(answer.status()).as(answer.text()).isEqualTo(507);
                return answer;
            }
        }
        throw new AssertionError("the disk never became full");
    }
}
