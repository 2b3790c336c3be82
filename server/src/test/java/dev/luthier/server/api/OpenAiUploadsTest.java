package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.Eventually;
import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class OpenAiUploadsTest {
    private static final String UPLOADS = "/openai/v1/uploads";
    private static final byte[] CONTENT = ("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
            + "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n").repeat(1000).getBytes(StandardCharsets.UTF_8);

    @TempDir
    static Path directory;
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(directory, "--uploads.max-part-bytes", "100KB", "--uploads.max-bytes", "1MB");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingIsLeftInTransit() {
        Eventually.holds("nothing is left in transit", () -> kept("tmp").isEmpty());
    }

    private static List<Path> kept(String folder) {
        File[] files = directory.resolve(folder).toFile().listFiles(File::isFile);
        return Stream.of(Objects.requireNonNull(files)).map(File::toPath).toList();
    }

    private static JsonNode ok(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static String code(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        return answer.json().get("error").get("code").stringValue();
    }

    private static String id(JsonNode object) {
        return object.get("id").stringValue();
    }

    private static String create(long bytes, String... headers) {
        return id(ok(server.post(UPLOADS, "{\"filename\":\"big.jsonl\",\"purpose\":\"fine-tune\",\"bytes\":" + bytes
                + ",\"mime_type\":\"text/jsonl\"}", headers)));
    }

    private static Answer addPart(String upload, byte[] bytes, String... headers) {
        return new MultipartText().file("data", "upload", bytes).end().post(server, UPLOADS + "/" + upload + "/parts",
                headers);
    }

    private static Answer complete(String upload, String... parts) {
        return server.post(UPLOADS + "/" + upload + "/complete", "{\"part_ids\":" + list(parts) + "}");
    }

    private static String list(String... parts) {
        return Stream.of(parts).map(part -> "\"" + part + "\"").collect(Collectors.joining(",", "[", "]"));
    }

    private static Answer cancel(String upload) {
        return server.post(UPLOADS + "/" + upload + "/cancel", "");
    }

    private static byte[] slice(int from, int to) {
        return Arrays.copyOfRange(CONTENT, from, to);
    }

    private static String md5() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(CONTENT));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void partsBecomeAFileInTheOrderThatIsGiven() {
        JsonNode made = ok(server.post(UPLOADS, "{\"filename\":\"dir/big.jsonl\",\"purpose\":\"fine-tune\",\"bytes\":"
                + CONTENT.length + ",\"mime_type\":\"text/jsonl\",\"expires_after\":{\"anchor\":\"created_at\","
                + "\"seconds\":7200}}"));
        assertThat(made.propertyNames()).containsExactlyInAnyOrder("id", "object", "bytes", "created_at", "filename",
                "purpose", "status", "expires_at");
        assertThat(id(made)).matches("upload_[0-9A-Za-z]{22}");
        assertThat(made.get("object").stringValue()).isEqualTo("upload");
        assertThat(made.get("filename").stringValue()).isEqualTo("big.jsonl");
        assertThat(made.get("status").stringValue()).isEqualTo("pending");
        assertThat(made.get("expires_at").longValue() - made.get("created_at").longValue()).isEqualTo(3600);
        JsonNode last = ok(addPart(id(made), slice(50_000, CONTENT.length)));
        assertThat(last.propertyNames()).containsExactlyInAnyOrder("id", "object", "created_at", "upload_id");
        assertThat(id(last)).matches("part_[0-9A-Za-z]{22}");
        assertThat(last.get("object").stringValue()).isEqualTo("upload.part");
        assertThat(last.get("upload_id")).isEqualTo(made.get("id"));
        // Some SDKs give parts no file name.
        JsonNode first = ok(new MultipartText()
                .part("Content-Disposition: form-data; name=\"data\"\r\nContent-Type: application/octet-stream",
                        slice(0, 40_000))
                .end().post(server, UPLOADS + "/" + id(made) + "/parts"));
        JsonNode middle = ok(addPart(id(made), slice(40_000, 50_000)));
        assertThat(code(complete(id(made), id(last), id(first), id(middle)))).isEqualTo("invalid_file");
        Answer wrong = server.post(UPLOADS + "/" + id(made) + "/complete", "{\"part_ids\":"
                + list(id(first), id(middle), id(last)) + ",\"md5\":\"" + "0".repeat(32) + "\"}");
        assertThat(code(wrong)).isEqualTo("wrong_md5");
        assertThat(wrong.json().get("error").get("message").stringValue()).contains(md5());
        JsonNode done = ok(server.post(UPLOADS + "/" + id(made) + "/complete", "{\"part_ids\":"
                + list(id(first), id(middle), id(last)) + ",\"md5\":\"" + md5().toUpperCase(Locale.ROOT)
                + "\"}"));
        assertThat(done.get("status").stringValue()).isEqualTo("completed");
        JsonNode file = done.get("file");
        assertThat(file.get("bytes").intValue()).isEqualTo(CONTENT.length);
        assertThat(file.get("expires_at").longValue() - file.get("created_at").longValue()).isEqualTo(7200);
        assertThat(ok(server.get("/openai/v1/files/" + id(file)))).isEqualTo(file);
        assertThat(server.get("/openai/v1/files/" + id(file) + "/content").text())
                .isEqualTo(new String(CONTENT, StandardCharsets.UTF_8));
        assertThat(ok(server.get("/mistral/v1/files/" + id(file))).get("num_lines").intValue()).isEqualTo(1000);
        assertThat(kept("uploads")).isEmpty();
    }

    @Test
    void partsAreAddedAtTheSameTime() throws ExecutionException, InterruptedException {
        String upload = create(CONTENT.length);
        List<Future<Answer>> answers = new ArrayList<>();
        int size = CONTENT.length / 8 + 1;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int from = 0; from < CONTENT.length; from += size) {
                byte[] part = slice(from, Math.min(from + size, CONTENT.length));
                answers.add(threads.submit(() -> addPart(upload, part)));
            }
        }
        List<String> parts = new ArrayList<>();
        for (Future<Answer> answer : answers) {
            parts.add(id(ok(answer.get())));
        }
        assertThat(parts).hasSize(8);
        JsonNode file = ok(complete(upload, parts.toArray(new String[0]))).get("file");
        assertThat(server.get("/openai/v1/files/" + id(file) + "/content").text())
                .isEqualTo(new String(CONTENT, StandardCharsets.UTF_8));
    }

    @Test
    void partsThatAreMissingRepeatedUnknownOrForeignAreNamed() {
        String upload = create(CONTENT.length);
        String other = create(CONTENT.length);
        String first = id(ok(addPart(upload, slice(0, 50_000))));
        String second = id(ok(addPart(upload, slice(50_000, CONTENT.length))));
        String foreign = id(ok(addPart(other, slice(50_000, CONTENT.length))));
        assertThat(code(complete(upload, first))).isEqualTo("wrong_size");
        assertThat(code(complete(upload))).isEqualTo("wrong_size");
        assertThat(code(complete(upload, first, second, first))).isEqualTo("repeated_part");
        Answer wrong = complete(upload, first, foreign);
        assertThat(code(wrong)).isEqualTo("unknown_part");
        assertThat(wrong.json().get("error").get("message").stringValue()).contains("part_ids[1]");
        assertThat(wrong.json().get("error").get("param").stringValue()).isEqualTo("part_ids");
        assertThat(code(complete(upload, first, "part_0"))).isEqualTo("unknown_part");
        assertThat(code(server.post(UPLOADS + "/" + upload + "/complete", "{}"))).isEqualTo("missing_field");
        assertThat(code(server.post(UPLOADS + "/" + upload + "/complete", "{\"part_ids\":[1]}")))
                .isEqualTo("wrong_type");
        assertThat(code(server.post(UPLOADS + "/" + upload + "/complete",
                "{\"part_ids\":[\"" + first + "\"],\"md5\":\"x\"}"))).isEqualTo("invalid_value");
        ok(complete(upload, first, second));
        ok(cancel(other));
        assertThat(kept("uploads")).isEmpty();
    }

    @Test
    void finalUploadsDoNotMove() {
        byte[] text = "{\"text\":\"abc\"}\n".getBytes(StandardCharsets.UTF_8);
        String completed = create(text.length);
        String part = id(ok(addPart(completed, text)));
        ok(complete(completed, part));
        assertThat(code(addPart(completed, text))).isEqualTo("upload_not_pending");
        assertThat(code(complete(completed, part))).isEqualTo("upload_not_pending");
        assertThat(code(cancel(completed))).isEqualTo("upload_not_pending");
        String cancelled = create(text.length);
        String dropped = id(ok(addPart(cancelled, text)));
        assertThat(ok(cancel(cancelled)).get("status").stringValue()).isEqualTo("cancelled");
        assertThat(ok(cancel(cancelled)).get("status").stringValue()).as("again").isEqualTo("cancelled");
        assertThat(code(addPart(cancelled, text))).isEqualTo("upload_not_pending");
        assertThat(code(complete(cancelled, dropped))).isEqualTo("upload_not_pending");
        assertThat(kept("uploads")).isEmpty();
    }

    @Test
    void uploadWithFaultyContentStaysPendingUntilItIsCancelled() {
        byte[] text = "{\"text\":\"abc\"}\nnonsense\n".getBytes(StandardCharsets.UTF_8);
        String upload = create(text.length);
        String part = id(ok(addPart(upload, text)));
        Answer answer = complete(upload, part);
        assertThat(code(answer)).isEqualTo("invalid_file");
        assertThat(answer.json().get("error").get("message").stringValue())
                .startsWith("Expected file to have JSONL format").contains("Line 2");
        ok(cancel(upload));
        assertThat(kept("uploads")).isEmpty();
    }

    @Test
    void uploadsOfOtherOrganizationsAreNotThere() {
        String upload = create(20);
        JsonNode key = server.post("/luthier/v1/keys", "{\"organization\":\"org " + UUID.randomUUID() + "\"}").json();
        String[] other = {"Authorization", "Bearer " + key.get("key").stringValue()};
        Answer answer = addPart(upload, new byte[3], other);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().get("error").get("param").stringValue()).isEqualTo("upload_id");
        assertThat(server.post(UPLOADS + "/" + upload + "/complete", "{\"part_ids\":[]}", other).status())
                .isEqualTo(404);
        assertThat(server.post(UPLOADS + "/" + upload + "/cancel", "", other).status()).isEqualTo(404);
        assertThat(cancel("nonsense").status()).isEqualTo(404);
        ok(cancel(upload));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"{};filename", "{\"filename\":\"\",@};filename",
            "{\"filename\":\"a\",\"purpose\":\"fine-tune\",\"bytes\":0,\"mime_type\":\"x\"};bytes",
            "{\"filename\":\"a\",\"purpose\":\"fine-tune\",\"bytes\":1000001,\"mime_type\":\"x\"};bytes",
            "{\"filename\":\"a\",\"purpose\":\"fine-tune\",\"bytes\":1e30,\"mime_type\":\"x\"};bytes",
            "{\"filename\":\"a\",\"purpose\":\"fine-tune\",\"bytes\":\"9\",\"mime_type\":\"x\"};bytes",
            "{\"filename\":\"a\",\"purpose\":\"fine-tune\",\"bytes\":9};mime_type",
            "{\"filename\":\"a\",\"purpose\":\"vision\",\"bytes\":9,\"mime_type\":\"x\"};purpose",
            "{\"filename\":\"a\",\"bytes\":9,\"mime_type\":\"x\"};purpose",
            "{\"filename\":\"a\",\"purpose\":\"fine-tune\",\"bytes\":9,\"mime_type\":\"x\",\"part_size\":1};part_size",
            "{\"filename\":\"a\",\"purpose\":\"fine-tune\",\"bytes\":9,\"mime_type\":\"x\",\"expires_after\":{}};"
                    + "expires_after.anchor"})
    void wrongFieldsAreRefused(String body, String param) {
        Answer answer = server.post(UPLOADS,
                body.replace("@", "\"purpose\":\"fine-tune\",\"bytes\":9,\"mime_type\":\"x\""));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("error").get("param").stringValue()).isEqualTo(param);
    }

    @Test
    void partsThatAreTooLargeTooManyOrNotThereAreRefused() {
        String upload = create(60_000);
        assertThat(addPart(upload, new byte[100_001]).status()).isEqualTo(413);
        assertThat(code(addPart(upload, new byte[60_001]))).isEqualTo("too_many_bytes");
        ok(addPart(upload, new byte[60_000]));
        ok(addPart(upload, new byte[60_000]));
        assertThat(code(addPart(upload, new byte[1]))).as("a part may be sent twice, not more").isEqualTo(
                "too_many_bytes");
        assertThat(code(addPart(upload, new byte[0]))).isEqualTo("invalid_value");
        assertThat(code(new MultipartText().file("part", "a", new byte[3]).end().post(server,
                UPLOADS + "/" + upload + "/parts"))).isEqualTo("missing_field");
        assertThat(code(new MultipartText().file("data", "a", new byte[3]).file("data", "a", new byte[3]).end()
                .post(server, UPLOADS + "/" + upload + "/parts"))).isEqualTo("repeated_parameter");
        assertThat(server.post(UPLOADS + "/" + upload + "/parts", "{}").status()).isEqualTo(415);
        ok(cancel(upload));
        assertThat(kept("uploads")).isEmpty();
    }

    @Test
    void bareAddressLeadsHere() {
        Answer made = server.post("/v1/uploads",
                "{\"filename\":\"a\",\"purpose\":\"fine-tune\",\"bytes\":9,\"mime_type\":\"x\"}");
        assertThat(ok(server.post("/v1/uploads/" + id(ok(made)) + "/cancel", "")).get("status").stringValue())
                .isEqualTo("cancelled");
    }
}
