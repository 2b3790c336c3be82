package dev.luthier.bench.process;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.process.ParentWatch;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code ./luthier serve} as users start it, on a data directory of its own and a free port. */
public final class LuthierServer implements AutoCloseable {
    private static final long START_SECONDS = 60;

    private final Process process;
    private final Path data;
    private final double startSeconds;

    private LuthierServer(Process process, Path data, double startSeconds) {
        this.process = process;
        this.data = data;
        this.startSeconds = startSeconds;
    }

    /**
     * Starts the server and returns when {@code /health} has answered 200.
     *
     * @param environment added to this process's own
     */
    public static LuthierServer start(Path data, Map<String, String> environment)
            throws IOException, InterruptedException {
        String launcher = System.getenv("LUTHIER_BIN");
        if (launcher == null) {
            throw Problem.user("no_launcher", "start benchmarks through the launcher: ./luthier bench").asException();
        }
        Files.createDirectories(data);
        Path state = data.resolve("server.json");
        Files.deleteIfExists(state);
        ProcessBuilder builder = new ProcessBuilder(launcher, "serve", "--data-dir", data.toString(), "--port", "0")
                .redirectErrorStream(true).redirectOutput(data.resolve("output.log").toFile());
        builder.environment().putAll(environment);
        ParentWatch.tie(builder);
        long began = System.nanoTime();
        Process process = builder.start();
        process.getOutputStream().close();
        try (HttpClient http = HttpClient.newHttpClient()) {
            while (!isHealthy(http, state)) {
                if (!process.isAlive() || System.nanoTime() - began > TimeUnit.SECONDS.toNanos(START_SECONDS)) {
                    process.destroyForcibly();
                    throw Problem.internal("server_start",
                            "the server did not start: " + Files.readString(data.resolve("output.log")).strip())
                            .asException();
                }
                Thread.sleep(5);
            }
            return new LuthierServer(process, data, (System.nanoTime() - began) / 1e9);
        }
    }

    private static boolean isHealthy(HttpClient http, Path state) throws IOException, InterruptedException {
        if (!Files.exists(state)) {
            return false;
        }
        return http.send(HttpRequest.newBuilder(url(state).resolve("/health")).build(), BodyHandlers.discarding())
                .statusCode() == 200;
    }

    private static URI url(Path state) throws IOException {
        return URI.create(Json.parse(Files.readString(state)).path("url").stringValue());
    }

    public URI url() throws IOException {
        return url(data.resolve("server.json"));
    }

    /** The administrator's key. */
    public String key() throws IOException {
        return Files.readString(data.resolve("admin.key")).strip();
    }

    /** From the launcher's start to the first 200 on {@code /health}. */
    public double startSeconds() {
        return startSeconds;
    }

    public ProcessHandle process() {
        return process.toHandle();
    }

    public long residentMegabytes() throws IOException {
        Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", String.valueOf(process.pid())).start();
        String kilobytes = new String(ps.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        return Long.parseLong(kilobytes) / 1024;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
