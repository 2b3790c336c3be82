package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What each command that talks to a server asks it, prints and ends with. */
final class ServerCommandsTest {
    private static final String JOB = "2813b7e6-1111-2222-3333-444455556666";
    private static final String JOBS = """
            {"object":"list","total":2,"data":[
             {"id":"%1$s","dialect":"mistral","model":"tiny","created_at":1760000000,"forms":{
               "mistral":{"id":"%1$s","status":"SUCCESS","fine_tuned_model":"ft:tiny:me:20251009:x"},
               "openai":{"id":"ftjob-AAA","status":"succeeded","fine_tuned_model":"ft:tiny:me::x"}}},
             {"id":"%1$s","dialect":"openai","model":"tiny","created_at":1760000000,"forms":{
               "mistral":{"id":"%1$s","status":"RUNNING","fine_tuned_model":null},
               "openai":{"id":"ftjob-BBB","status":"running","fine_tuned_model":null}}}]}""".formatted(JOB);

    @TempDir
    Path temp;

    private final FakeServer server = new FakeServer();
    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();

    @BeforeEach
    void empty() {
        out = new StringWriter();
        err = new StringWriter();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int run(String... arguments) {
        CommandLine command = LuthierMain.commandLine();
        command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--url", server.url() + "/", "--key", "k"));
        return command.execute(all.toArray(new String[0]));
    }

    private String done(String... arguments) {
        assertThat(run(arguments)).as(err.toString()).isZero();
        assertThat(err.toString()).isEmpty();
        return out.toString();
    }

    @Test
    void jobsAreListedInTheFormOfTheSdkThatMadeThem() {
        server.answer("GET /luthier/v1/jobs?page=0&page_size=20", JOBS);
        assertThat(done("jobs", "list").lines()).satisfiesExactly(
                heading -> assertThat(heading).startsWith("ID").contains("STATUS", "FINE-TUNED MODEL"),
                first -> assertThat(first).startsWith(JOB).contains("SUCCESS", "2025-10-09T", "ft:tiny:me:20251009:x"),
                second -> assertThat(second).startsWith("ftjob-BBB").contains("running"),
                total -> assertThat(total).isEqualTo("2 in all"));
    }

    @ParameterizedTest
    @CsvSource({"openai, ftjob-AAA, succeeded, ft:tiny:me::x", "MISTRAL, " + JOB + ", SUCCESS, ft:tiny:me:20251009:x"})
    void jobsAreListedInTheChosenForm(String dialect, String id, String status, String model) {
        server.answer("GET /luthier/v1/jobs?page=0&page_size=20", JOBS);
        assertThat(done("jobs", "list", "--dialect", dialect).lines().toList().get(1)).startsWith(id).contains(status)
                .endsWith(model);
    }

    @Test
    void jobsAreFilteredAndPagedByTheServer() {
        server.answer("GET /luthier/v1/jobs?page=2&page_size=5&status=Validating%20files", JOBS);
        assertThat(Json.parse(done("jobs", "list", "--status", "Validating files", "--page", "2", "--page-size", "5",
                "--json"))).isEqualTo(Json.parse(JOBS));
    }

    @ParameterizedTest
    @CsvSource({"ftjob-AAA, , openai", JOB + ", , mistral", JOB + ", openai, openai", "ftjob-AAA, mistral, mistral"})
    void jobIsShownInTheDialectOfItsIdOrTheChosenOne(String id, String chosen, String route) {
        server.answer("GET /" + route + "/v1/fine_tuning/jobs/" + id, "{\"id\":\"" + id + "\"}");
        List<String> line = new ArrayList<>(List.of("jobs", "get", id));
        if (chosen != null) {
            line.addAll(List.of("--dialect", chosen));
        }
        assertThat(Json.parse(done(line.toArray(new String[0]))).get("id").stringValue()).isEqualTo(id);
    }

    @Test
    void jobIsCancelledUnderTheIdThatWasGiven() {
        server.answer("POST /openai/v1/fine_tuning/jobs/ftjob-A/cancel",
                "{\"id\":\"ftjob-A\",\"status\":\"cancelled\"}");
        assertThat(done("jobs", "cancel", "ftjob-A").strip()).isEqualTo("ftjob-A cancelled");
    }

    @Test
    void watchEndsWithTheJobAndTellsBySuccess() {
        server.answer("GET /luthier/v1/jobs/a",
                "{\"state\":\"SUCCEEDED\",\"progress\":{\"total_steps\":3,\"step\":3}}");
        assertThat(done("jobs", "watch", "a").strip()).isEqualTo("a succeeded");
        empty();
        server.answer("GET /luthier/v1/jobs/b",
                "{\"state\":\"FAILED\",\"progress\":{},\"problem\":{\"message\":\"It broke.\"}}");
        assertThat(run("jobs", "watch", "b")).isEqualTo(1);
        assertThat(out.toString().lines()).containsExactly("b failed", "It broke.");
    }

    @Test
    void logsAreCopiedAndEndedJobsRemoved() {
        server.answer("GET /luthier/v1/jobs/a/logs", 200, "text/plain", "step 1\nstep 2\n");
        assertThat(done("jobs", "logs", "a")).isEqualTo("step 1\nstep 2\n");
        empty();
        server.answer("DELETE /luthier/v1/jobs/a", "{\"deleted\":true}");
        assertThat(done("jobs", "rm", "a").strip()).isEqualTo("removed a");
    }

    @Test
    void modelsAreListed() {
        String models = "{\"data\":[{\"id\":\"tiny\",\"type\":\"base\",\"max_context_length\":128,"
                + "\"aliases\":[\"a\",\"b\"]},{\"id\":\"ft:t\",\"type\":\"fine-tuned\","
                + "\"capabilities\":{\"classification\":true}}]}";
        server.answer("GET /mistral/v1/models", models);
        List<String> lines = done("models", "list").lines().toList();
        assertThat(lines.get(1)).startsWith("tiny  base").endsWith("128      a, b");
        assertThat(lines.get(2)).isEqualTo("ft:t  classifier");
        empty();
        assertThat(Json.parse(done("models", "list", "--json"))).isEqualTo(Json.parse(models));
    }

    @Test
    void modelIsAddedByItsAbsolutePath() {
        server.answer("POST /luthier/v1/models", "{\"id\":\"mine\"}");
        assertThat(done("models", "add", "some/dir", "--base", "tiny", "--name", "mine").strip()).isEqualTo("mine");
        assertThat(server.asked().getFirst()).endsWith("{\"path\":\"" + Path.of("some/dir").toAbsolutePath()
                + "\",\"base\":\"tiny\",\"name\":\"mine\"}");
    }

    @Test
    void modelIsRemovedUnlessItIsInUse() {
        server.answer("GET /mistral/v1/models/ft%3Atiny", "{\"type\":\"fine-tuned\"}");
        server.answer("DELETE /mistral/v1/models/ft%3Atiny", "{\"deleted\":true}");
        assertThat(done("models", "rm", "ft:tiny").strip()).isEqualTo("removed ft:tiny");
        server.answer("DELETE /luthier/v1/models/tiny", 409, "application/json",
                "{\"message\":\"tiny is needed by a job that has not ended.\"}");
        assertThat(run("models", "rm", "tiny")).isEqualTo(1);
        assertThat(err.toString().strip()).isEqualTo("luthier: tiny is needed by a job that has not ended.");
        empty();
        server.answer("DELETE /luthier/v1/models/tiny?force=true", "{\"deleted\":true}");
        assertThat(done("models", "rm", "tiny", "--force").strip()).isEqualTo("removed tiny");
    }

    @Test
    void adapterIsFetchedWholeOrNotAtAll() throws IOException {
        Path archive = temp.resolve("a.tar.gz");
        server.answer("GET /luthier/v1/models/ft%3Atiny/adapter", 200, "application/gzip", "archive");
        assertThat(done("models", "pull-adapter", "ft:tiny", "-o", archive.toString())).contains("7 bytes");
        assertThat(archive).hasContent("archive");
        assertThat(run("models", "pull-adapter", "other", "-o", temp.resolve("b").toString())).isEqualTo(1);
        try (var files = Files.list(temp)) {
            assertThat(files).containsExactly(archive);
        }
    }

    @Test
    void keysAreMadeListedAndRevoked() {
        server.answer("POST /luthier/v1/keys", "{\"key\":\"luthier_x\"}");
        assertThat(done("keys", "create", "--name", "ci", "--org", "acme").strip()).isEqualTo("luthier_x");
        assertThat(server.asked().getLast()).contains("\"name\":\"ci\"", "\"organization\":\"acme\"",
                "\"role\":\"member\"");
        empty();
        String keys = "{\"data\":[{\"id\":\"1\",\"name\":\"ci\",\"role\":\"member\",\"organization\":{\"name\":\"acme\"},"
                + "\"project\":{\"name\":\"default\"},\"revoked_at\":null,\"created_at\":1760000000}]}";
        server.answer("GET /luthier/v1/keys", keys);
        assertThat(done("keys", "list").lines().toList().get(1)).startsWith("1   ci").contains("acme", "active");
        empty();
        assertThat(Json.parse(done("keys", "list", "--json"))).isEqualTo(Json.parse(keys));
        empty();
        server.answer("DELETE /luthier/v1/keys/1", "{}");
        assertThat(done("keys", "revoke", "1").strip()).isEqualTo("revoked 1");
    }

    @Test
    void chatPrintsTheAnswerAsItComes() {
        server.answer("POST /mistral/v1/chat/completions", 200, "text/event-stream", """
                data: {"choices":[{"delta":{"content":"Hel"}}]}

                data: {"choices":[{"delta":{"content":"lo"}}]}

                data: [DONE]

                """);
        assertThat(
                done("chat", "tiny", "Hi", "--system", "Be kind.", "--temperature", "0", "--max-tokens", "5").strip())
                .isEqualTo("Hello");
        assertThat(server.asked().getLast()).contains("\"temperature\":0.0", "\"max_tokens\":5", "Be kind.");
    }

    @Test
    void everyRequestCarriesTheKey() {
        run("jobs", "list");
        run("keys", "list");
        assertThat(server.asked()).hasSize(2).allSatisfy(asked -> assertThat(asked).endsWith(" k"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jobs list", "jobs get x", "jobs watch x", "jobs cancel x", "jobs logs x", "jobs rm x",
            "models list", "models add x", "models rm x", "models pull-adapter x", "keys create", "keys list",
            "keys revoke x", "chat x y"})
    void refusalOfTheServerIsOneLineWithItsMessage(String command) {
        assertThat(run(command.split(" "))).isEqualTo(1);
        assertThat(err.toString().strip()).hasLineCount(1).startsWith("luthier: There is nothing at ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jobs list --page x", "jobs list --dialect french", "jobs get", "jobs rm", "models add",
            "models rm", "keys revoke", "keys create --role", "models lst", "chat", "jobs list --url 1 --url 2"})
    void badUsageIsOneLineAndNothingIsAsked(String command) {
        assertThat(run(command.split(" "))).isEqualTo(2);
        assertThat(err.toString().strip()).hasLineCount(1).contains("--help'.");
        assertThat(server.asked()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "jobs", "jobs list", "jobs get", "jobs watch", "jobs cancel", "jobs logs", "jobs rm",
            "models", "models list", "models add", "models rm", "models pull-adapter", "keys", "keys create",
            "keys list", "keys revoke", "chat", "validate", "demo"})
    void everyCommandSaysMore(String command) {
        List<String> line = new ArrayList<>(List.of(command.split(" ")));
        line.removeIf(String::isEmpty);
        line.add("--help");
        CommandLine program = LuthierMain.commandLine();
        program.setOut(new PrintWriter(out, true));
        assertThat(program.execute(line.toArray(new String[0]))).isZero();
        assertThat(out.toString()).startsWith(command.isEmpty() ? "Fine-tunes" : "Usage: luthier " + command)
                .contains("--help");
    }
}
