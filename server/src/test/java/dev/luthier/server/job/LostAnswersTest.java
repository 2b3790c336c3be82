package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.store.Database;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is killed between the commit of a new object and the commit of the answer has the object and no answer: a
 * repetition of the request gets that object, and makes no other.
 */
final class LostAnswersTest {
    private static final byte[] LINES = "{\"text\": \"one two three\"}\n".repeat(8).getBytes(StandardCharsets.UTF_8);

    @TempDir
    private static Path folder;
    private static JobsRig rig;

    @BeforeAll
    static void start() {
        rig = new JobsRig(folder.resolve("data"));
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    /** Sends a request twice and loses the answer in between; its two answers name the same object. */
    private static String twice(Function<String[], Answer> request, String[] first, String[] second) {
        Answer answer = request.apply(first);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        Database database = rig.server.server().context().getBean(Database.class);
        int lost = database
                .write(jdbc -> jdbc.sql("delete from idempotent_answers").update());
        assertThat(lost).isPositive();
        Answer again = request.apply(second);
        assertThat(again.status()).as(again.text()).isEqualTo(200);
        assertThat(again.header("idempotent-replayed")).isEmpty();
        String id = answer.json().path("id").stringValue();
        assertThat(again.json().path("id").stringValue()).isEqualTo(id);
        return id;
    }

    private static String withKey(Function<String[], Answer> request) {
        String[] key = {"Idempotency-Key", UUID.randomUUID().toString()};
        return twice(request, key, key);
    }

    /** As OpenAI's SDKs repeat. */
    private static String bySdk(Function<String[], Answer> request) {
        return twice(request, new String[]{"X-Stainless-Retry-Count", "0"},
                new String[]{"X-Stainless-Retry-Count", "1"});
    }

    private static long count(String route) {
        return rig.server.get(route).json().path("data").size();
    }

    @Test
    void repeatedCreatesMakeOneObject() {
        long files = count("/openai/v1/files");
        String file = bySdk(headers -> upload("/openai/v1/files", headers));
        withKey(headers -> upload("/mistral/v1/files", headers));
        assertThat(count("/openai/v1/files")).isEqualTo(files + 2);

        long jobs = count("/openai/v1/fine_tuning/jobs");
        String openAi = Json.write(Map.of("model", "tiny", "training_file", file));
        String first = bySdk(headers -> rig.server.post("/openai/v1/fine_tuning/jobs", openAi, headers));
        String second = withKey(headers -> rig.server.post("/openai/v1/fine_tuning/jobs", openAi, headers));
        assertThat(second).isNotEqualTo(first);
        withKey(headers -> rig.server.post("/mistral/v1/fine_tuning/jobs",
                Json.write(Map.of("model", "tiny", "training_files", List.of(file))), headers));
        assertThat(count("/openai/v1/fine_tuning/jobs")).isEqualTo(jobs + 3);
    }

    @Test
    void repeatedUploadInPartsMakesOneFile() {
        String create = Json.write(Map.of("filename", "parts.jsonl", "purpose", "fine-tune", "bytes", LINES.length,
                "mime_type", "application/jsonl"));
        String upload = bySdk(headers -> rig.server.post("/openai/v1/uploads", create, headers));
        String route = "/openai/v1/uploads/" + upload;
        String part = withKey(headers -> rig.server.uploadAs("data", route + "/parts", "part", LINES, headers));
        long files = count("/openai/v1/files");
        Answer completed = rig.server.post(route + "/complete", Json.write(Map.of("part_ids", List.of(part))),
                "X-Stainless-Retry-Count", "0");
        bySdkAgain(completed, route + "/complete", Json.write(Map.of("part_ids", List.of(part))));
        assertThat(count("/openai/v1/files")).isEqualTo(files + 1);
    }

    private static void bySdkAgain(Answer completed, String route, String body) {
        assertThat(completed.status()).as(completed.text()).isEqualTo(200);
        rig.server.server().context().getBean(Database.class)
                .writeVoid(jdbc -> jdbc.sql("delete from idempotent_answers").update());
        Answer again = rig.server.post(route, body, "X-Stainless-Retry-Count", "1");
        assertThat(again.status()).as(again.text()).isEqualTo(200);
        assertThat(again.json()).isEqualTo(completed.json());
    }

    @Test
    void keyOfALostAnswerIsNotForAnotherRequest() {
        String[] key = {"Idempotency-Key", "once"};
        assertThat(upload("/openai/v1/files", key).status()).isEqualTo(200);
        rig.server.server().context().getBean(Database.class)
                .writeVoid(jdbc -> jdbc.sql("delete from idempotent_answers").update());
        Answer other = rig.server.post("/openai/v1/fine_tuning/jobs", "{}", key);
        assertThat(other.status()).isEqualTo(422);
    }

    @Test
    void objectThatIsGoneIsMadeAnew() {
        String[] key = {"Idempotency-Key", "gone"};
        String first = upload("/openai/v1/files", key).json().path("id").stringValue();
        rig.server.server().context().getBean(Database.class)
                .writeVoid(jdbc -> jdbc.sql("delete from idempotent_answers").update());
        rig.server.delete("/openai/v1/files/" + first);
        Answer again = upload("/openai/v1/files", key);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json().path("id").stringValue()).isNotEqualTo(first);
    }

    private static Answer upload(String route, String... headers) {
        String[] all = new String[headers.length + 2];
        all[0] = "form:purpose";
        all[1] = "fine-tune";
        System.arraycopy(headers, 0, all, 2, headers.length);
        return rig.server.upload(route, "train.jsonl", LINES, all);
    }
}
