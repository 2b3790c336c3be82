package dev.luthier.cli.client;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A client of a running server. Paths start with {@code /}; an answer of 400 or above becomes a problem with the
 * server's own message. Safe for use by several threads.
 */
public final class ApiClient implements AutoCloseable {
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5))
            .version(HttpClient.Version.HTTP_1_1).build();
    private final URI base;
    private final String key;

    /**
     * @param base address of the server, for example {@code http://127.0.0.1:8000}
     * @param key API key
     */
    public ApiClient(URI base, String key) {
        this.base = base;
        this.key = key;
    }

    public URI base() {
        return base;
    }

    public String key() {
        return key;
    }

    public JsonNode get(String path) throws IOException {
        return json(request(path).GET());
    }

    public JsonNode delete(String path) throws IOException {
        return json(request(path).DELETE());
    }

    public JsonNode post(String path, @Nullable Object body) throws IOException {
        BodyPublisher publisher = body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(Json.write(body));
        return json(request(path).header("Content-Type", "application/json").POST(publisher));
    }

    /** Sends a file as {@code multipart/form-data}, streamed from disk. */
    public JsonNode upload(String path, Path file, String purpose) throws IOException {
        String boundary = "luthier-" + UUID.randomUUID();
        String head = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n" + purpose
                + "\r\n--"
                + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + file.getFileName()
                + "\"\r\nContent-Type: application/octet-stream\r\n\r\n";
        BodyPublisher body = BodyPublishers.concat(BodyPublishers.ofString(head), BodyPublishers.ofFile(file),
                BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"));
        return json(request(path).header("Content-Type", "multipart/form-data; boundary=" + boundary).POST(body));
    }

    /** The bytes of an answer; the caller closes them. */
    public InputStream download(String path) throws IOException {
        HttpResponse<InputStream> response = send(request(path).GET().build(), BodyHandlers.ofInputStream());
        if (response.statusCode() >= 400) {
            try (InputStream body = response.body()) {
                throw problem(response.statusCode(), new String(body.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return response.body();
    }

    /** The {@code data:} payloads of a stream of server-sent events, as they come; the caller closes the stream. */
    public Stream<String> stream(String path, Object body) throws IOException {
        HttpRequest request = request(path).header("Content-Type", "application/json")
                .header("Accept", "text/event-stream").POST(BodyPublishers.ofString(Json.write(body))).build();
        HttpResponse<Stream<String>> response = send(request, BodyHandlers.ofLines());
        if (response.statusCode() >= 400) {
            try (Stream<String> lines = response.body()) {
                throw problem(response.statusCode(), String.join("\n", lines.toList()));
            }
        }
        return response.body().filter(line -> line.startsWith("data:")).map(line -> line.substring(5).strip());
    }

    /** A path or query part with everything but letters, digits and {@code -._} percent-encoded. */
    public static String encode(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).header("Authorization", "Bearer " + key)
                .timeout(Duration.ofMinutes(10));
    }

    private JsonNode json(HttpRequest.Builder request) throws IOException {
        HttpResponse<String> response = send(request.build(), BodyHandlers.ofString());
        if (response.statusCode() >= 400) {
            throw problem(response.statusCode(), response.body());
        }
        return Json.parse(response.body().isEmpty() ? "null" : response.body());
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) throws IOException {
        try {
            return http.send(request, handler);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static RuntimeException problem(int status, String body) {
        String message = body;
        try {
            JsonNode tree = Json.parse(body);
            JsonNode text = tree.path("message").isString() ? tree.path("message") : tree.path("error").path("message");
            if (text.isString()) {
                message = text.stringValue();
            }
        } catch (JacksonException e) {
            // Not JSON: a proxy's page, perhaps. Its text is the best there is to show.
        }
        return Problem.user("http_" + status, message.isBlank() ? "the server answered " + status + "." : message)
                .asException();
    }

    @Override
    public void close() {
        http.close();
    }
}
