package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.Eventually;
import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Multipart bodies that are not as they should be, at the routes of both dialects. */
class MultipartTest {
    private static final byte[] TEXT = "{\"text\":\"abc\"}\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    static Path directory;
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(directory, "--files.max-bytes", "1MB", "--uploads.max-part-bytes", "1MB");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingIsKept() {
        assertThat(kept("files")).isEmpty();
        Eventually.holds("nothing is left in transit", () -> kept("tmp").isEmpty());
    }

    private static List<Path> kept(String folder) {
        File[] files = directory.resolve(folder).toFile().listFiles(File::isFile);
        return Stream.of(Objects.requireNonNull(files)).map(File::toPath).toList();
    }

    private static void refused(Answer answer, String reason) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.text()).contains(reason);
    }

    private static MultipartText form() {
        return new MultipartText().text("purpose", "fine-tune");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openai/v1/files", "/mistral/v1/files"})
    void brokenBodiesAreRefused(String path) {
        refused(form().post(server, path), "cannot be read");
        refused(form().raw("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n{\"text\":")
                .post(server, path), "cannot be read");
        refused(form().file("file", "a", new byte[100_000]).post(server, path), "cannot be read");
        refused(new MultipartText().raw("nonsense").post(server, path), "cannot be read");
        refused(server.send("POST", path, BodyPublishers.noBody(), "Content-Type", "multipart/form-data; boundary=x"),
                "cannot be read");
        refused(form().file("file", "a", TEXT).end().post(server, path, "Content-Type", "multipart/form-data"),
                "cannot be read");
        refused(form().file("file", "a", TEXT).end().post(server, path, "Content-Type",
                "multipart/form-data; boundary=" + "y".repeat(5000)), "cannot be read");
        refused(form().part("Content-Disposition: form-data; name=\"file\"; filename=\"a\"\r\nX-Long: "
                + "z".repeat(10_000), TEXT).end().post(server, path), "cannot be read");
        refused(form().file("file", "a\0b", TEXT).end().post(server, path), "NUL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openai/v1/files", "/mistral/v1/files"})
    void wrongPartsAreNamed(String path) {
        refused(form().end().post(server, path), "file is missing");
        refused(form().file("fil", "a", TEXT).end().post(server, path), "Did you mean file?");
        refused(form().file("file", "a", TEXT).file("file", "b", TEXT).end().post(server, path),
                "file must be given once");
        refused(form().text("file", "abc").end().post(server, path), "file name");
        refused(form().file("file", "a", TEXT).text("purpose", "fine-tune").end().post(server, path),
                "purpose must be given once");
        refused(form().file("file", "a", new byte[0]).end().post(server, path), "empty");
        refused(new MultipartText().file("purpose", "a", new byte[100_000]).file("file", "a", TEXT).end().post(server,
                path), "too long");
        MultipartText many = form().file("file", "a", TEXT);
        for (int i = 0; i < 100; i++) {
            many.text("part" + i, "x");
        }
        refused(many.end().post(server, path), "more than 64 parts");
    }

    @Test
    void endlessBodiesAreRefusedAtTheLimit() {
        byte[] megabytes = new byte[3 << 20];
        assertThat(form().file("other", "a", megabytes).end().post(server, "/openai/v1/files").status())
                .isEqualTo(413);
        assertThat(form().file("file", "a", megabytes).end().post(server, "/openai/v1/files").status())
                .isEqualTo(413);
        byte[] body = form().file("file", "a", megabytes).end().bytes();
        assertThat(server.send("POST", "/openai/v1/files",
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)), "Content-Type",
                "multipart/form-data; boundary=x").status()).as("of a length that is not told").isEqualTo(413);
    }
}
