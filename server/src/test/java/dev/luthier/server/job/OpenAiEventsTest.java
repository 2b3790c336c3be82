package dev.luthier.server.job;

import static dev.luthier.server.job.OpenAiRig.JOBS;
import static dev.luthier.server.job.OpenAiRig.body;
import static dev.luthier.server.job.OpenAiRig.valuesOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.server.TestServer.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Events of jobs in OpenAI's dialect: pages and streams. */
@Timeout(120)
final class OpenAiEventsTest {
    private static final String SHORT = "\"hyperparameters\":{\"n_epochs\":5,\"batch_size\":3}";

    @TempDir
    private static Path directory;
    private static JobsRig rig;
    private static OpenAiRig openAi;

    @BeforeAll
    static void start() {
        rig = new JobsRig(directory, "--openai.event-streams", "2");
        openAi = new OpenAiRig(rig);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @BeforeEach
    void behave() {
        rig.trainers("succeed");
    }

    @Test
    void finishedJobTellsWhatUsersKnowInOrder() {
        String file = openAi.file();
        String valid = openAi.file();
        String id = openAi.create(body(file, SHORT + ",\"suffix\":\"mine\",\"validation_file\":\"" + valid + "\""))
                .path("id").stringValue();
        rig.await(id, JobState.SUCCEEDED);
        JsonNode job = openAi.job(id);
        String model = job.path("fine_tuned_model").stringValue();
        assertThat(model).matches("ft:tiny:[^:]+:mine:[0-9A-Za-z]{8}");
        JsonNode list = openAi.get("/" + id + "/events?limit=100");
        assertThat(list.path("has_more").booleanValue()).isFalse();
        List<String> messages = valuesOf(list, "message").reversed();
        assertThat(messages).containsSubsequence("Created fine-tuning job: " + id,
                "Validating training file: " + file + " and validation file: " + valid,
                "Files validated, moving job to queued state", "Fine-tuning job started",
                "New fine-tuned model created: " + model, "The job has successfully completed");
        assertThat(messages.getLast()).isEqualTo("The job has successfully completed");
        for (JsonNode event : list.path("data")) {
            assertThat(event.path("object").stringValue()).isEqualTo("fine_tuning.job.event");
            assertThat(event.path("id").stringValue()).matches("ftevent-[0-9A-Za-z]{22}");
            assertThat(event.path("level").stringValue()).isIn("info", "warn", "error");
            assertThat(event.path("type").stringValue()).isIn("message", "metrics");
            assertThat(event.path("data").isObject()).isTrue();
            assertThat(event.path("created_at").isIntegralNumber()).isTrue();
        }
        assertThat(list.path("data").path(0).path("data").path("fine_tuned_model").stringValue()).isEqualTo(model);
        String uuid = OpenAiRig.uuid(id).toString();
        JsonNode other = rig.job(uuid);
        SeedSchemas.assertJob(other);
        assertThat(other.path("events").toString()).contains("Created fine-tuning job: " + uuid,
                "New fine-tuned model created: " + other.path("fine_tuned_model").stringValue());
        assertThat(other.path("events").path(0).path("data").path("status").stringValue()).isEqualTo("SUCCESS");
    }

    @Test
    void pagesGoToTheEnd() {
        String id = openAi.create(body(openAi.file(), SHORT)).path("id").stringValue();
        rig.await(id, JobState.SUCCEEDED);
        List<String> all = valuesOf(openAi.get("/" + id + "/events?limit=100"), "id");
        assertThat(all).doesNotHaveDuplicates().hasSizeGreaterThan(6);
        List<String> seen = new ArrayList<>();
        JsonNode page = openAi.get("/" + id + "/events?limit=2");
        while (!page.path("data").isEmpty()) {
            seen.addAll(valuesOf(page, "id"));
            assertThat(page.path("has_more").booleanValue()).isEqualTo(seen.size() < all.size());
            page = openAi.get("/" + id + "/events?limit=2&after=" + seen.getLast());
        }
        assertThat(seen).isEqualTo(all);
        String other = openAi.create(body(openAi.file(), SHORT)).path("id").stringValue();
        for (String query : List.of("after=" + id, "after=ftevent-none", "after=ftevent-0000000000000000000000",
                "after=" + valuesOf(openAi.get("/" + other + "/events"), "id").getLast(), "limit=0", "limit=101",
                "stream=maybe", "stream=true&limit=5", "order=asc")) {
            assertThat(rig.server.get(JOBS + "/" + id + "/events?" + query).status()).as(query).isEqualTo(400);
        }
        Answer unknown = rig.server.get(JOBS + "/ftjob-0000000000000000000000/events");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.json().path("error").path("code").stringValue()).isEqualTo("fine_tune_not_found");
    }

