package dev.luthier.cli;

import dev.luthier.cli.client.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** API keys: made, listed, revoked. A key is shown once, when it is made. */
@Command(name = "keys", description = "Create, list and revoke API keys.")
final class KeysCommand extends Subcommands {

    @Command(name = "create", description = "Make a key and print it, once.")
    int create(@Mixin Connection connection,
            @Option(names = "--name", paramLabel = "NAME", description = "What the key is for.") @Nullable String name,
            @Option(names = "--org", paramLabel = "ORG", description = "Organization; made if new.") @Nullable String organization,
            @Option(names = "--project", paramLabel = "PROJECT", description = "Project of the organization; made if new.") @Nullable String project,
            @Option(names = "--role", paramLabel = "ROLE", defaultValue = "member", description = "instance-admin, organization-admin, member (the default), read-only, inference-only or metrics.") String role)
            throws IOException {
        Map<String, Object> body = new LinkedHashMap<>();
        putIfGiven(body, "name", name);
        putIfGiven(body, "organization", organization);
        putIfGiven(body, "project", project);
        body.put("role", role);
        try (ApiClient client = connection.open()) {
            out().println(client.post("/luthier/v1/keys", body).path("key").stringValue());
        }
        return 0;
    }

    @Command(name = "list", description = "List the keys, without their secrets.")
    int list(@Mixin Connection connection, @Mixin JsonOutput json) throws IOException {
        try (ApiClient client = connection.open()) {
            JsonNode answer = client.get("/luthier/v1/keys");
            if (json.print(answer, out())) {
                return 0;
            }
            Table table = new Table("ID", "NAME", "ORGANIZATION", "PROJECT", "ROLE", "STATE", "CREATED");
            for (JsonNode key : answer.path("data")) {
                table.row(key.path("id").asString(), key.path("name").asString(""),
                        key.path("organization").path("name").asString(),
                        key.path("project").path("name").asString(), key.path("role").asString(),
                        key.path("revoked_at").isNull() ? "active" : "revoked",
                        Instant.ofEpochSecond(key.path("created_at").asLong()).toString());
            }
            table.print(out());
        }
        return 0;
    }

    @Command(name = "revoke", description = "Revoke a key at once.")
    int revoke(@Mixin Connection connection,
            @Parameters(paramLabel = "ID", description = "As 'keys list' shows it.") String id) throws IOException {
        try (ApiClient client = connection.open()) {
            client.delete("/luthier/v1/keys/" + ApiClient.encode(id));
            out().println("revoked " + id);
        }
        return 0;
    }

    private static void putIfGiven(Map<String, Object> body, String field, @Nullable String value) {
        if (value != null) {
            body.put(field, value);
        }
    }

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
