package dev.luthier.bench.requests;

import dev.luthier.bench.process.LuthierServer;
import dev.luthier.bench.requests.LoadGenerator.Load;
import dev.luthier.core.json.Json;
import dev.luthier.core.process.TemporaryDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Requests a second and latencies of the job routes with many jobs in the database, as ratios to a Spring Boot
 * hello-world that is measured in the same rounds. All of it, the load included, shares this machine's cores.
 */
@Command(name = "requests", description = "Requests a second of the job routes, beside a Spring Boot hello-world.")
public final class RequestsBench implements Callable<Integer> {
    private static final String HELLO = "hello-world";

    @Option(names = "--jobs", paramLabel = "N", defaultValue = "10000", description = "Jobs in the database (${DEFAULT-VALUE}).")
    private int jobs;

    @Option(names = "--connections", paramLabel = "N", defaultValue = "64", description = "Connections that ask at the same time (${DEFAULT-VALUE}).")
    private int connections;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "4", description = "Seconds of each measurement (${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--warm-up", paramLabel = "S", defaultValue = "12", description = "Seconds for which each is asked before it is measured (${DEFAULT-VALUE}).")
    private double warmUp;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "5", description = "Rounds; medians are reported (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--writes", paramLabel = "N", defaultValue = "0", description = "Writes a second meanwhile (${DEFAULT-VALUE}): what the server has kept is then read anew.")
    private int writes;

    @Option(names = "--hello-options", paramLabel = "OPTIONS", defaultValue = "", description = "Java options of the hello-world; none by default.")
    private String helloOptions;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private RequestsBench() {}

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        PrintWriter out = spec.commandLine().getOut();
        try (TemporaryDirectory scratch = TemporaryDirectory.create("luthier-bench-")) {
            Path data = scratch.path().resolve("data");
            out.println("making " + jobs + " jobs ...");
            out.flush();
            ManyJobs.make(data, jobs);
            List<String> options = helloOptions.isBlank() ? List.of() : List.of(helloOptions.split(" +"));
            try (LuthierServer server = LuthierServer.start(data, Map.of());
                    HelloProcess hello = HelloProcess.start(options, scratch.path().resolve("hello.log"));
                    Writes background = Writes.start(server, writes)) {
                List<Target> targets = targets(server, hello);
                for (Target target : targets) {
                    load(target, server.key(), warmUp);
                }
                Map<String, List<Figures>> loads = new LinkedHashMap<>();
                for (int round = 0; round < rounds; round++) {
                    for (Target target : targets) {
                        loads.computeIfAbsent(target.name(), name -> new ArrayList<>())
                                .add(load(target, server.key(), seconds));
                    }
                }
                report(out, loads);
            }
        }
        return 0;
    }

    /** What is asked for, and of whom. */
    private record Target(String name, URI address, ProcessHandle process) {}

    /** @param cpuMicros of the answering process for each request */
    private record Figures(Load load, double cpuMicros) {}

    private Figures load(Target target, String key, double forSeconds) throws IOException, InterruptedException {
        double before = cpuSeconds(target.process());
        Load load = LoadGenerator.run(target.address(), key, connections, forSeconds);
        return new Figures(load, (cpuSeconds(target.process()) - before) * 1e6 / load.requests());
    }

    private static double cpuSeconds(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }

    private List<Target> targets(LuthierServer server, HelloProcess hello) throws IOException, InterruptedException {
        String job = middle(server);
        List<Target> targets = new ArrayList<>();
        targets.add(new Target(HELLO, hello.url().resolve("/hello"), hello.process()));
        Map<String, String> routes = new LinkedHashMap<>();
        routes.put("OpenAI job get", "/openai/v1/fine_tuning/jobs/" + job);
        routes.put("OpenAI list of 20", "/openai/v1/fine_tuning/jobs?limit=20");
        routes.put("Mistral job get", "/mistral/v1/fine_tuning/jobs/" + job);
        routes.put("Mistral list of 20, page 1", "/mistral/v1/fine_tuning/jobs?page=0&page_size=20");
        routes.put("Mistral list of 20, page 400", "/mistral/v1/fine_tuning/jobs?page=399&page_size=20");
        for (Map.Entry<String, String> route : routes.entrySet()) {
            targets.add(new Target(route.getKey(), server.url().resolve(route.getValue()), server.process()));
        }
        return targets;
    }

    /** A job that is neither the first nor the last. */
    private String middle(LuthierServer server) throws IOException, InterruptedException {
        URI list = server.url().resolve("/mistral/v1/fine_tuning/jobs?page_size=1&page=" + jobs / 2);
        try (HttpClient http = HttpClient.newHttpClient()) {
            return Json.parse(http.send(HttpRequest.newBuilder(list)
                    .header("Authorization", "Bearer " + server.key()).build(), BodyHandlers.ofString()).body())
                    .at("/data/0/id").stringValue();
        }
    }

    private void report(PrintWriter out, Map<String, List<Figures>> loads) {
        out.println(String.format(Locale.ROOT,
                "%d jobs, %d connections, %d rounds of %.0f s each, %d writes a second; medians; hello-world's Java options: %s",
                jobs, connections, rounds, seconds, writes, helloOptions.isBlank() ? "none" : helloOptions));
        out.println(String.format(Locale.ROOT, "%-30s %12s %8s %8s %11s %14s %14s", "", "requests/s", "p50 ms",
                "p99 ms", "CPU us each", "of hello's", "p99 to hello's"));
        List<Figures> hello = loads.getOrDefault(HELLO, List.of());
        ToDoubleFunction<Figures> rate = figures -> figures.load().requestsPerSecond();
        ToDoubleFunction<Figures> p99 = figures -> figures.load().p99Millis();
        loads.forEach((name, all) -> out.println(String.format(Locale.ROOT,
                "%-30s %12.0f %8.2f %8.2f %11.0f %13.2fx %13.2fx", name, median(all, rate),
                median(all, figures -> figures.load().medianMillis()), median(all, p99),
                median(all, Figures::cpuMicros), median(all, rate) / median(hello, rate),
                median(all, p99) / median(hello, p99))));
        out.flush();
    }

    private static double median(List<Figures> figures, ToDoubleFunction<Figures> one) {
        double[] sorted = figures.stream().mapToDouble(one).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
