package dev.luthier.cli;

import dev.luthier.cli.client.ApiClient;
import dev.luthier.cli.client.JobWatch;
import dev.luthier.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Fine-tuning jobs, as the server sees them. */
@Command(name = "jobs", description = "List, watch, cancel and remove jobs.")
final class JobsCommand extends Subcommands {
    private static final String STATES = "/luthier/v1/jobs";
    private static final String DIALECT = "Show ids, names and statuses as this one's SDKs do: openai or mistral (the dialect that each job was made in).";

    @Command(name = "list", description = "List jobs, newest first.")
    int list(@Mixin Connection connection,
            @Option(names = "--status", paramLabel = "STATUS", description = "Only jobs of this status, of either dialect and in either case: running, SUCCESS.") @Nullable String status,
            @Option(names = "--dialect", paramLabel = "DIALECT", description = DIALECT) @Nullable Dialect dialect,
            @Option(names = "--page", paramLabel = "N", defaultValue = "0", description = "Page, from 0 (${DEFAULT-VALUE}).") int page,
            @Option(names = "--page-size", paramLabel = "N", defaultValue = "20", description = "Jobs on a page, 1 to 100 (${DEFAULT-VALUE}).") int pageSize,
            @Mixin JsonOutput json) throws IOException {
        try (ApiClient client = connection.open()) {
            JsonNode answer = client.get(STATES + "?page=" + page + "&page_size=" + pageSize
                    + (status == null ? "" : "&status=" + ApiClient.encode(status)));
            if (json.print(answer, out())) {
                return 0;
            }
            Table table = new Table("ID", "STATUS", "MODEL", "CREATED", "FINE-TUNED MODEL");
            for (JsonNode job : answer.path("data")) {
                JsonNode form = Dialect.form(job, dialect);
                table.row(form.path("id").asString(), form.path("status").asString(), job.path("model").asString(),
                        Instant.ofEpochSecond(job.path("created_at").asLong()).toString(),
                        form.path("fine_tuned_model").asString(""));
            }
            table.print(out());
            out().println(answer.path("total").asInt() + " in all");
        }
        return 0;
    }

    @Command(name = "get", description = "Print a job as JSON, in the dialect of its id.")
    int get(@Mixin Connection connection,
            @Parameters(paramLabel = "JOB", description = "Id, as either dialect writes it.") String id,
            @Option(names = "--dialect", paramLabel = "DIALECT", description = "openai or mistral (that of the id).") @Nullable Dialect dialect,
            @Mixin JsonOutput json) throws IOException {
        try (ApiClient client = connection.open()) {
            out().println(Json.writePretty(client.get(Dialect.of(id, dialect).jobs() + "/" + ApiClient.encode(id))));
        }
        return 0;
    }

    @Command(name = "watch", description = "Follow a job until it ends; status 0 if it succeeded.")
    int watch(@Mixin Connection connection,
            @Parameters(paramLabel = "JOB", description = "Id, as either dialect writes it.") String id)
            throws IOException, InterruptedException {
        try (ApiClient client = connection.open()) {
            JsonNode last = new JobWatch(client, id, out()).follow(Duration.ofSeconds(1));
            return last.path("state").asString().equals("SUCCEEDED") ? 0 : 1;
        }
    }

    @Command(name = "cancel", description = "Cancel a job.")
    int cancel(@Mixin Connection connection,
            @Parameters(paramLabel = "JOB", description = "Id, as either dialect writes it.") String id)
            throws IOException {
        try (ApiClient client = connection.open()) {
            JsonNode job = client.post(Dialect.of(id, null).jobs() + "/" + ApiClient.encode(id) + "/cancel", null);
            out().println(job.path("id").asString() + " " + job.path("status").asString());
        }
        return 0;
    }

    @Command(name = "logs", description = "Print what the job's trainer wrote.")
    int logs(@Mixin Connection connection,
            @Parameters(paramLabel = "JOB", description = "Id, as either dialect writes it.") String id)
            throws IOException {
        try (ApiClient client = connection.open();
                InputStream log = client.download(STATES + "/" + ApiClient.encode(id) + "/logs")) {
            out().print(new String(log.readAllBytes(), StandardCharsets.UTF_8));
            out().flush();
        }
        return 0;
    }

    @Command(name = "rm", description = "Remove an ended job with its run directory; its model stays.")
    int remove(@Mixin Connection connection,
            @Parameters(paramLabel = "JOB", description = "Id, as either dialect writes it.") String id)
            throws IOException {
        try (ApiClient client = connection.open()) {
            client.delete(STATES + "/" + ApiClient.encode(id));
            out().println("removed " + id);
        }
        return 0;
    }

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
