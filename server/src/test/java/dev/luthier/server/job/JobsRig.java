package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A real server with a tiny base model, whose engine is {@link FakeTrainer}, and a client of its job routes. */
final class JobsRig implements AutoCloseable {
    static final String JOBS = "/mistral/v1/fine_tuning/jobs";
    private static final long PATIENCE_MILLIS = 60_000;

    final Path data;
    TestServer server;
    private final List<String> flags;

    JobsRig(Path directory, String... furtherFlags) {
        data = directory;
        TinyModel.write(data.resolve("models/tiny"));
        flags = new ArrayList<>(List.of("--engine.command", engine(directory).toString(), "--runs.interval-millis",
                "50", "--runs.retry-millis", "10", "--runs.threads", "1"));
        flags.addAll(List.of(furtherFlags));
        server = TestServer.start(data, flags.toArray(String[]::new));
    }

    /** Stops the server and starts another on the same data. */
    void restart(String... furtherFlags) {
        String key = server.key();
        server.close();
        List<String> all = new ArrayList<>(flags);
        all.addAll(List.of(furtherFlags));
        server = TestServer.restart(data, key, all.toArray(String[]::new));
    }

    /** A script that stands for the engine's program. */
    private static Path engine(Path directory) {
        try {
            Files.createDirectories(directory);
            String path = System.getProperty("java.class.path");
            Path script = directory.resolve("engine.sh");
            Files.writeString(script, "#!/bin/sh\nexec " + System.getProperty("java.home") + File.separator
                    + "bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx64m -cp '" + path + "' "
                    + FakeTrainer.class.getName() + " \"$@\"\n");
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
            return script;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells trainers how to behave from now on. */
    void trainers(String behaviour) {
        try {
            Path next = Files.writeString(data.resolve("fake-trainer.tmp"), behaviour);
            Files.move(next, data.resolve("fake-trainer"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Uploads JSON Lines and gives the file's id. */
    String upload(String lines, String... headers) {
        String boundary = "boundary-of-a-test";
        String body = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--"
                + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"data.jsonl\"\r\n"
                + "Content-Type: application/jsonl\r\n\r\n" + lines + "\r\n--" + boundary + "--\r\n";
        List<String> all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Content-Type", "multipart/form-data; boundary=" + boundary));
        Answer answer = server.send("POST", "/mistral/v1/files", BodyPublishers.ofString(body),
                all.toArray(String[]::new));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json().path("id").stringValue();
    }

    /** Eight lines of plain text, four tokens each with the end token. */
    String file() {
        return upload("{\"text\":\"one two three\"}\n".repeat(8));
    }

    /** A body whose only unusual part is given: {@code "suffix": "x"}. */
    String body(String file, String more) {
        return "{\"model\":\"tiny\",\"training_files\":[\"" + file + "\"]" + (more.isEmpty() ? "" : "," + more) + "}";
    }

    /** Creates a job that must be accepted. */
    JsonNode create(String body) {
        Answer answer = server.post(JOBS, body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    /** A job of 20 steps that starts by itself. */
    String started() {
        return create(body(file(), "\"auto_start\":true,\"hyperparameters\":{\"training_steps\":20,"
                + "\"learning_rate\":0.002}")).path("id").stringValue();
    }

    JsonNode job(String id) {
        Answer answer = server.get(JOBS + "/" + id);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    JsonNode state(String id) {
        return server.get("/luthier/v1/jobs/" + id).json();
    }

    /** Waits until the job has reached a state; fails when it ends in another. */
    JsonNode await(String id, JobState wanted) {
        long deadline = System.currentTimeMillis() + PATIENCE_MILLIS;
        while (true) {
            JsonNode state = state(id);
            JobState now = JobState.valueOf(state.path("state").stringValue());
            if (now == wanted) {
                return state;
            }
            assertThat(now.isFinal()).as(() -> Json.writePretty(state)).isFalse();
            assertThat(System.currentTimeMillis()).as(() -> "still " + state).isLessThan(deadline);
            pause();
        }
    }

    /** Waits until the job's trainer has made a step. */
    void awaitStep(String id, int step) {
        long deadline = System.currentTimeMillis() + PATIENCE_MILLIS;
        while (state(id).path("progress").path("step").asInt() < step) {
            assertThat(System.currentTimeMillis()).as(() -> "still " + state(id)).isLessThan(deadline);
            pause();
        }
    }

    /** Between two looks at something that happens by itself. */
    static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
