package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.api.Ids;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.key.Role;
import dev.luthier.server.key.Scope;
import dev.luthier.server.model.AdapterShelf;
import dev.luthier.server.model.BaseModels;
import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.model.FineTunedModels;
import dev.luthier.server.model.ModelPermissions;
import dev.luthier.server.serve.FakeWorkers;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ApplicationContext;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.function.support.RouterFunctionMapping;
import org.springframework.web.servlet.handler.AbstractUrlHandlerMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

/**
 * Every route with every kind of caller. What must be answered follows from the scope that the handler declares and
 * from who owns the object in the address; a new route is part of it without a line here.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AccessMatrixTest {
    private static final String KEYS = "/luthier/v1/keys";

    private JobsRig rig;
    private List<Route> routes = List.of();
    private List<Caller> callers = List.of();
    private Caller owner;
    private String otherProject = "";

    /** Which callers see an object of the owner's project. */
    private enum Place {
        OWNER, OTHER_PROJECT, OTHER_ORGANIZATION
    }

    /** @param role null without a key that works */
    private record Caller(String name, String authorization, @Nullable Role role, Place place) {
        /** Whether this caller sees what the owner's project has. */
        boolean sees() {
            return place == Place.OWNER || (place == Place.OTHER_PROJECT
                    && Objects.requireNonNull(role).seesAllProjects());
        }
    }

    private record Route(String method, String path, Scope scope) {
        boolean changes() {
            return !method.equals("GET");
        }

        @Override
        public String toString() {
            return method + " " + path + " (" + scope + ")";
        }
    }

    @BeforeAll
    void start(@TempDir Path directory) {
        rig = new JobsRig(directory);
        routes = context().getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
                .getHandlerMethods().entrySet().stream().flatMap(entry -> routes(entry.getKey(), entry.getValue()))
                .sorted((one, two) -> one.toString().compareTo(two.toString())).toList();
        owner = caller("the owner", "acme", "alpha", Role.MEMBER, Place.OWNER);
        List<Caller> all = new ArrayList<>(List.of(owner));
        for (Role role : Role.values()) {
            all.add(caller(role + " of the project", "acme", "alpha", role, Place.OWNER));
            all.add(caller(role + " of another project", "acme", "beta", role, Place.OTHER_PROJECT));
            all.add(caller(role + " of another organization", "other", "alpha", role, Place.OTHER_ORGANIZATION));
        }
        all.add(new Caller("nobody", "", null, Place.OTHER_ORGANIZATION));
        all.add(new Caller("an unknown key", "Bearer luthier_" + "A".repeat(43), null, Place.OTHER_ORGANIZATION));
        all.add(new Caller("no bearer", "Basic bHV0aGllcjo=", null, Place.OTHER_ORGANIZATION));
        JsonNode revoked = key("acme", "alpha", Role.INSTANCE_ADMIN);
        rig.server.delete(KEYS + "/" + revoked.path("id").stringValue());
        all.add(new Caller("a revoked key", bearer(revoked), null, Place.OWNER));
        callers = all;
        otherProject = key("acme", "beta", Role.MEMBER).path("project").path("id").stringValue();
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    private ApplicationContext context() {
        return rig.server.server().context();
    }

    private static Stream<Route> routes(RequestMappingInfo mapping, HandlerMethod handler) {
        RequiresScope scope = handler.getMethodAnnotation(RequiresScope.class);
        assertThat(scope).as("%s declares what it requires", handler).isNotNull();
        assertThat(mapping.getMethodsCondition().getMethods()).as("%s names its method", handler).isNotEmpty();
        return mapping.getPatternValues().stream().flatMap(path -> mapping.getMethodsCondition().getMethods().stream()
                .map(method -> new Route(method.name(), path, Objects.requireNonNull(scope).value())));
    }

    private JsonNode key(String organization, String project, Role role) {
        Answer answer = rig.server.post(KEYS, "{\"organization\":\"" + organization + "\",\"project\":\"" + project
                + "\",\"role\":\"" + role.publicName() + "\"}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static String bearer(JsonNode key) {
        return "Bearer " + key.path("key").stringValue();
    }

    private Caller caller(String name, String organization, String project, Role role, Place place) {
        return new Caller(name, bearer(key(organization, project, role)), role, place);
    }

    /** What a variable in an address stands for: each is made by the owner, so that it can be changed. */
    private String object(String variable, String path) {
        String kind = path.substring(0, path.indexOf("{" + variable + "}"));
        if (kind.endsWith("/files/") || kind.endsWith("/files/{organization}/")) {
            return rig.upload("{\"text\":\"one two three\"}\n".repeat(8), "Authorization", owner.authorization());
        }
        if (kind.endsWith("/fine_tuning/jobs/") || kind.equals("/luthier/v1/jobs/")) {
            return post("/mistral/v1/fine_tuning/jobs", rig.body(object("id", "/files/{id}"), "\"auto_start\":false"));
        }
        if (kind.endsWith("/uploads/")) {
            return post("/openai/v1/uploads", "{\"bytes\":10,\"filename\":\"a.jsonl\",\"mime_type\":"
                    + "\"application/jsonl\",\"purpose\":\"fine-tune\"}");
        }
        if (kind.endsWith("/models/") || kind.endsWith("/checkpoints/")) {
            return model().openaiName();
        }
        if (kind.endsWith("/keys/")) {
            return key("acme", "alpha", Role.MEMBER).path("id").stringValue();
        }
        throw new IllegalStateException("say what " + variable + " of " + path + " is");
    }

    private String post(String path, String body) {
        Answer answer = rig.server.post(path, body, "Authorization", owner.authorization());
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json().path("id").stringValue();
    }

    private FineTunedModel model() {
        JsonNode place = key("acme", "alpha", Role.MEMBER);
        UUID id = UUID.randomUUID();
        Path adapter = rig.data.resolve("adapters").resolve(id.toString());
        FakeWorkers.write(adapter, "adapter_config.json", "{}");
        FakeWorkers.write(adapter, "adapter_model.safetensors", "weights");
        FineTunedModel model = new FineTunedModel(id, place.path("organization").path("id").stringValue(),
                place.path("project").path("id").stringValue(), "ft:tiny:m:" + id, "ft:tiny:o:" + id, "tiny", "tiny",
                null, null, null, adapter, AdapterShelf.sha256(adapter.resolve("adapter_model.safetensors")), false,
                null,
                null, 1);
        context().getBean(FineTunedModels.class).insert(model);
        return model;
    }

    /** An address with objects of the owner in it. */
    private String address(String path) {
        String filled = path;
        if (path.endsWith("/permissions/{permission}")) {
            FineTunedModel model = model();
            UUID permission = context().getBean(ModelPermissions.class).grant(model, List.of(otherProject)).getFirst()
                    .id();
            return path.replace("{checkpoint}", model.openaiName()).replace("{permission}",
                    Ids.openAi(Ids.PERMISSION, permission));
        }
        while (filled.contains("{")) {
            String variable = filled.substring(filled.indexOf('{') + 1, filled.indexOf('}'));
            filled = filled.replace("{" + variable + "}", object(variable, path));
        }
        return filled;
    }

    private Answer send(Route route, String address, Caller caller) {
        BodyPublisher body = route.changes() && !route.method().equals("DELETE")
                ? BodyPublishers.ofString("{}")
                : BodyPublishers.noBody();
        return rig.server.send(route.method(), address, body, "Authorization", caller.authorization(), "Content-Type",
                "application/json");
    }

    @Test
    void everyRouteAnswersEveryKindOfCallerAsItsScopeAndTheOwnerOfTheObjectSay() {
        assertThat(routes).hasSizeGreaterThan(40);
        List<String> faults = new ArrayList<>();
        for (Route route : routes) {
            String shared = address(route.path());
            for (Caller caller : callers) {
                String address = allowed(route, caller) && route.changes() ? address(route.path()) : shared;
                Answer answer = send(route, address, caller);
                if (!isRight(route, caller, answer)) {
                    faults.add(route + " of " + caller.name() + ": " + answer.status() + " " + answer.text());
                }
            }
        }
        assertThat(faults).isEmpty();
    }

    private static boolean allowed(Route route, Caller caller) {
        return caller.role() != null && caller.role().has(route.scope()) && finds(route, caller);
    }

    /** Whether the object of the address, if there is one, is there for the caller. */
    private static boolean finds(Route route, Caller caller) {
        boolean key = route.path().startsWith(KEYS);
        boolean everywhere = caller.role() != null && caller.role().has(Scope.INSTANCE) && key;
        return !route.path().contains("{") || everywhere || (key
                ? caller.place() != Place.OTHER_ORGANIZATION
                : caller.sees());
    }

    private static boolean isRight(Route route, Caller caller, Answer answer) {
        if (route.scope() == Scope.NONE) {
            return route.path().contains("/signed/")
                    ? answer.status() == 403 && answer.text().contains("invalid_signature")
                    : answer.status() == 200;
        }
        if (caller.role() == null) {
            return answer.status() == 401 && answer.text().contains("invalid_api_key");
        }
        if (!caller.role().has(route.scope())) {
            return answer.status() == 403 && answer.text().contains("insufficient_scope")
                    && answer.text().contains("scope " + route.scope().publicName());
        }
        return finds(route, caller)
                ? answer.status() < 500 && !List.of(401, 403, 404).contains(answer.status())
                : answer.status() == 404;
    }

    /** An object that a caller does not see is answered for like one that there is not. */
    @Test
    void whatIsNotVisibleIsNotToldFromWhatIsNotThere() {
        String stranger = caller("a stranger", "acme", "beta", Role.MEMBER, Place.OTHER_PROJECT).authorization();
        for (Route route : routes.stream().filter(one -> one.path().contains("{") && one.scope() != Scope.NONE
                && Role.MEMBER.has(one.scope())).toList()) {
            String there = address(route.path());
            String id = there.substring(route.path().indexOf('{')).replaceAll("/.*", "");
            String nothing = id.startsWith("ft:")
                    ? "ft:tiny:o:" + UUID.randomUUID()
                    : id.startsWith("upload_") ? Ids.openAi(Ids.UPLOAD, UUID.randomUUID()) : UUID.randomUUID() + "";
            Caller caller = new Caller("", stranger, Role.MEMBER, Place.OTHER_PROJECT);
            Answer one = send(route, there, caller);
            Answer other = send(route, there.replace(id, nothing), caller);
            assertThat(stripped(one, id)).as(route.toString()).isEqualTo(stripped(other, nothing));
        }
    }

    private static String stripped(Answer answer, String id) {
        return answer.status() + answer.text().replace(id, "ID").replaceAll("\"request_id\":\"[^\"]*\"", "");
    }

    @Test
    void listsShowWhatTheCallerSeesAndNothingElse() {
        String file = object("id", "/files/{id}");
        String job = object("id", "/fine_tuning/jobs/{id}");
        String model = model().openaiName();
        Map<String, String> lists = Map.of("/mistral/v1/files?page_size=100", file, "/openai/v1/files",
                Ids.openAi(Ids.FILE, UUID.fromString(file)), "/mistral/v1/fine_tuning/jobs?page_size=100", job,
                "/openai/v1/fine_tuning/jobs?limit=100", Ids.openAi(Ids.JOB, UUID.fromString(job)),
                "/openai/v1/models", model);
        for (Caller caller : callers) {
            lists.forEach((list, id) -> {
                Answer answer = rig.server.get(list, "Authorization", caller.authorization());
                assertThat(answer.text().contains(id)).as("%s for %s", list, caller.name())
                        .isEqualTo(answer.status() == 200 && caller.sees());
            });
        }
        Caller stranger = callers.get(2);
        assertThat(rig.server.get("/mistral/v1/files", "Authorization", stranger.authorization()).json().path("total"))
                .as(stranger.name()).isNotNull();
    }

    /** What a body or a query names is looked up as an address is. */
    @Test
    void requestsCannotReferToWhatTheirCallerDoesNotSee() {
        String file = object("id", "/files/{id}");
        String job = object("id", "/fine_tuning/jobs/{id}");
        String model = model().openaiName();
        String[] stranger = {"Authorization",
                caller("a stranger", "acme", "beta", Role.MEMBER, Place.OTHER_PROJECT).authorization()};
        String own = rig.upload("{\"text\":\"one two three\"}\n".repeat(8), stranger);
        for (String path : new String[]{"/mistral/v1/fine_tuning/jobs", "/luthier/v1/estimates"}) {
            assertThat(rig.server.post(path, rig.body(file, ""), stranger).text()).contains("There is no file " + file);
            assertThat(rig.server.post(path, rig.body(own, "\"validation_files\":[\"" + file + "\"]"), stranger).text())
                    .contains("There is no file " + file);
            assertThat(rig.server.post(path, rig.body(own, "").replace("\"tiny\"", "\"" + model + "\""), stranger)
                    .text()).contains("is not there");
        }
        assertThat(rig.server.post("/openai/v1/fine_tuning/jobs", "{\"model\":\"tiny\",\"training_file\":\"" + file
                + "\"}", stranger).text()).contains("There is no file");
        assertThat(rig.server.get("/openai/v1/files?after=" + file, stranger).status()).isEqualTo(400);
        assertThat(rig.server.get("/openai/v1/fine_tuning/jobs?after=" + job, stranger).status()).isEqualTo(400);
        assertThat(rig.server.post("/mistral/v1/chat/completions", "{\"model\":\"" + model
                + "\",\"messages\":[{\"role\":\"user\",\"content\":\"one\"}]}", stranger).status()).isEqualTo(400);
    }

    @Test
    void onlyWhoRunsTheServerIsToldWhereItKeepsItsFiles() throws IOException {
        Files.writeString(Files.createDirectories(rig.data.resolve("models/broken")).resolve("config.json"), "[]");
        context().getBean(BaseModels.class).lookAgain();
        String request = rig.body(object("id", "/files/{id}"), "").replace("\"tiny\"", "\"broken\"");
        String told = rig.server.post("/mistral/v1/fine_tuning/jobs", request, "Authorization", owner.authorization())
                .text();
        assertThat(told).contains("…/config.json").doesNotContain(rig.data.toString());
        assertThat(rig.server.post("/mistral/v1/fine_tuning/jobs", request).text()).contains(rig.data.toString());
        String job = object("id", "/fine_tuning/jobs/{id}");
        context().getBean(JobHistory.class).note(UUID.fromString(job), JobEvent.Level.WARN,
                rig.data.resolve("runs/x") + " is full.", Map.of("reason", List.of(rig.data.resolve("runs/y") + "!")));
        for (String events : new String[]{"/mistral/v1/fine_tuning/jobs/" + job,
                "/openai/v1/fine_tuning/jobs/" + job + "/events"}) {
            assertThat(rig.server.get(events, "Authorization", owner.authorization()).text()).contains("…/x is full.")
                    .doesNotContain(rig.data.toString());
        }
    }

    /** Nothing but the annotated handlers answers requests. */
    @Test
    void thereAreNoOtherWaysIn() {
        assertThat(context().getBeansOfType(HandlerMapping.class).values()).allSatisfy(mapping -> {
            if (mapping instanceof AbstractUrlHandlerMapping urls) {
                assertThat(urls.getHandlerMap()).as(mapping.toString()).isEmpty();
            } else if (mapping instanceof RouterFunctionMapping functions) {
                assertThat(functions.getRouterFunction()).isNull();
            } else {
                assertThat(mapping).isInstanceOf(RequestMappingHandlerMapping.class);
            }
        });
        for (String path : new String[]{"/", "/actuator", "/actuator/env", "/error", "/WEB-INF/web.xml", "/META-INF/",
                "/health/", "//health", "/luthier/v1/signed/", "/luthier/v1/signed/../keys",
                "/luthier/v1/signed/files/a/%2e%2e%2f%2e%2e%2fkeys", "/static/a.js", "/favicon.ico"}) {
            assertThat(rig.server.rawGet(path, "")).as(path).matches("(?s)HTTP/1.1 40[0134] .*")
                    .doesNotContain("\"status\":\"ok\"");
        }
    }
}
