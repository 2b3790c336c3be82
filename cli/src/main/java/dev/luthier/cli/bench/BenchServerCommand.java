package dev.luthier.cli.bench;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures the server as users start it: seconds from the launcher's start to the first 200 on {@code /health}, and
 * resident memory then, for a first start (no class cache, new data directory) and for later ones.
 */
@Command(name = "server", mixinStandardHelpOptions = true, description = "Start-up time and memory of the server: a first start, then later ones with the class cache.")
public final class BenchServerCommand implements Callable<Integer> {
    private static final long LIMIT_SECONDS = 120;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "5", description = "Later starts (${DEFAULT-VALUE}).")
    private int runs;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private BenchServerCommand() {}

    private record Start(double seconds, long residentMegabytes) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Path scratch = Files.createTempDirectory("luthier-bench-");
        try {
            Start first = start(scratch, 0);
            print(out, "first start (no class cache, new data directory)", first);
            awaitCache(scratch, out);
            List<Start> later = new ArrayList<>();
            for (int run = 1; run <= runs; run++) {
                later.add(start(scratch, 0));
            }
            later.sort(Comparator.comparingDouble(Start::seconds));
            print(out, "later starts, fastest of " + runs, later.getFirst());
            print(out, "later starts, median of " + runs, later.get(later.size() / 2));
            out.flush();
            return 0;
        } finally {
            try (Stream<Path> files = Files.walk(scratch)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** The first start has set a recorder of the class cache to work; it begins after ten seconds. */
    private static void awaitCache(Path scratch, PrintWriter out) throws IOException, InterruptedException {
        out.println("waiting for the class cache that the first start leaves behind ...");
        out.flush();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (System.nanoTime() < deadline) {
            try (Stream<Path> files = Files.walk(scratch.resolve("cache"))) {
                if (files.anyMatch(file -> file.toString().endsWith(".aot"))) {
                    return;
                }
            }
            Thread.sleep(200);
        }
        throw Problem.internal("no_class_cache", "no class cache was made within " + LIMIT_SECONDS + " s.")
                .asException();
    }

    private static Start start(Path scratch, int port) throws IOException, InterruptedException {
        String launcher = System.getenv("LUTHIER_BIN");
        if (launcher == null) {
            throw Problem.user("no_launcher", "start the benchmark through the launcher: ./luthier bench server")
                    .asException();
        }
        Path data = scratch.resolve("data");
        Files.createDirectories(data);
        Path state = data.resolve("server.json");
        Files.deleteIfExists(state);
        ProcessBuilder builder = new ProcessBuilder(launcher, "serve", "--data-dir", data.toString(), "--port",
                String.valueOf(port)).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(scratch.resolve("server.log").toFile()))
                .redirectInput(new File("/dev/null"));
        builder.environment().put("XDG_CACHE_HOME", scratch.resolve("cache").toString());
        long began = System.nanoTime();
        Process process = builder.start();
        try (HttpClient http = HttpClient.newHttpClient()) {
            while (!isHealthy(http, state)) {
                if (!process.isAlive()) {
                    throw Problem.internal("server_start", Files.readString(scratch.resolve("server.log")))
                            .asException();
                }
                Thread.sleep(5);
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            return new Start(seconds, residentMegabytes(process.pid()));
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    private static boolean isHealthy(HttpClient http, Path state) throws IOException, InterruptedException {
        if (!Files.exists(state)) {
            return false;
        }
        URI health = URI.create(Json.parse(Files.readString(state)).path("url").stringValue() + "/health");
        return http.send(HttpRequest.newBuilder(health).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode() == 200;
    }

    private static long residentMegabytes(long pid) throws IOException {
        Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", String.valueOf(pid)).start();
        return Long.parseLong(new String(ps.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII)
                .strip()) / 1024;
    }

    private static void print(PrintWriter out, String what, Start start) {
        out.println(String.format(Locale.ROOT, "%-52s %5.2f s to the first 200 on /health, %d MB resident", what,
                start.seconds(), start.residentMegabytes()));
        out.flush();
    }
}
