package dev.luthier.server.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import dev.luthier.server.Eventually;
import dev.luthier.server.TestServer;
import dev.luthier.server.api.Ids;
import dev.luthier.server.chat.ByteModel;
import dev.luthier.server.contract.Contract;
import dev.luthier.server.fuzz.RawClient.Request;
import dev.luthier.server.fuzz.RawClient.Response;
import dev.luthier.server.serve.FakeWorkers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

/**
 * Every route, whatever is sent to it, answers without a fault of the server, in JSON of its dialect. The routes are
 * those that the server knows, so new ones are covered. {@code -Dluthier.fuzz.seed} and {@code -Dluthier.fuzz.rounds}
 * change what is sent and how much: the same on every machine.
 */
class FuzzTest {
    private static final long SEED = Long.getLong("luthier.fuzz.seed", 20261121);
    private static final int ROUNDS = Integer.getInteger("luthier.fuzz.rounds", 40);
    private static final String TEMPLATE = "{%- for message in messages -%}{{ message['content'] }}{%- endfor -%}";

    @TempDir
    static Path directory;
    private static TestServer server;
    private static RawClient client;
    private static String stranger = "";
    private static String file = "";
    private static String job = "";
    private static List<Route> routes = List.of();

    /** A method and a path with its variables in braces. */
    private record Route(String method, String path) {
        boolean hasVariable() {
            return path.contains("{");
        }

        /** The same without the vendor, whom the server then has to tell by other signs. */
        Route bare() {
            return new Route(method, path.replaceFirst("^/(openai|mistral)/v1/", "/v1/"));
        }

        /** With each variable filled. */
        String at(String value) {
            return path.replaceAll("\\{[^}]*}", value.replace("\\", "\\\\").replace("$", "\\$"));
        }
    }

    @BeforeAll
    static void start() throws IOException {
        Path data = directory.resolve("data");
        writeModel();
        server = TestServer.start(data, "--engine.command", engine().toString(), "--runs.retry-millis", "600000",
                "--requests.max-json-bytes", "300KB", "--files.max-bytes", "200KB");
        client = new RawClient(server);
        stranger = server.post("/luthier/v1/keys", "{\"organization\":\"other\",\"role\":\"admin\"}").json().get("key")
                .stringValue();
        file = newFile();
        job = newJob();
        routes = server.server().context().getBean(RequestMappingHandlerMapping.class).getHandlerMethods().keySet()
                .stream().flatMap(FuzzTest::of).sorted((one, two) -> one.toString().compareTo(two.toString())).toList();
    }

    private static Stream<Route> of(RequestMappingInfo mapping) {
        return mapping.getPatternValues().stream().flatMap(path -> mapping.getMethodsCondition().getMethods().stream()
                .map(method -> new Route(method.name(), path)));
    }

    private static String newFile() {
        String line = "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]}\n";
        return server.upload("/mistral/v1/files", "train.jsonl", line.repeat(12).getBytes(StandardCharsets.UTF_8))
                .json()
                .get("id").stringValue();
    }

    private static String newJob() {
        return server.post("/mistral/v1/fine_tuning/jobs",
                "{\"model\":\"bytes\",\"training_files\":[\"" + newFile() + "\"]}").json().get("id").stringValue();
    }

