package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.TestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads a stream of server-sent events as it comes. */
final class EventReader implements AutoCloseable {
    private final HttpClient client;
    private final BufferedReader lines;

    private EventReader(HttpClient client, BufferedReader lines) {
        this.client = client;
        this.lines = lines;
    }

    /**
     * Follows a job.
     *
     * @param last id of the last event that is known, or ""
     * @param query further parameters
     */
    static EventReader open(TestServer server, String job, String last, String... query) {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.server().url() + OpenAiRig.JOBS + "/"
                + job + "/events?stream=true" + (query.length == 0 ? "" : "&" + String.join("&", query))))
                .header("Authorization", "Bearer " + server.key());
        if (!last.isEmpty()) {
            request.header("Last-Event-ID", last);
        }
        try {
            HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
            return new EventReader(client,
                    new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The lines of the next event; comments are passed over. Empty at the stream's end, also when it broke off. */
    List<String> next() {
        List<String> event = new ArrayList<>();
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isEmpty() && !event.isEmpty()) {
                    return event;
                }
                if (!line.isEmpty() && !line.startsWith(":")) {
                    event.add(line);
                }
            }
            return List.of();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The last event before the stream's end. */
    List<String> toEnd() {
        List<String> last = List.of();
        for (List<String> event = next(); !event.isEmpty(); event = next()) {
            last = event;
        }
        return last;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
