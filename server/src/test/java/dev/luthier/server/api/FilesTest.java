package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.server.Eventually;
import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.contract.OfficialDocument;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class FilesTest {
    private static final String FILES = "/mistral/v1/files";
    private static final String CHAT = "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
            + "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n";

    @TempDir
    static Path directory;
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(directory, "--files.max-bytes", "1MB");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonNode uploaded(String name, String content, String... fields) {
        Answer answer = server.upload(FILES, name, content.getBytes(StandardCharsets.UTF_8), fields);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static String id(JsonNode file) {
        return file.get("id").stringValue();
    }

    /** A member of an organization of its own. */
    private static String[] newOrganization() {
        JsonNode key = server.post("/luthier/v1/keys", "{\"organization\":\"org " + UUID.randomUUID() + "\"}").json();
        return new String[]{"Authorization", "Bearer " + key.get("key").stringValue()};
    }

    private static List<Path> kept(String folder) {
        File[] files = directory.resolve(folder).toFile().listFiles(File::isFile);
        return Stream.of(Objects.requireNonNull(files)).map(File::toPath).toList();
    }

    @Test
    void uploadedFileIsListedReadAndDeletedAsTheSchemasSay() throws IOException {
        JsonNode made = uploaded("folder/train.jsonl", CHAT + CHAT);
        assertThat(OfficialDocument.MISTRAL.faults("CreateFileResponse", made)).isEmpty();
        assertThat(made.get("filename").stringValue()).isEqualTo("train.jsonl");
        assertThat(made.get("sample_type").stringValue()).isEqualTo("instruct");
        assertThat(made.get("num_lines").intValue()).isEqualTo(2);
        assertThat(made.get("bytes").intValue()).isEqualTo(2 * CHAT.length());
        JsonNode read = server.get(FILES + "/" + id(made)).json();
        assertThat(OfficialDocument.MISTRAL.faults("GetFileResponse", read)).isEmpty();
        assertThat(read.get("deleted").booleanValue()).isFalse();
        JsonNode list = server.get(FILES + "?page_size=100").json();
        assertThat(OfficialDocument.MISTRAL.faults("ListFilesResponse", list)).isEmpty();
        assertThat(list.get("data")).contains(made);
        Answer content = server.get(FILES + "/" + id(made) + "/content");
        assertThat(content.text()).isEqualTo(CHAT + CHAT);
        assertThat(content.header("content-type")).isEqualTo("application/octet-stream");
        JsonNode deleted = server.delete(FILES + "/" + id(made)).json();
        assertThat(OfficialDocument.MISTRAL.faults("DeleteFileResponse", deleted)).isEmpty();
        assertThat(server.get(FILES + "/" + id(made)).status()).isEqualTo(404);
        assertThat(server.get(FILES + "/" + id(made) + "/content").status()).isEqualTo(404);
        assertThat(server.delete(FILES + "/" + id(made)).status()).isEqualTo(404);
        assertThat(directory.resolve("files").resolve(id(made))).doesNotExist();
    }

    @Test
    void bothFormsOfTheIdAreRead() {
        String uuid = id(uploaded("a.jsonl", CHAT));
        String openAi = Ids.openAi(Ids.FILE, UUID.fromString(uuid));
        assertThat(id(server.get(FILES + "/" + openAi).json())).isEqualTo(uuid);
        assertThat(server.get(FILES + "/" + uuid.replace("-", "%2D")).status()).isEqualTo(200);
        assertThat(server.get(FILES + "/nonsense").status()).isEqualTo(404);
    }

    @Test
    void bareAddressAnswersWithWhatEitherClientNeeds() {
        String uuid = id(uploaded("a.jsonl", CHAT));
        assertThat(server.get("/v1/files/" + uuid).json().get("status").stringValue()).isEqualTo("processed");
        assertThat(server.get("/v1/files").json().has("has_more")).isTrue();
        String[] mistral = {"User-Agent", "mistral-client-typescript/2.4.0"};
        assertThat(server.get("/v1/files/" + uuid, mistral).json().has("status")).isFalse();
        assertThat(server.get("/v1/files", mistral).json().has("has_more")).isFalse();
    }

    @Test
    void everyFaultOfTheContentIsReportedAndNothingIsKept() throws IOException {
        String[] other = newOrganization();
        StringBuilder content = new StringBuilder(CHAT).append("not json\n");
        for (int i = 0; i < 149; i++) {
            content.append("{\"messages\":[{\"role\":\"asistant\",\"content\":\"x\"}]}\n");
        }
        List<Path> before = kept("files");
        Answer answer = server.upload(FILES, "bad.jsonl", content.toString().getBytes(StandardCharsets.UTF_8), other);
        assertThat(answer.status()).isEqualTo(400);
        JsonNode body = answer.json();
        assertThat(body.get("total_faults").intValue()).isGreaterThanOrEqualTo(150);
        assertThat(body.get("detail")).hasSize(100);
        assertThat(body.get("detail").get(0).get("msg").stringValue()).startsWith("line 2");
        assertThat(body.get("detail").get(0).get("loc").get(2).intValue()).isEqualTo(2);
        assertThat(body.get("detail").get(1).get("msg").stringValue()).contains("line 3", "asistant",
                "Did you mean assistant?");
        assertThat(server.get(FILES, other).json().get("total").intValue()).isZero();
        assertThat(kept("files")).containsExactlyInAnyOrderElementsOf(before);
        assertThat(kept("tmp")).isEmpty();
    }

    @Test
    void emptyFilesAndBrokenEncodingAreRefused() {
        Answer empty = server.upload(FILES, "empty.jsonl", new byte[0]);
        assertThat(empty.status()).isEqualTo(400);
        assertThat(empty.json().get("message").stringValue()).contains("empty");
        Answer latin = server.upload(FILES, "latin.jsonl",
                CHAT.replace("hi", "h\u00e9").getBytes(StandardCharsets.ISO_8859_1));
        assertThat(latin.status()).isEqualTo(400);
        assertThat(latin.json().get("message").stringValue()).contains("UTF-8");
    }

    @Test
    void sameFileTwiceMakesTwoFiles() {
        JsonNode first = uploaded("same.jsonl", CHAT);
        JsonNode second = uploaded("same.jsonl", CHAT);
        assertThat(id(second)).isNotEqualTo(id(first));
        assertThat(second.get("signature")).isEqualTo(first.get("signature"));
    }

    @Test
    void otherOrganizationsDoNotSeeTheFile() {
        String[] other = newOrganization();
        String path = FILES + "/" + id(uploaded("mine.jsonl", CHAT));
        assertThat(server.get(path, other).status()).isEqualTo(404);
        assertThat(server.get(path + "/content", other).status()).isEqualTo(404);
        assertThat(server.get(path + "/url", other).status()).isEqualTo(404);
        assertThat(server.delete(path, other).status()).isEqualTo(404);
        assertThat(server.get(FILES, other).json().get("data")).isEmpty();
        assertThat(server.get(path).status()).isEqualTo(200);
    }

    @Test
    void listIsFilteredPagedAndNewestFirst() {
        String[] other = newOrganization();
        for (String name : new String[]{"one.jsonl", "two_x.jsonl", "Three.jsonl"}) {
            server.upload(FILES, name, CHAT.getBytes(StandardCharsets.UTF_8), other);
        }
        server.upload(FILES, "text.jsonl", "{\"text\":\"abc\"}\n".getBytes(StandardCharsets.UTF_8), other);
        assertThat(names("", other)).containsExactly("text.jsonl", "Three.jsonl", "two_x.jsonl", "one.jsonl");
        assertThat(names("?page=1&page_size=3", other)).containsExactly("one.jsonl");
        assertThat(names("?page=2&page_size=3", other)).isEmpty();
        assertThat(names("?search=THREE", other)).containsExactly("Three.jsonl");
        assertThat(names("?search=o_x", other)).containsExactly("two_x.jsonl");
        assertThat(names("?search=%25", other)).isEmpty();
        assertThat(names("?sample_type=pretrain", other)).containsExactly("text.jsonl");
        assertThat(names("?sample_type=pretrain&sample_type=instruct", other)).hasSize(4);
        assertThat(names("?sample_type=batch_result", other)).isEmpty();
        assertThat(names("?source=upload&purpose=fine-tune", other)).hasSize(4);
        assertThat(names("?source=mistral", other)).isEmpty();
        assertThat(names("?purpose=ocr", other)).isEmpty();
        assertThat(names("?mimetypes=application/json", other)).isEmpty();
        assertThat(names("?mimetypes=application/json&mimetypes=application/jsonl", other)).hasSize(4);
        JsonNode page = server.get(FILES + "?page_size=1", other).json();
        assertThat(page.get("total").intValue()).isEqualTo(4);
        assertThat(server.get(FILES + "?include_total=false", other).json().get("total").isNull()).isTrue();
        assertThat(server.get(FILES + "?sample_type=video&source=web", other).json().get("detail")).hasSize(2);
    }

    private static List<String> names(String query, String... headers) {
        JsonNode data = server.get(FILES + query, headers).json().get("data");
        return data.valueStream().map(file -> file.get("filename").stringValue()).toList();
    }

    @ParameterizedTest
    @CsvSource({"purpose, batch, not built", "purpose, ocr, not built", "purpose, video, unknown",
            "visibility, user, not built", "visibility, world, unknown", "expiry, 0, from 1", "expiry, soon, whole",
            "purpos, fine-tune, Did you mean purpose?"})
    void wrongFormFieldsAreRefused(String name, String value, String message) {
        Answer answer = server.upload(FILES, "a.jsonl", CHAT.getBytes(StandardCharsets.UTF_8), "form:" + name, value);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("message").stringValue()).contains(message);
        assertThat(answer.json().get("detail").get(0).get("loc").get(1).stringValue()).isEqualTo(name);
    }

    @Test
    void lifetimeIsShownInSeconds() {
        JsonNode file = uploaded("a.jsonl", CHAT, "form:expiry", "2", "form:purpose", "fine-tune", "form:visibility",
                "workspace");
        assertThat(file.get("expires_at").longValue() - file.get("created_at").longValue()).isEqualTo(7200);
    }

    @Test
    void signedLinkWorksWithoutKeyAndOnlyUnchanged() {
        JsonNode file = uploaded("linked.jsonl", CHAT);
        JsonNode answer = server.get(FILES + "/" + id(file) + "/url?expiry=1").json();
        assertThat(OfficialDocument.MISTRAL.faults("GetSignedUrlResponse", answer)).isEmpty();
        String link = URI.create(answer.get("url").stringValue()).toString().substring(server.server().url().length());
        assertThat(server.get(link, "Authorization", "").text()).isEqualTo(CHAT);
        assertThat(server.get(link.replace("expires=1", "expires=2")).status()).isEqualTo(403);
        assertThat(server.get(link + "x").status()).isEqualTo(403);
        assertThat(server.get(FILES + "/" + id(file) + "/url?expiry=0").status()).isEqualTo(400);
        server.delete(FILES + "/" + id(file));
        assertThat(server.get(link).status()).isEqualTo(404);
    }

    /** Else whoever makes a client ask with a name of his own gets the link, and with it the file. */
    @Test
    void signedLinkLeadsToTheServerWhateverTheRequestSaysItsHostIs() throws IOException {
        String path = FILES + "/" + id(uploaded("linked.jsonl", CHAT)) + "/url";
        URI url = URI.create(server.server().url());
        for (String target : new String[]{path, "http://evil.example" + path}) {
            try (Socket socket = new Socket(url.getHost(), url.getPort())) {
                socket.getOutputStream().write(("GET " + target + " HTTP/1.1\r\nHost: evil.example\r\n"
                        + "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n"
                        + "Forwarded: host=evil.example\r\nAuthorization: Bearer " + server.key()
                        + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.UTF_8));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answer).as(target).contains("200").doesNotContain("evil.example")
                        .contains("\"" + server.server().url() + "/luthier/v1/signed/files/");
            }
        }
    }

    @Test
    void tooLargeFilesAreRefusedAndNothingIsKept() throws IOException {
        Answer answer = server.upload(FILES, "large.jsonl", CHAT.repeat(20_000).getBytes(StandardCharsets.UTF_8));
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.json().get("message").stringValue()).contains("1000000 bytes");
        assertThat(kept("tmp")).isEmpty();
    }

    @Test
    void damagedBytesAreNeverDeliveredAsAWholeFile() throws IOException {
        JsonNode file = uploaded("damaged.jsonl", CHAT.repeat(3_000));
        String route = FILES + "/" + id(file) + "/content";
        Path bytes = directory.resolve("files").resolve(id(file));
        byte[] stored = Files.readAllBytes(bytes);
        byte[] flipped = stored.clone();
        flipped[stored.length / 2] ^= 1;
        for (byte[] damaged : List.of(flipped, Arrays.copyOf(stored, stored.length - 1),
                Arrays.copyOf(stored, stored.length + 1))) {
            Files.write(bytes, damaged);
            assertThatThrownBy(() -> server.get(route)).as("the connection breaks")
                    .isInstanceOf(UncheckedIOException.class);
        }
        Files.write(bytes, stored);
        assertThat(server.get(route).status()).isEqualTo(200);
        server.delete(FILES + "/" + id(file));
    }

    @Test
    void damagedAndMissingBytesAreNamedInTheAnswerAndTheLog() throws IOException {
        JsonNode file = uploaded("lost.jsonl", CHAT);
        Path bytes = directory.resolve("files").resolve(id(file));
        Files.write(bytes, Files.readString(bytes).replace("user", "usor").getBytes(StandardCharsets.UTF_8));
        assertDamaged(file, "its SHA-256 is");
        Files.delete(bytes);
        assertDamaged(file, "are missing");
        server.delete(FILES + "/" + id(file));
    }

    private void assertDamaged(JsonNode file, String why) throws IOException {
        Answer answer = server.get(FILES + "/" + id(file) + "/content");
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.json().get("type").stringValue()).isEqualTo("file_damaged");
        assertThat(answer.json().get("message").stringValue()).contains(id(file), why, "Restore files/");
        assertThat(answer.header("x-should-retry")).isEqualTo("false");
        assertThat(answer.text()).doesNotContain(directory.toString()).doesNotContain("Exception");
        assertThat(Files.readString(directory.resolve("logs/server.log")))
                .contains(answer.json().get("request_id").stringValue(), why);
    }

    @Test
    void bodiesThatAreNoUploadAreRefused() {
        assertThat(server.post(FILES, "{}").status()).isEqualTo(415);
        Answer broken = server.send("POST", FILES, BodyPublishers.ofString("nonsense"),
                "Content-Type", "multipart/form-data; boundary=x");
        assertThat(broken.status()).isEqualTo(400);
        Answer unnamed = server.send("POST", FILES,
                BodyPublishers.ofString(
                        "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc\r\n--x--\r\n"),
                "Content-Type", "multipart/form-data; boundary=x");
        assertThat(unnamed.status()).isEqualTo(400);
        assertThat(unnamed.json().get("message").stringValue()).contains("file name");
    }

    @Test
    void unauthenticatedUploadIsRefusedBeforeItsBodyIsRead() throws IOException {
        URI url = URI.create(server.server().url());
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
            socket.getOutputStream().write(("POST " + FILES + " HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n"
                    + "Content-Type: multipart/form-data; boundary=x\r\n\r\n").getBytes(StandardCharsets.UTF_8));
            byte[] start = socket.getInputStream().readNBytes(12);
            assertThat(new String(start, StandardCharsets.UTF_8)).isEqualTo("HTTP/1.1 401");
        }
    }

    @Test
    void uploadCutOffInTheMiddleLeavesNothing() throws IOException, InterruptedException {
        URI url = URI.create(server.server().url());
        List<Path> before = kept("files");
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            String head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n";
            socket.getOutputStream().write(("POST " + FILES + " HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n"
                    + "Authorization: Bearer " + server.key()
                    + "\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n"
                    + head + CHAT.repeat(2000)).getBytes(StandardCharsets.UTF_8));
            Eventually.holds("the body arrives", () -> !kept("tmp").isEmpty());
        }
        Eventually.holds("nothing is left in transit", () -> kept("tmp").isEmpty());
        assertThat(kept("files")).containsExactlyInAnyOrderElementsOf(before);
    }
}
