package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.Eventually;
import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.file.FileService;
import dev.luthier.server.file.StoredFile;
import dev.luthier.server.store.Database;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class OpenAiFilesTest {
    private static final String FILES = "/openai/v1/files";
    private static final String CHAT = "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
            + "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n";
    private static final String[] FINE_TUNE = {"form:purpose", "fine-tune"};

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

    @AfterEach
    void nothingIsLeftInTransit() {
        Eventually.holds("nothing is left in transit", () -> kept("tmp").isEmpty());
    }

    private static JsonNode uploaded(String name, String... more) {
        List<String> all = new ArrayList<>(List.of(FINE_TUNE));
        all.addAll(List.of(more));
        Answer answer = server.upload(FILES, name, CHAT.getBytes(StandardCharsets.UTF_8), all.toArray(new String[0]));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static String id(JsonNode file) {
        return file.get("id").stringValue();
    }

    private static JsonNode error(Answer answer, int status) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        JsonNode body = answer.json();
        assertThat(body.propertyNames()).containsExactly("error");
        assertThat(body.get("error").propertyNames()).containsExactly("message", "type", "param", "code");
        assertThat(body.get("error").get("type").stringValue()).isEqualTo("invalid_request_error");
        return body.get("error");
    }

    private static String[] newOrganization() {
        JsonNode key = server.post("/luthier/v1/keys", "{\"organization\":\"org " + UUID.randomUUID() + "\"}").json();
        return new String[]{"Authorization", "Bearer " + key.get("key").stringValue()};
    }

    private static List<Path> kept(String folder) {
        File[] files = directory.resolve(folder).toFile().listFiles(File::isFile);
        return Stream.of(Objects.requireNonNull(files)).map(File::toPath).toList();
    }

    @Test
    void uploadedFileIsReadListedAndDeletedAsTheDocumentSays() {
        JsonNode made = uploaded("folder/train.jsonl");
        assertThat(made.propertyNames()).containsExactlyInAnyOrder("id", "object", "bytes", "created_at", "filename",
                "purpose", "status");
        assertThat(id(made)).matches("file-[0-9A-Za-z]{22}");
        assertThat(made.get("object").stringValue()).isEqualTo("file");
        assertThat(made.get("bytes").intValue()).isEqualTo(CHAT.length());
        assertThat(made.get("filename").stringValue()).isEqualTo("train.jsonl");
        assertThat(made.get("purpose").stringValue()).isEqualTo("fine-tune");
        assertThat(made.get("status").stringValue()).isEqualTo("processed");
        assertThat(server.get(FILES + "/" + id(made)).json()).isEqualTo(made);
        assertThat(server.get(FILES).json().get("data")).contains(made);
        Answer content = server.get(FILES + "/" + id(made) + "/content", "Accept", "application/binary");
        assertThat(content.text()).isEqualTo(CHAT);
        assertThat(content.header("content-type")).isEqualTo("application/octet-stream");
        JsonNode deleted = server.delete(FILES + "/" + id(made)).json();
        assertThat(deleted.toString()).isEqualTo("{\"id\":\"" + id(made) + "\",\"object\":\"file\",\"deleted\":true}");
        for (Answer gone : List.of(server.get(FILES + "/" + id(made)), server.delete(FILES + "/" + id(made)),
                server.get(FILES + "/" + id(made) + "/content"))) {
            JsonNode error = error(gone, 404);
            assertThat(error.get("message").stringValue()).isEqualTo("No such File object: " + id(made));
            assertThat(error.get("param").stringValue()).isEqualTo("id");
        }
    }

    @Test
    void eitherDialectReadsTheFileUnderEitherId() {
        JsonNode made = uploaded("a.jsonl");
        UUID uuid = Ids.parse(Ids.FILE, id(made)).orElseThrow();
        assertThat(server.get(FILES + "/" + uuid).json()).isEqualTo(made);
        JsonNode other = server.get("/mistral/v1/files/" + id(made)).json();
        assertThat(id(other)).isEqualTo(uuid.toString());
        assertThat(server.get("/v1/files/" + id(made)).json()).as("the id tells the dialect").isEqualTo(made);
        error(server.get(FILES + "/nonsense"), 404);
    }

    @Test
    void filesOfOtherOrganizationsAreNotThere() {
        String file = id(uploaded("mine.jsonl"));
        String[] other = newOrganization();
        error(server.get(FILES + "/" + file, other), 404);
        error(server.get(FILES + "/" + file + "/content", other), 404);
        error(server.delete(FILES + "/" + file, other), 404);
        error(server.get(FILES + "?after=" + file, other), 400);
        JsonNode empty = server.get(FILES, other).json();
        assertThat(empty.toString())
                .isEqualTo("{\"object\":\"list\",\"data\":[],\"first_id\":\"\",\"last_id\":\"\",\"has_more\":false}");
    }

    private static List<String> walk(String query, String... headers) {
        List<String> ids = new ArrayList<>();
        JsonNode page;
        String after = "";
        do {
            page = server.get(FILES + "?" + query + after, headers).json();
            page.get("data").forEach(file -> ids.add(id(file)));
            after = "&after=" + page.get("last_id").stringValue();
        } while (page.get("has_more").booleanValue());
        return ids;
    }

    @Test
    void listIsFollowedInBothOrdersAlsoPastDeletedFiles() {
        String[] other = newOrganization();
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            made.add(id(uploaded(i + ".jsonl", other)));
        }
        assertThat(walk("order=asc", other)).containsExactlyElementsOf(made);
        assertThat(walk("limit=2&order=asc", other)).containsExactlyElementsOf(made);
        assertThat(walk("limit=2", other)).containsExactlyElementsOf(made.reversed());
        assertThat(walk("limit=5", other)).hasSize(5);
        JsonNode page = server.get(FILES + "?limit=2", other).json();
        assertThat(page.get("first_id").stringValue()).isEqualTo(made.get(4));
        assertThat(page.get("last_id").stringValue()).isEqualTo(made.get(3));
        assertThat(page.get("has_more").booleanValue()).isTrue();
        server.delete(FILES + "/" + made.get(2), other);
        assertThat(walk("order=asc&after=" + made.get(2), other)).containsExactly(made.get(3), made.get(4));
        Answer last = server.get(FILES + "?after=" + made.get(0), other);
        assertThat(last.status()).isEqualTo(200);
        assertThat(last.json().get("data")).isEmpty();
        assertThat(last.json().get("has_more").booleanValue()).isFalse();
    }

    @Test
    void listIsFilteredByPurpose() {
        String[] other = newOrganization();
        String file = id(uploaded("a.jsonl", other));
        assertThat(walk("purpose=fine-tune", other)).containsExactly(file);
        assertThat(walk("purpose=fine-tune-results", other)).isEmpty();
        assertThat(walk("purpose=assistants", other)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"purpose=video, purpose", "limit=0, limit", "limit=10001, limit", "limit=x, limit", "order=up, order",
            "after=file-x, after", "after=file-0000000000000000000000, after", "page=1, page"})
    void wrongQueriesAreRefused(String query, String param) {
        JsonNode error = error(server.get(FILES + "?" + query), 400);
        assertThat(error.get("param").stringValue()).isEqualTo(param);
    }

    @Test
    void largestPageIsTenThousand() {
        assertThat(server.get(FILES + "?limit=10000").status()).isEqualTo(200);
    }

    @Test
    void lifetimeIsReadFromBracketedFieldsAndFromJson() {
        JsonNode bracketed = uploaded("a.jsonl", "form:expires_after[anchor]", "created_at",
                "form:expires_after[seconds]", "3600");
        JsonNode json = uploaded("a.jsonl", "form:expires_after", "{\"anchor\":\"created_at\",\"seconds\":2592000}");
        assertThat(bracketed.get("expires_at").longValue() - bracketed.get("created_at").longValue()).isEqualTo(3600);
        assertThat(json.get("expires_at").longValue() - json.get("created_at").longValue()).isEqualTo(2_592_000);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"expires_after[seconds];3600;expires_after.anchor",
            "expires_after[anchor];created_at;expires_after.seconds", "expires_after;soon;expires_after",
            "expires_after;[];expires_after",
            "expires_after;{\"anchor\":\"created_at\",\"seconds\":3599};expires_after.seconds",
            "expires_after;{\"anchor\":\"created_at\",\"seconds\":2592001};expires_after.seconds",
            "expires_after;{\"anchor\":\"now\",\"seconds\":3600};expires_after.anchor",
            "expires_after[secs];3600;expires_after.anchor", "purpos;fine-tune;purpos", "purpose;fine-tune;purpose"})
    void wrongFormFieldsAreRefused(String name, String value, String param) {
        Answer answer = server.upload(FILES, "a.jsonl", CHAT.getBytes(StandardCharsets.UTF_8), "form:purpose",
                "fine-tune", "form:" + name, value);
        assertThat(error(answer, 400).get("param").stringValue()).isEqualTo(param);
    }

    @ParameterizedTest
    @ValueSource(strings = {"assistants", "batch", "vision", "user_data", "evals"})
    void purposesThatAreNotBuiltAreRefusedByName(String purpose) {
        Answer answer = server.upload(FILES, "a.jsonl", CHAT.getBytes(StandardCharsets.UTF_8), "form:purpose", purpose);
        JsonNode error = error(answer, 400);
        assertThat(error.get("code").stringValue()).isEqualTo("not_built");
        assertThat(error.get("param").stringValue()).isEqualTo("purpose");
        assertThat(error.get("message").stringValue()).contains(purpose, "fine-tune");
    }

    @Test
    void purposeIsRequired() {
        Answer missing = server.upload(FILES, "a.jsonl", CHAT.getBytes(StandardCharsets.UTF_8));
        assertThat(error(missing, 400).get("code").stringValue()).isEqualTo("missing_field");
        Answer unknown = server.upload(FILES, "a.jsonl", CHAT.getBytes(StandardCharsets.UTF_8), "form:purpose",
                "fine-tuning");
        assertThat(error(unknown, 400).get("message").stringValue()).contains("fine-tuning", "unknown");
    }

    @Test
    void fileThatIsNoJsonLinesIsRefusedInTheWordsThatUsersKnow() {
        List<Path> before = kept("files");
        Answer array = server.upload(FILES, "a.jsonl", "[1,2]\n".getBytes(StandardCharsets.UTF_8), FINE_TUNE);
        JsonNode error = error(array, 400);
        assertThat(error.get("message").stringValue()).isEqualTo("Expected file to have JSONL format, where every line"
                + " is a JSON dictionary. Line 1 is not a dictionary (HINT: must be a JSON object, not a list).");
        assertThat(error.get("param").stringValue()).isEqualTo("file");
        Answer text = server.upload(FILES, "a.csv", "a,b\n1,2\n3,4\n5,6\n7,8\n9,0\n".getBytes(StandardCharsets.UTF_8),
                FINE_TUNE);
        assertThat(error(text, 400).get("message").stringValue()).startsWith("Expected file to have JSONL format")
                .contains("Line 1 ", "5 further faults, of which the first 4 are: line 2: not valid JSON");
        Answer role = server.upload(FILES, "a.jsonl",
                (CHAT + CHAT.replace("assistant", "asistant")).getBytes(StandardCharsets.UTF_8), FINE_TUNE);
        assertThat(error(role, 400).get("message").stringValue()).startsWith("line 2, /messages/1/role: ")
                .contains("Did you mean assistant?");
        Answer empty = server.upload(FILES, "a.jsonl", new byte[0], FINE_TUNE);
        assertThat(error(empty, 400).get("message").stringValue()).contains("empty");
        assertThat(kept("files")).containsExactlyInAnyOrderElementsOf(before);
    }

    @Test
    void anyFileNameIsTaken() {
        assertThat(uploaded("données d’essai").get("filename").stringValue()).isEqualTo("données d’essai");
        assertThat(uploaded("").get("filename").stringValue()).isEqualTo("unnamed.jsonl");
        error(server.upload(FILES, "x".repeat(256), CHAT.getBytes(StandardCharsets.UTF_8), FINE_TUNE), 400);
    }

    @Test
    void tooLargeFilesAreRefused() {
        byte[] content = CHAT.repeat(20_000).getBytes(StandardCharsets.UTF_8);
        assertThat(error(server.upload(FILES, "a.jsonl", content, FINE_TUNE), 413).get("message").stringValue())
                .contains("1000000 bytes", "files.max-bytes");
    }

    @Test
    void numbersFitIntoClientsOf32Bits() {
        // A file of that size is not made here: it is the arithmetic that counts.
        assertThat(ClientIntegers.BITS_32.fitting(3L << 30)).isEqualTo(Integer.MAX_VALUE);
        assertThat(ClientIntegers.BITS_64.fitting(3L << 30)).isEqualTo(3L << 30);
    }

    @Test
    void resultFilesAreListedByThisDialectOnlyAndNoJobTrainsOnThem() throws IOException {
        FileService files = server.server().context().getBean(FileService.class);
        Database database = server.server().context().getBean(Database.class);
        String[] other = newOrganization();
        String sample = id(uploaded("a.jsonl", other));
        Map<String, @Nullable Object> row = database.reader().sql("select * from files where id = ?")
                .param(Ids.parse(Ids.FILE, sample).orElseThrow().toString()).query().singleRow();
        Path written = Files.writeString(directory.resolve("metrics"), "step\n1\n");
        StoredFile result = files.takeResult(String.valueOf(row.get("organization_id")),
                String.valueOf(row.get("project_id")), "step_metrics.csv", written);
        database.writeVoid(jdbc -> files.record(jdbc, result));
        String id = Ids.openAi(Ids.FILE, result.id());
        assertThat(walk("purpose=fine-tune-results", other)).containsExactly(id);
        assertThat(walk("", other)).containsExactly(id, sample);
        JsonNode shown = server.get(FILES + "/" + id, other).json();
        assertThat(shown.get("purpose").stringValue()).isEqualTo("fine-tune-results");
        assertThat(server.get(FILES + "/" + id + "/content", other).text()).isEqualTo("step\n1\n");
        assertThat(server.get("/mistral/v1/files", other).json().get("total").intValue()).isEqualTo(1);
        assertThat(server.get("/mistral/v1/files/" + id, other).status()).isEqualTo(404);
        Answer job = server.post("/mistral/v1/fine_tuning/jobs", "{\"model\":\"luthier-tiny\",\"training_files\":[\""
                + id + "\"],\"hyperparameters\":{}}", other);
        assertThat(job.status()).isEqualTo(400);
        assertThat(job.text()).contains("fine-tune-results");
    }
}
