package dev.luthier.cli.demo;

import dev.luthier.cli.client.ApiClient;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.process.ParentWatch;
import dev.luthier.core.process.TemporaryDirectory;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A server of its own on a temporary data directory and a free port, ended and removed unless it is kept: also when this
 * program is terminated, and as far as a kill leaves time for it.
 */
final class DemoServer implements AutoCloseable {
    private static final long START_SECONDS = 60;

    private final Process process;
    private final TemporaryDirectory directory;
    private boolean kept;

    private DemoServer(Process process, TemporaryDirectory directory) {
        this.process = process;
        this.directory = directory;
    }

    /** @param tied whether the server ends with this program, however that ends; one that is to be kept does not */
    static DemoServer start(boolean tied) throws IOException, InterruptedException {
        String launcher = System.getenv("LUTHIER_BIN");
        if (launcher == null) {
            throw Problem.user("no_launcher", "start the demo through the launcher: ./luthier demo").asException();
        }
        TemporaryDirectory directory = TemporaryDirectory.create("luthier-demo-");
        Path data = directory.path();
        ProcessBuilder builder = new ProcessBuilder(
                List.of(launcher, "serve", "--data-dir", data.toString(), "--port", "0"))
                .redirectErrorStream(true).redirectOutput(data.resolve("server.log").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(devNull()));
        if (tied) {
            ParentWatch.tie(builder);
        }
        Process process = builder.start();
        directory.endFirst(() -> end(process));
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
        while (!Files.exists(dataDirectory().resolve("server.json"))) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                String log = Files.readString(dataDirectory().resolve("server.log"));
                throw Problem.internal("server_start", "the demo's server did not start: " + log.strip()).asException();
            }
            Thread.sleep(50);
        }
    }

    ApiClient client() throws IOException {
        String url = Json.parse(Files.readString(dataDirectory().resolve("server.json"))).path("url").stringValue();
        return new ApiClient(URI.create(url), Files.readString(dataDirectory().resolve("admin.key")).strip());
    }

    Path dataDirectory() {
        return directory.path();
    }

    long pid() {
        return process.pid();
    }

    /** Leaves the server running, and its data in place, after {@link #close}. */
    void keep() throws IOException {
        directory.keep();
        kept = true;
    }

    @Override
    public void close() {
        if (!kept) {
            end(process);
            directory.close();
        }
    }

    private static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static java.io.File devNull() {
        return new java.io.File(System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null");
    }
}
