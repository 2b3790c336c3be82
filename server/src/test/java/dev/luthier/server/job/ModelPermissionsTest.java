package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.serve.FakeWorkers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Fine-tuned models that belong to their project, and the projects that may use them all the same. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ModelPermissionsTest {
    private JobsRig rig;
    private String model = "";

    @BeforeAll
    void start(@TempDir Path directory) {
        rig = new JobsRig(directory);
        String id = rig.started();
        rig.await(id, JobState.SUCCEEDED);
        model = rig.job(id).path("fine_tuned_model").stringValue() + ":ckpt-step-10";
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    /** A member's key, and the project that it is for. */
    private record Member(String authorization, String project) {}

    private Member member(String project) {
        JsonNode key = rig.server.post("/luthier/v1/keys", "{\"project\":\"" + project + "\"}").json();
        return new Member("Bearer " + key.path("key").stringValue(), key.path("project").path("id").stringValue());
    }

    private String permissions() {
        return "/openai/v1/fine_tuning/checkpoints/" + model.replace(":", "%3A") + "/permissions";
    }

    private Answer grant(String... projects) {
        return rig.server.post(permissions(), "{\"project_ids\":[\"" + String.join("\",\"", projects) + "\"]}");
    }

    @Test
    void permissionGivesAProjectTheUseOfACheckpointUntilItIsTakenBack() {
        Member member = member("guests");
        String[] asMember = {"Authorization", member.authorization()};
        assertThat(rig.server.get("/openai/v1/models/" + model, asMember).status()).isEqualTo(404);
        assertThat(rig.server.get("/openai/v1/models", asMember).text()).doesNotContain("ckpt-step-10");
        assertThat(rig.server.get("/mistral/v1/models/" + model, asMember).status()).isEqualTo(404);
        JsonNode granted = grant(member.project()).json();
        JsonNode permission = granted.path("data").path(0);
        assertThat(permission.propertyNames()).containsExactly("id", "object", "created_at", "project_id");
        assertThat(permission.path("id").stringValue()).matches("cp_[0-9A-Za-z]{22}");
        assertThat(permission.path("object").stringValue()).isEqualTo("checkpoint.permission");
        assertThat(granted.path("has_more").booleanValue()).isFalse();
        assertThat(grant(member.project()).json()).as("again").isEqualTo(granted);
        assertThat(rig.server.get("/openai/v1/models/" + model, asMember).status()).isEqualTo(200);
        assertThat(rig.server.get("/openai/v1/models", asMember).text()).contains("ckpt-step-10");
        assertThat(chat(asMember).status()).isEqualTo(200);
        for (Answer refused : List.of(rig.server.delete("/openai/v1/models/" + model, asMember),
                rig.server.delete("/mistral/v1/models/" + model, asMember),
                rig.server.post("/mistral/v1/fine_tuning/models/" + model + "/archive", "", asMember))) {
            assertThat(refused.status()).as("it may be used, no more").isEqualTo(403);
            assertThat(refused.text()).contains("model_of_other_project");
        }
        String id = permission.path("id").stringValue();
        assertThat(rig.server.delete(permissions() + "/" + id).json().toString())
                .isEqualTo("{\"id\":\"" + id + "\",\"object\":\"checkpoint.permission\",\"deleted\":true}");
        assertThat(rig.server.delete(permissions() + "/" + id).status()).isEqualTo(404);
        assertThat(rig.server.get("/openai/v1/models/" + model, asMember).status()).isEqualTo(404);
        assertThat(chat(asMember).status()).isEqualTo(404);
    }

    private Answer chat(String... headers) {
        FakeWorkers.answer(rig.data.resolve("models/tiny"), "stop", 3, 2);
        return rig.server.post("/openai/v1/chat/completions",
                "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"one\"}]}", headers);
    }

    @Test
    void permissionsAreListedInPages() {
        List<String> projects = List.of(member("one").project(), member("two").project(), member("three").project());
        grant(projects.toArray(String[]::new));
        List<String> ascending = projects("order=ascending&limit=2");
        List<String> descending = projects("limit=1");
        assertThat(ascending).containsAll(projects);
        assertThat(descending).isEqualTo(ascending.reversed());
        JsonNode one = rig.server.get(permissions() + "?project_id=" + projects.get(1)).json();
        assertThat(one.path("data")).hasSize(1);
        assertThat(one.path("data").path(0).path("project_id").stringValue()).isEqualTo(projects.get(1));
        assertThat(rig.server.get(permissions() + "?after=cp_none").status()).isEqualTo(400);
        assertThat(rig.server.get(permissions() + "?order=up").status()).isEqualTo(400);
    }

    private List<String> projects(String query) {
        List<String> found = new ArrayList<>();
        String after = "";
        while (true) {
            JsonNode page = rig.server.get(permissions() + "?" + query + after).json();
            page.path("data").forEach(entry -> found.add(entry.path("project_id").stringValue()));
            if (!page.path("has_more").booleanValue()) {
                return found;
            }
            after = "&after=" + page.path("last_id").stringValue();
        }
    }

    @Test
    void onlyAdministratorsGiveThemAndOnlyToProjectsThatThereAre() {
        Member member = member("four");
        assertThat(rig.server.get(permissions(), "Authorization", member.authorization()).status()).isEqualTo(403);
        assertThat(rig.server.post(permissions(), "{\"project_ids\":[\"x\"]}", "Authorization", member.authorization())
                .status()).isEqualTo(403);
        Answer unknown = grant(member.project(), "proj_nobody");
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.json().path("error").path("message").stringValue()).contains("proj_nobody")
                .doesNotContain(member.project());
        assertThat(rig.server.get(permissions() + "?project_id=" + member.project()).json().path("data")).isEmpty();
        assertThat(rig.server.post(permissions(), "{}").status()).isEqualTo(400);
        assertThat(rig.server.post(permissions(), "{\"project_ids\":[7]}").status()).isEqualTo(400);
        assertThat(rig.server.post(permissions(), "{\"project_ids\":[\"x\"],\"more\":1}").status()).isEqualTo(400);
        assertThat(rig.server.get("/openai/v1/fine_tuning/checkpoints/nothing/permissions").status()).isEqualTo(404);
        assertThat(rig.server.get("/openai/v1/fine_tuning/checkpoints/tiny/permissions").status()).isEqualTo(404);
    }
}
