package dev.luthier.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.job.TinyModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code logs/server.log} tells an administrator afterwards, and what it keeps to itself. */
class ServerLogTest {
    private static final String LINE = "{\"text\":\"a secret of mine\"}\n";

    @TempDir
    Path directory;

    @Test
    void startStopJobsKeysAndRefusalsAreToldWithTheirRequests() throws IOException {
        TinyModel.write(directory.resolve("models/tiny"));
        Answer created;
        Answer refused;
        Answer key;
        String job;
        try (TestServer server = TestServer.start(directory)) {
            String file = server.upload("/mistral/v1/files", "train.jsonl", LINE.repeat(12)
                    .getBytes(StandardCharsets.UTF_8)).json().get("id").stringValue();
            created = server.post("/mistral/v1/fine_tuning/jobs",
                    "{\"model\":\"tiny\",\"training_files\":[\"" + file + "\"]}");
            job = created.json().get("id").stringValue();
            server.post("/mistral/v1/fine_tuning/jobs/" + job + "/cancel", "");
            refused = server.get("/openai/v1/fine_tuning/jobs/ftjob-none?secret=query", "Authorization",
                    "Bearer luthier_wrong");
            key = server.post("/luthier/v1/keys", "{\"name\":\"ci\"}");
            server.delete("/luthier/v1/keys/" + key.json().get("id").stringValue());
        }
        List<String> log = Files.readAllLines(directory.resolve("logs/server.log"));
        assertLine(log, "started as process " + ProcessHandle.current().pid());
        assertLine(log, request(created), "job " + job + ": created");
        assertLine(log, "job " + job + ": ", " -> CANCELLED");
        assertLine(log, request(refused), "refused GET /openai/v1/fine_tuning/jobs/ftjob-none of 127.0.0.1: 401");
        assertLine(log, request(key), "created: MEMBER");
        assertLine(log, "key " + key.json().get("id").stringValue(), "revoked");
        assertLine(log, "stopping");
        assertThat(log.getLast()).endsWith(": stopped");
        assertThat(String.join("\n", log)).doesNotContain("secret", key.json().get("key").stringValue(),
                "luthier_wrong");
    }

    private static String request(Answer answer) {
        return " " + answer.header("x-request-id") + ": ";
    }

    private static void assertLine(List<String> log, String... parts) {
        assertThat(log).anySatisfy(line -> assertThat(line).contains(parts));
    }
}