    @Test
    void streamFollowsAJobToItsEndAndGoesOnAfterAnEvent() {
        rig.trainers("hold-at 3");
        String id = openAi.create(body(openAi.file(), SHORT)).path("id").stringValue();
        List<String> ids = new ArrayList<>();
        try (EventReader reader = EventReader.open(rig.server, id, "")) {
            String message = "";
            while (!message.equals("Fine-tuning job started")) {
                List<String> event = reader.next();
                assertThat(event).hasSize(3);
                assertThat(event.get(1)).isEqualTo("event: fine_tuning.job.event");
                JsonNode data = Json.parse(event.get(2).substring("data: ".length()));
                assertThat(event.getFirst()).isEqualTo("id: " + data.path("id").stringValue());
                ids.add(data.path("id").stringValue());
                message = data.path("message").stringValue();
            }
            rig.trainers("succeed");
            List<String> event = reader.next();
            while (event.size() == 3) {
                ids.add(event.getFirst().substring("id: ".length()));
                event = reader.next();
            }
            assertThat(event).containsExactly("event: done", "data: [DONE]");
            assertThat(reader.next()).isEmpty();
        }
        assertThat(ids).isEqualTo(valuesOf(openAi.get("/" + id + "/events?limit=100"), "id").reversed());
        try (EventReader rest = EventReader.open(rig.server, id, ids.get(2))) {
            assertThat(rest.next().getFirst()).isEqualTo("id: " + ids.get(3));
        }
        try (EventReader rest = EventReader.open(rig.server, id, "", "after=" + ids.getLast())) {
            assertThat(rest.next()).containsExactly("event: done", "data: [DONE]");
        }
        assertThat(rig.server.get(JOBS + "/" + id + "/events?stream=true", "Last-Event-ID", "ftevent-x").status())
                .isEqualTo(400);
    }

    @Test
    void keyFollowsAFewStreamsAtATime() {
        rig.trainers("hold-at 3");
        String id = openAi.create(body(openAi.file(), SHORT)).path("id").stringValue();
        try (EventReader first = EventReader.open(rig.server, id, "");
                EventReader second = EventReader.open(rig.server, id, "")) {
            assertThat(first.next()).isNotEmpty();
            assertThat(second.next()).isNotEmpty();
            Answer third = rig.server.get(JOBS + "/" + id + "/events?stream=true");
            assertThat(third.status()).isEqualTo(429);
            assertThat(third.json().path("error").path("code").stringValue()).isEqualTo("too_many_requests");
            openAi.post("/" + id + "/cancel", "");
            assertThat(first.toEnd()).containsExactly("event: done", "data: [DONE]");
            assertThat(second.toEnd()).containsExactly("event: done", "data: [DONE]");
        }
        try (EventReader again = EventReader.open(rig.server, id, "")) {
            assertThat(again.toEnd()).containsExactly("event: done", "data: [DONE]");
        }
    }

    @Test
    void streamBreaksOffWhenTheServerStopsAndGoesOnWithTheNextOne() {
        rig.trainers("hold-at 3");
        String id = openAi.create(body(openAi.file(), SHORT)).path("id").stringValue();
        String last;
        try (EventReader reader = EventReader.open(rig.server, id, "")) {
            last = reader.next().getFirst().substring("id: ".length());
            rig.restart();
            assertThat(reader.toEnd()).isNotEqualTo(List.of("event: done", "data: [DONE]"));
        }
        rig.trainers("succeed");
        try (EventReader reader = EventReader.open(rig.server, id, last)) {
            assertThat(reader.next().get(2)).doesNotContain("Created fine-tuning job");
            assertThat(reader.toEnd()).containsExactly("event: done", "data: [DONE]");
        }
        rig.await(id, JobState.SUCCEEDED);
    }
}
