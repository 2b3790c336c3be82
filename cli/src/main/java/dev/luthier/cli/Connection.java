package dev.luthier.cli;

import dev.luthier.cli.client.ApiClient;
import dev.luthier.core.command.DataHome;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which server a command talks to, and with which key. */
final class Connection {
    @Option(names = "--url", paramLabel = "URL", defaultValue = "${env:LUTHIER_URL}", description = "Address of the server (LUTHIER_URL; else the one running on the data directory, else http://127.0.0.1:8000).")
    private @Nullable URI url;

    @Option(names = "--key", paramLabel = "KEY", defaultValue = "${env:LUTHIER_API_KEY}", description = "API key (LUTHIER_API_KEY; else the admin key in the data directory).")
    private @Nullable String key;

    @Option(names = "--data-dir", paramLabel = "DIR", defaultValue = "${env:LUTHIER_HOME}", description = "The server's data directory (LUTHIER_HOME).")
    private @Nullable Path dataDirectory;

    ApiClient open() throws IOException {
        return new ApiClient(address(), credential());
    }

    private URI address() throws IOException {
        if (url != null) {
            String text = url.toString();
            return URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        }
        Path running = directory().resolve("server.json");
        return Files.isReadable(running)
                ? URI.create(Json.parse(Files.readString(running)).path("url").stringValue())
                : URI.create("http://127.0.0.1:8000");
    }

    private String credential() throws IOException {
        if (key != null) {
            return key;
        }
        Path file = directory().resolve("admin.key");
        if (Files.isReadable(file)) {
            return Files.readString(file).strip();
        }
        throw Problem
                .user("no_key", "no API key. Give one with --key or in LUTHIER_API_KEY (there is no " + file + ").")
                .asException();
    }

    /** The data directory of a server on this machine. */
    Path directory() {
        return dataDirectory == null ? DataHome.of(System.getenv()) : dataDirectory;
    }
}
