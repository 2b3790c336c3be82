package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.api.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** A client of OpenAI's job routes on the server of a {@link JobsRig}. */
final class OpenAiRig {
    static final String JOBS = "/openai/v1/fine_tuning/jobs";

    private static final long PATIENCE_MILLIS = 60_000;

    private final JobsRig rig;

    OpenAiRig(JobsRig rig) {
        this.rig = rig;
    }

    /** Twelve lines of plain text, four tokens each with the end token; its id in OpenAI's form. */
    String file() {
        return openAiFile(rig.upload("{\"text\":\"one two three\"}\n".repeat(12)));
    }

    static String openAiFile(String id) {
        return Ids.openAi(Ids.FILE, Ids.parse(Ids.FILE, id).orElseThrow());
    }

    static UUID uuid(String job) {
        return Ids.parse(Ids.JOB, job).orElseThrow();
    }

    /** A body whose only unusual part is given: {@code "suffix": "x"}. */
    static String body(String file, String more) {
        return "{\"model\":\"tiny\",\"training_file\":\"" + file + "\"" + (more.isEmpty() ? "" : "," + more) + "}";
    }

    Answer post(String path, String body) {
        return rig.server.post(JOBS + path, body);
    }

    /** Creates a job that must be accepted. */
    JsonNode create(String body) {
        return ok(post("", body));
    }

    JsonNode get(String path) {
        return ok(rig.server.get(JOBS + path));
    }

    JsonNode job(String id) {
        return get("/" + id);
    }

    /** Waits until the job's data was read. */
    JsonNode planned(String id) {
        long deadline = System.currentTimeMillis() + PATIENCE_MILLIS;
        while (true) {
            JsonNode job = job(id);
            if (job.path("hyperparameters").path("n_epochs").isNumber()) {
                return job;
            }
            assertThat(System.currentTimeMillis()).as(() -> "still " + job).isLessThan(deadline);
            JobsRig.pause();
        }
    }

    static JsonNode ok(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    /** The values of a key of a list's items. */
    static List<String> valuesOf(JsonNode list, String key) {
        List<String> values = new ArrayList<>();
        list.path("data").forEach(item -> values.add(item.path(key).asString()));
        return values;
    }
}
