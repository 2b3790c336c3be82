package dev.luthier.conformance;

import dev.luthier.core.json.Json;
import dev.luthier.core.process.ParentWatch;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** The product as users run it: {@code ./luthier serve} on a data directory and a free port. */
final class LiveServer implements AutoCloseable {
    static final Path ROOT = root();

    private final Path dataDirectory;
    private final List<String> flags;
    private final HttpClient http = HttpClient.newHttpClient();
    private Process process;

    private LiveServer(Path dataDirectory, List<String> flags) throws IOException, InterruptedException {
        this.dataDirectory = dataDirectory;
        this.flags = flags;
        this.process = launch();
    }

    /**
     * Starts a server and waits until it answers.
     *
     * @param flags further flags of {@code ./luthier serve}
     */
    static LiveServer start(Path dataDirectory, String... flags) throws IOException, InterruptedException {
        Files.createDirectories(dataDirectory);
        Files.writeString(dataDirectory.resolve("luthier.yaml"), """
                models:
                  aliases:
                    open-mistral-7b: luthier-tiny
                """);
        return new LiveServer(dataDirectory, List.of(flags));
    }

    private Process launch() throws IOException, InterruptedException {
        Files.deleteIfExists(dataDirectory.resolve("server.json"));
        List<String> arguments = new ArrayList<>(
                List.of("serve", "--data-dir", dataDirectory.toString(), "--port", "0"));
        arguments.addAll(flags);
        ProcessBuilder builder = luthier(arguments);
        Process started = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile())).start();
        while (!Files.exists(dataDirectory.resolve("server.json"))) {
            if (!started.isAlive()) {
                throw new IOException("the server ended: " + Files.readString(log()));
            }
            Thread.sleep(50);
        }
        return started;
    }

    /** A process of the launcher that takes the jars as they are. */
    static ProcessBuilder luthier(List<String> arguments) {
        String launcher = ROOT.resolve("luthier").toString();
        ProcessBuilder builder = new ProcessBuilder();
        builder.command().add(launcher);
        builder.command().addAll(arguments);
        builder.environment().put("LUTHIER_BIN", launcher);
        builder.environment().put("LUTHIER_AOT_CACHE", "off");
        ParentWatch.tie(builder);
        builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        return builder;
    }

    /** SIGKILL, then a new server on the same data. */
    void killAndRestart() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        process = launch();
    }

    Path dataDirectory() {
        return dataDirectory;
    }

    Path log() {
        return dataDirectory.resolve("server.log");
    }

    String url() throws IOException {
        return Json.parse(Files.readString(dataDirectory.resolve("server.json"))).path("url").stringValue();
    }

    String key() throws IOException {
        return Files.readString(dataDirectory.resolve("admin.key")).strip();
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    JsonNode post(String path, Object body) throws IOException, InterruptedException {
        return send(request(path).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Json.write(body))));
    }

    /** Uploads training data and gives the file's id. */
    String upload(String name, String content) throws IOException, InterruptedException {
        return postForm("/mistral/v1/files", "file", name, BodyPublishers.ofString(content)).path("id").stringValue();
    }

    /** Sends a form of one file. */
    JsonNode postForm(String path, String field, String fileName, BodyPublisher content)
            throws IOException, InterruptedException {
        String boundary = "conformance-boundary";
        String head = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + field + "\"; filename=\""
                + fileName + "\"\r\nContent-Type: application/octet-stream\r\n\r\n";
        return send(request(path).header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(BodyPublishers.concat(BodyPublishers.ofString(head), content,
                        BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"))));
    }

    private HttpRequest.Builder request(String path) throws IOException {
        return HttpRequest.newBuilder(URI.create(url() + path)).header("Authorization", "Bearer " + key());
    }

    private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(response.uri() + " answered " + response.statusCode() + ": " + response.body());
        }
        return Json.parse(response.body());
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        http.close();
    }

    /** Where the launcher lies: it says so to programs that it starts; else above the working directory. */
    private static Path root() {
        String launcher = System.getenv("LUTHIER_BIN");
        if (launcher != null) {
            return Objects.requireNonNull(Path.of(launcher).toAbsolutePath().getParent(), launcher);
        }
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("luthier"))) {
            folder = Objects.requireNonNull(folder.getParent(), "no launcher above " + Path.of("").toAbsolutePath());
        }
        return folder;
    }
}
