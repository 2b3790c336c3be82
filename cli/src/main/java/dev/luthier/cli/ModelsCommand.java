package dev.luthier.cli;

import dev.luthier.cli.client.ApiClient;
import dev.luthier.core.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Base models and the adapters trained on them. */
@Command(name = "models", description = "List, add and remove models, fetch an adapter.")
final class ModelsCommand extends Subcommands {

    @Command(name = "list", description = "List base and fine-tuned models.")
    int list(@Mixin Connection connection, @Mixin JsonOutput json) throws IOException {
        try (ApiClient client = connection.open()) {
            JsonNode answer = client.get("/mistral/v1/models");
            if (json.print(answer, out())) {
                return 0;
            }
            Table table = new Table("ID", "TYPE", "ROOT", "CONTEXT", "ALIASES");
            for (JsonNode model : answer.path("data")) {
                StringBuilder aliases = new StringBuilder();
                model.path("aliases")
                        .forEach(alias -> aliases.append(aliases.isEmpty() ? "" : ", ").append(alias.asString()));
                boolean classifies = model.path("capabilities").path("classification").asBoolean(false);
                table.row(model.path("id").asString(), classifies ? "classifier" : model.path("type").asString(),
                        model.path("root").asString(""),
                        model.path("max_context_length").asString(""), aliases.toString());
            }
            table.print(out());
        }
        return 0;
    }

    @Command(name = "add", description = "Add a model directory, or a PEFT adapter of a known base (--base), to the server on this machine.")
    int add(@Mixin Connection connection,
            @Parameters(paramLabel = "DIR", description = "A Hugging Face model directory or a PEFT adapter directory.") Path directory,
            @Option(names = "--base", paramLabel = "MODEL", description = "DIR is an adapter of this base model.") @Nullable String base,
            @Option(names = "--name", paramLabel = "NAME", description = "Name to serve it under (the folder's name).") @Nullable String name)
            throws IOException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("path", directory.toAbsolutePath().normalize().toString());
        if (base != null) {
            body.put("base", base);
        }
        if (name != null) {
            body.put("name", name);
        }
        try (ApiClient client = connection.open()) {
            JsonNode added = client.post("/luthier/v1/models", body);
            out().println(added.path("id").asString());
            added.path("notes").forEach(note -> out().println("  " + note.asString()));
        }
        return 0;
    }

    @Command(name = "rm", description = "Remove a fine-tuned model with its adapter, or a base model from the data directory. A directory that was added by its path stays where it is.")
    int remove(@Mixin Connection connection,
            @Parameters(paramLabel = "MODEL", description = "Name, in either dialect.") String model,
            @Option(names = "--force", description = "Also while jobs, answers or fine-tuned models need it.") boolean force)
            throws IOException {
        try (ApiClient client = connection.open()) {
            String name = ApiClient.encode(model);
            client.delete(isFineTuned(client, name)
                    ? "/mistral/v1/models/" + name
                    : "/luthier/v1/models/" + name + (force ? "?force=true" : ""));
            out().println("removed " + model);
        }
        return 0;
    }

    /** A directory that cannot be used as a model is no fine-tuned one either, and can be removed. */
    private static boolean isFineTuned(ApiClient client, String name) throws IOException {
        try {
            return client.get("/mistral/v1/models/" + name).path("type").asString().equals("fine-tuned");
        } catch (ProblemException e) {
            if (e.problem().code().equals("http_404")) {
                return false;
            }
            throw e;
        }
    }

    @Command(name = "pull-adapter", description = "Fetch the adapter of a fine-tuned model as a PEFT archive.")
    int pullAdapter(@Mixin Connection connection,
            @Parameters(paramLabel = "MODEL", description = "A fine-tuned model, in either dialect.") String model,
            @Option(names = {"-o",
                    "--output"}, paramLabel = "FILE", defaultValue = "adapter.tar.gz", description = "Where to write it (${DEFAULT-VALUE}).") Path output)
            throws IOException {
        Path part = output.resolveSibling(output.getFileName() + ".part");
        try (ApiClient client = connection.open();
                InputStream archive = client.download("/luthier/v1/models/" + ApiClient.encode(model) + "/adapter")) {
            Files.copy(archive, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, output, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
        out().println(output + " (" + Files.size(output) + " bytes)");
        return 0;
    }

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
