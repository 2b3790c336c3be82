package dev.luthier.cli.demo;

import dev.luthier.cli.client.ApiClient;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server of its own on a temporary data directory and a free port, ended and removed unless it is kept. */
final class DemoServer implements AutoCloseable {
    private static final long START_SECONDS = 60;

    private final Process process;
    private final Path dataDirectory;
    private boolean kept;

    private DemoServer(Process process, Path dataDirectory) {
        this.process = process;
        this.dataDirectory = dataDirectory;
    }

    static DemoServer start() throws IOException, InterruptedException {
        String launcher = System.getenv("LUTHIER_BIN");
        if (launcher == null) {
            throw Problem.user("no_launcher", "start the demo through the launcher: ./luthier demo").asException();
        }
        Path directory = Files.createTempDirectory("luthier-demo-");
        Process process = new ProcessBuilder(
                List.of(launcher, "serve", "--data-dir", directory.toString(), "--port", "0"))
                .redirectErrorStream(true).redirectOutput(directory.resolve("server.log").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(devNull())).start();
        DemoServer server = new DemoServer(process, directory);
        try {
            server.awaitStart();
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    private void awaitStart() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!Files.exists(dataDirectory.resolve("server.json"))) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                String log = Files.readString(dataDirectory.resolve("server.log"));
                throw Problem.internal("server_start", "the demo's server did not start: " + log.strip()).asException();
            }
            Thread.sleep(50);
        }
    }

    ApiClient client() throws IOException {
        String url = Json.parse(Files.readString(dataDirectory.resolve("server.json"))).path("url").stringValue();
        return new ApiClient(URI.create(url), Files.readString(dataDirectory.resolve("admin.key")).strip());
    }

    Path dataDirectory() {
        return dataDirectory;
    }

    long pid() {
        return process.pid();
    }

    /** Leaves the server running, and its data in place, after {@link #close}. */
    void keep() {
        kept = true;
    }

    @Override
    public void close() {
        if (kept) {
            return;
        }
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try (Stream<Path> files = Files.walk(dataDirectory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static java.io.File devNull() {
        return new java.io.File(System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null");
    }
}
