package dev.luthier.bench.startup;

import dev.luthier.bench.process.LuthierServer;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.process.TemporaryDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
@Command(name = "server", description = "Start-up time and memory of the server: a first start, then later ones with the class cache.")
public final class StartupBench implements Callable<Integer> {
    private static final long LIMIT_SECONDS = 120;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "5", description = "Later starts (${DEFAULT-VALUE}).")
    private int runs;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private StartupBench() {}

    private record Start(double seconds, long residentMegabytes) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        try (TemporaryDirectory scratch = TemporaryDirectory.create("luthier-bench-")) {
            Path cache = scratch.path().resolve("cache");
            Start first = start(scratch, cache);
            print(out, "first start (no class cache, new data directory)", first);
            awaitCache(cache, out);
            List<Start> later = new ArrayList<>();
            for (int run = 1; run <= runs; run++) {
                later.add(start(scratch, cache));
            }
            later.sort(Comparator.comparingDouble(Start::seconds));
            print(out, "later starts, fastest of " + runs, later.getFirst());
            print(out, "later starts, median of " + runs, later.get(later.size() / 2));
            return 0;
        }
    }

    private static Start start(TemporaryDirectory scratch, Path cache) throws IOException, InterruptedException {
        try (LuthierServer server = LuthierServer.start(scratch.path().resolve("data"),
                Map.of("XDG_CACHE_HOME", cache.toString()))) {
            return new Start(server.startSeconds(), server.residentMegabytes());
        }
    }

    /** The first start has set a recorder of the class cache to work; it begins after ten seconds. */
    private static void awaitCache(Path cache, PrintWriter out) throws IOException, InterruptedException {
        out.println("waiting for the class cache that the first start leaves behind ...");
        out.flush();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (System.nanoTime() < deadline) {
            try (Stream<Path> files = Files.walk(cache)) {
                if (files.anyMatch(file -> file.toString().endsWith(".aot"))) {
                    return;
                }
            }
            Thread.sleep(200);
        }
        throw Problem.internal("no_class_cache", "no class cache was made within " + LIMIT_SECONDS + " s.")
                .asException();
    }

    private static void print(PrintWriter out, String what, Start start) {
        out.println(String.format(Locale.ROOT, "%-52s %5.2f s to the first 200 on /health, %d MB resident", what,
                start.seconds(), start.residentMegabytes()));
        out.flush();
    }
}
