package dev.luthier.bench.requests;

import dev.luthier.bench.process.LuthierServer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.TimeUnit;

/**
 * Writes to the server's database at a steady rate until it is closed: each makes the server read anew what it had kept.
 */
final class Writes implements AutoCloseable {
    private static final String UPLOAD = """
            {"filename": "bench.jsonl", "purpose": "fine-tune", "bytes": 100, "mime_type": "text/jsonl"}""";

    private final Thread thread;

    private Writes(Thread thread) {
        this.thread = thread;
    }

    /** @param perSecond 0 for none */
    static Writes start(LuthierServer server, int perSecond) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(server.url().resolve("/openai/v1/uploads"))
                .header("Authorization", "Bearer " + server.key()).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(UPLOAD)).build();
        return new Writes(Thread.ofVirtual().start(() -> {
            try (HttpClient http = HttpClient.newHttpClient()) {
                while (perSecond > 0) {
                    http.send(request, BodyHandlers.discarding());
                    TimeUnit.MICROSECONDS.sleep(1_000_000 / perSecond);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // closed
            } catch (IOException e) {
                throw new IllegalStateException("the server took no more writes", e);
            }
        }));
    }

    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