    /** Runs workers; trainers and probes fail at once. */
    private static Path engine() throws IOException {
        Path workers = FakeWorkers.script(directory);
        Path script = Files.writeString(directory.resolve("engine"),
                "#!/bin/sh\n[ \"$1\" = worker ] && exec '" + workers + "' \"$@\"\nexit 1\n");
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Good bodies, whose parts are then made wrong. */
    private static List<String> bodies() {
        return List.of(
                "{\"model\":\"bytes\",\"training_files\":[{\"file_id\":\"" + file
                        + "\",\"weight\":1}],\"auto_start\":false,"
                        + "\"suffix\":\"x\",\"hyperparameters\":{\"training_steps\":5,\"learning_rate\":0.001},"
                        + "\"validation_files\":[],\"integrations\":[{\"type\":\"wandb\",\"project\":\"p\"}]}",
                "{\"model\":\"bytes\",\"training_file\":\"" + file
                        + "\",\"seed\":1,\"suffix\":\"s\",\"method\":{\"type\":"
                        + "\"supervised\",\"supervised\":{\"hyperparameters\":{\"n_epochs\":1,\"batch_size\":\"auto\"}}},"
                        + "\"metadata\":{\"a\":\"b\",\"luthier.rank\":\"4\",\"luthier.targets\":\"q_proj\"},\"hyperparameters\":{\"n_epochs\":\"auto\"}}",
                "{\"model\":\"bytes\",\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":"
                        + "[{\"type\":\"text\",\"text\":\"Hi\"}]}],\"max_tokens\":5,\"temperature\":0.5,\"top_p\":0.9,"
                        + "\"stop\":[\"x\"],\"n\":1,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
                        + "\"parameters\":{\"type\":\"object\"}}}],\"tool_choice\":\"auto\"}",
                "{\"model\":\"bytes\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"max_completion_tokens\":5,"
                        + "\"seed\":1,\"logprobs\":true,\"top_logprobs\":2,\"logit_bias\":{\"70\":1},\"stream\":true,"
                        + "\"stream_options\":{\"include_usage\":true},\"frequency_penalty\":0.5,\"presence_penalty\":1}",
                "{\"model\":\"bytes\",\"prompt\":\"Hi\",\"max_tokens\":3,\"echo\":true,\"logprobs\":1,\"n\":1}",
                "{\"bytes\":10,\"filename\":\"a.jsonl\",\"mime_type\":\"application/jsonl\",\"purpose\":\"fine-tune\","
                        + "\"expires_after\":{\"anchor\":\"created_at\",\"seconds\":3600}}",
                "{\"part_ids\":[\"part_x\",\"part_y\"],\"md5\":\"x\"}", "{\"project_ids\":[\"proj_x\"]}",
                "{\"organization\":\"o\",\"project\":\"p\",\"name\":\"n\",\"role\":\"member\"}",
                "{\"name\":\"n\",\"description\":\"d\"}");
    }

    @Test
    void noRouteFailsWhateverIsSent() {
        System.out.println("seed " + SEED + ", " + routes.size() + " routes");
        assertThat(routes).hasSizeGreaterThan(20);
        Nonsense nonsense = new Nonsense(SEED);
        Map<String, String> faults = new LinkedHashMap<>();
        int sent = 0;
        for (int round = 0; round < ROUNDS; round++) {
            replaceWhatIsDeleted();
            for (Route route : routes) {
                for (Request request : requests(route, nonsense)) {
                    try {
                        check(request, client.send(request));
                    } catch (RuntimeException | AssertionError e) {
                        faults.putIfAbsent(route + " " + e.getClass(), request + "\n" + e + "\n" + e.getCause());
                    }
                    sent++;
                }
            }
        }
        assertThat(faults.values()).as("seed %d", SEED).isEmpty();
        System.out.println(sent + " requests");
        assertThat(server.get("/health").status()).isEqualTo(200);
        assertThat(server.get("/mistral/v1/fine_tuning/jobs").status()).isEqualTo(200);
    }

    private static void writeModel() {
        FakeWorkers.answer(ByteModel.write(directory.resolve("data/models/bytes"), TEMPLATE), "stop", 70, 71, 2);
    }

    private static void replaceWhatIsDeleted() {
        if (server.get("/mistral/v1/models/bytes").status() == 404) {
            writeModel();
            Eventually.holds("the model is found again",
                    () -> server.get("/mistral/v1/models/bytes").status() == 200);
        }
        if (server.get("/mistral/v1/files/" + file).status() == 404) {
            file = newFile();
        }
        if (server.get("/mistral/v1/fine_tuning/jobs/" + job).status() == 404) {
            job = newJob();
        }
    }

    private static List<Request> requests(Route route, Nonsense nonsense) {
        List<Request> requests = new ArrayList<>();
        String key = "Authorization: Bearer " + server.key();
        boolean bare = nonsense.upTo(4) == 0;
        String known = (bare ? route.bare() : route)
                .at(nonsense.any(List.of(file, job, "bytes", UUID.randomUUID().toString())));
        byte[] empty = new byte[0];
        requests.add(new Request(route.method(), (bare ? route.bare() : route).at(nonsense.id()) + nonsense.query(),
                List.of(key), empty, 0));
        requests.add(new Request(route.method(), known + nonsense.query(), List.of(key), empty, 0));
        if (!Set.of("GET", "DELETE").contains(route.method())) {
            byte[] json = nonsense.json(nonsense.any(bodies()));
            requests.add(new Request(route.method(), known, List.of(key, nonsense.type()), json, 0));
            requests.add(new Request(route.method(), known, List.of(key, "Content-Type: application/json"),
                    nonsense.json(nonsense.any(bodies())), nonsense.upTo(4) == 0 ? 10 : 0));
            requests.add(new Request(route.method(), known,
                    List.of(key,
                            "Content-Type: multipart/form-data; boundary=" + nonsense.any(List.of("b", "b", "b", "c"))),
                    nonsense.form(), nonsense.upTo(4) == 0 ? 10 : 0));
            requests.add(new Request(route.method(), known, List.of(key, "Idempotency-Key: " + nonsense.upTo(20),
                    "X-Stainless-Retry-Count: " + nonsense.any(List.of("0", "1", "-1", "x", "99999999999999")),
                    "Content-Type: application/json"), nonsense.json(nonsense.any(bodies())), 0));
        }
        return requests;
    }

    private static void check(Request request, Response response) {
        if (response.status() == 0) {
            assertThat(request.missing()).as("no answer to %s", request).isPositive();
            return;
        }
        assertThat(response.status()).as(() -> request + "\n" + response).isLessThan(500);
        assertThat(response.header("x-request-id")).as(() -> request + "\n" + response).isNotEmpty();
        String path = request.path().split("[?#]", 2)[0];
        if (response.status() >= 400) {
            assertThat(response.mediaType()).as(() -> request + "\n" + response).isEqualTo("application/json");
            JsonNode body = Json.parse(response.body());
            assertThat(body.has("error") || body.path("object").stringValue("").equals("error"))
                    .as(() -> request + "\n" + response).isTrue();
        }
        try {
            Contract.check(new Contract.Exchange(request.method(), path, response.status(), response.mediaType(),
                    response.headers().containsKey("openai-version"), response.body()));
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(request.toString(), e);
        }
    }

    /** What another organization owns is answered for like what there is not. */
    @Test
    void idsOfAnotherOrganizationTellNothing() {
        replaceWhatIsDeleted();
        List<String> header = List.of("Authorization: Bearer " + stranger);
        UUID anyId = UUID.randomUUID();
        UUID ownFile = UUID.fromString(newFile());
        UUID ownJob = UUID.fromString(newJob());
        String upload = server.post("/openai/v1/uploads", "{\"bytes\":10,\"filename\":\"a.jsonl\",\"mime_type\":"
                + "\"application/jsonl\",\"purpose\":\"fine-tune\"}").json().get("id").stringValue();
        Map<String, String> nobodys = Map.of(ownFile.toString(), anyId.toString(), ownJob.toString(), anyId.toString(),
                Ids.openAi(Ids.FILE, ownFile), Ids.openAi(Ids.FILE, anyId), Ids.openAi(Ids.JOB, ownJob),
                Ids.openAi(Ids.JOB, anyId), upload, Ids.openAi(Ids.UPLOAD, anyId));
        Set<String> forbidden = new TreeSet<>(); // to the caller's role, whatever the id
        for (Route route : routes) {
            if (!route.hasVariable() || route.path().startsWith("/luthier/v1/signed")) {
                continue;
            }
            nobodys.forEach((theirs, nobody) -> {
                Response one = client.send(new Request(route.method(), route.at(theirs), header, new byte[0], 0));
                Response other = client.send(new Request(route.method(), route.at(nobody), header, new byte[0], 0));
                assertThat(one.status()).as(() -> route + " " + one).isEqualTo(other.status())
                        .isGreaterThanOrEqualTo(400);
                if (one.status() == 403) {
                    forbidden.add(route.method() + " " + route.path());
                }
            });
        }
        assertThat(forbidden).containsExactly("DELETE /luthier/v1/models/{id}");
    }
}
