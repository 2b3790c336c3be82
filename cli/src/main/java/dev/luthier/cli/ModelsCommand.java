package dev.luthier.cli;

import dev.luthier.cli.client.ApiClient;
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
@Command(name = "models", description = "List models, add a foreign adapter, fetch an adapter.", mixinStandardHelpOptions = true)
final class ModelsCommand extends Subcommands {

    @Command(name = "list", description = "List base and fine-tuned models.", mixinStandardHelpOptions = true)
    int list(@Mixin Connection connection) throws IOException {
        try (ApiClient client = connection.open()) {
            Table table = new Table("ID", "TYPE", "ROOT", "CONTEXT", "ALIASES");
            for (JsonNode model : client.get("/mistral/v1/models").path("data")) {
                StringBuilder aliases = new StringBuilder();
                model.path("aliases")
                        .forEach(alias -> aliases.append(aliases.isEmpty() ? "" : ", ").append(alias.asString()));
                table.row(model.path("id").asString(), model.path("type").asString(), model.path("root").asString(""),
                        model.path("max_context_length").asString(""), aliases.toString());
            }
            table.print(out());
        }
        return 0;
    }

    @Command(name = "add", description = "Add a model directory, or a PEFT adapter of a known base (--base), to the server on this machine.", mixinStandardHelpOptions = true)
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

    @Command(name = "pull-adapter", description = "Fetch the adapter of a fine-tuned model as a PEFT archive.", mixinStandardHelpOptions = true)
    int pullAdapter(@Mixin Connection connection, @Parameters(paramLabel = "MODEL") String model,
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
