package dev.luthier.server;

import dev.luthier.core.json.Json;
import dev.luthier.server.config.SettingsLoader;
import dev.luthier.server.contract.Contract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/**
 * A real server on a free port with its own data directory, and a client of it that has the administrator's key. Every
 * response that the client receives is held to the vendors' documents, and must say what is wrong where something is.
 */
public final class TestServer implements AutoCloseable {
    private static final String BOUNDARY = "luthier-test-boundary";

    private final RunningServer server;
    private final String key;
    private boolean checksContract = true;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private TestServer(RunningServer server, String key) {
        this.server = server;
        this.key = key;
    }

    /** Starts on a fresh data directory; the arguments are further flags. */
    public static TestServer start(Path dataDirectory, String... arguments) {
        List<String> flags = new ArrayList<>(List.of("--data-dir", dataDirectory.toString(), "--port", "0"));
        flags.addAll(List.of(arguments));
        RunningServer server = RunningServer.start(SettingsLoader.load(flags, Map.of()), Map.of(), false);
        return new TestServer(server, Objects.requireNonNull(server.newAdminKey()));
    }

    /** Starts again on the data directory of an earlier server. */
    public static TestServer restart(Path dataDirectory, String key, String... arguments) {
        List<String> flags = new ArrayList<>(List.of("--data-dir", dataDirectory.toString(), "--port", "0"));
        flags.addAll(List.of(arguments));
        return new TestServer(RunningServer.start(SettingsLoader.load(flags, Map.of()), Map.of(), false), key);
    }

    /** From now on responses may be anything: a test answers in the server's place. */
    public TestServer withoutContract() {
        checksContract = false;
        return this;
    }

    public RunningServer server() {
        return server;
    }

    public String key() {
        return key;
    }

    /** A response whose body is JSON, or missing when it is not. */
    public record Answer(int status, Map<String, List<String>> headers, String text) {
        public JsonNode json() {
            return Json.parse(text);
        }

        /** The first value, or "" when there is none. */
        public String header(String name) {
            return headers.getOrDefault(name, List.of("")).getFirst();
        }
    }

    public Answer get(String path, String... headers) {
        return send(request(path, headers).GET());
    }

    public Answer delete(String path, String... headers) {
        return send(request(path, headers).DELETE());
    }

    /** Posts JSON; an empty text is an empty body without a content type. */
    public Answer post(String path, String json, String... headers) {
        HttpRequest.Builder request = request(path, headers);
        return send(json.isEmpty()
                ? request.POST(BodyPublishers.noBody())
                : request.header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
    }

    public Answer send(String method, String path, BodyPublisher body, String... headers) {
        return send(request(path, headers).method(method, body));
    }

    /** Headers in pairs; a pair whose name is Authorization replaces the administrator's key. */
    private HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path))
                .setHeader("Authorization", "Bearer " + key).setHeader("User-Agent", "luthier-test");
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return request;
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpRequest sent = request.build();
            HttpResponse<String> response = client.send(sent, BodyHandlers.ofString());
            Answer answer = new Answer(response.statusCode(), response.headers().map(), response.body());
            if (checksContract) {
                Contract.check(new Contract.Exchange(sent.method(), sent.uri().getRawPath(), answer.status(),
                        answer.header("content-type").split(";", 2)[0].strip(),
                        answer.headers().containsKey("openai-version"), answer.text()));
                assertSaysWhatIsWrong(answer);
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Whatever a user sends and whatever the disk does, the answer names the fault. */
    private static void assertSaysWhatIsWrong(Answer answer) {
        if (answer.text().contains("Something went wrong in the server")) {
            throw new AssertionError("the answer does not say what went wrong: " + answer);
        }
    }

    /**
     * Uploads a file as a multipart form.
     *
     * @param more pairs of a header and its value, or of {@code form:NAME} and the value of a text part
     */
    public Answer upload(String path, String filename, byte[] content, String... more) {
        return uploadAs("file", path, filename, content, more);
    }

    /** The same with another name of the file's part. */
    public Answer uploadAs(String part, String path, String filename, byte[] content, String... more) {
        List<String> headers = new ArrayList<>(List.of("Content-Type", "multipart/form-data; boundary=" + BOUNDARY));
        StringBuilder form = new StringBuilder();
        for (int i = 0; i < more.length; i += 2) {
            if (more[i].startsWith("form:")) {
                form.append("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"")
                        .append(more[i].substring(5))
                        .append("\"\r\n\r\n").append(more[i + 1]).append("\r\n");
            } else {
                headers.addAll(List.of(more[i], more[i + 1]));
            }
        }
        form.append("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"").append(part)
                .append("\"; filename=\"").append(filename)
                .append("\"\r\nContent-Type: application/jsonl\r\n\r\n");
        return send("POST", path,
                BodyPublishers.concat(BodyPublishers.ofString(form.toString()), BodyPublishers.ofByteArray(content),
                        BodyPublishers.ofString("\r\n--" + BOUNDARY + "--\r\n")),
                headers.toArray(new String[0]));
    }

    /** The whole answer to a GET whose address no HTTP client would send. */
    public String rawGet(String path) {
        return rawGet(path, "Authorization: Bearer " + key + "\r\n");
    }

    /** The same with header lines of the caller's. */
    public String rawGet(String path, String headers) {
        URI url = URI.create(server.url());
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: " + url.getAuthority()
                    + "\r\n" + headers + "Connection: close\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
