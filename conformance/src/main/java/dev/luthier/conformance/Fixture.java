package dev.luthier.conformance;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * The servers that suites run against: one with a paused job in its lists, and one that allows few requests a minute.
 *
 * <p>Suites find them in the environment: {@code LUTHIER_TEST_URL}, {@code LUTHIER_TEST_KEY} (a
 * member's), {@code LUTHIER_TEST_ADMIN_KEY} (an administrator's of the same organization),
 * {@code LUTHIER_TEST_MODEL}, {@code LUTHIER_TEST_PROJECT} (one beside the key's), {@code LUTHIER_TEST_PAUSED_JOB}, {@code LUTHIER_TEST_LIMITED_URL},
 * {@code LUTHIER_TEST_LIMITED_KEY}, and {@code LUTHIER_TEST_LARGE_FILE} where there is a file over 2 GiB.
 */
final class Fixture implements AutoCloseable {
    private static final String MODEL = "luthier-tiny";
    private static final Set<String> LIVE = Set.of("validating_files", "queued", "running");
    private static final Duration START = Duration.ofMinutes(2);

    private final LiveServer server;
    private final LiveServer limited;
    private final Map<String, String> environment = new HashMap<>();

    private Fixture(LiveServer server, LiveServer limited) {
        this.server = server;
        this.limited = limited;
    }

    static Fixture start(Path folder) throws IOException, InterruptedException {
        LiveServer server = LiveServer.start(folder.resolve("main"), "--runs.interval-millis", "100");
        LiveServer limited = LiveServer.start(folder.resolve("limited"), "--limits.requests-per-minute", "5");
        Fixture fixture = new Fixture(server, limited);
        fixture.prepare();
        return fixture;
    }

    private void prepare() throws IOException, InterruptedException {
        environment.put("LUTHIER_TEST_URL", server.url());
        environment.put("LUTHIER_TEST_KEY", key(server, "member"));
        environment.put("LUTHIER_TEST_ADMIN_KEY", key(server, "organization-admin"));
        environment.put("LUTHIER_TEST_MODEL", MODEL);
        environment.put("LUTHIER_TEST_LIMITED_URL", limited.url());
        environment.put("LUTHIER_TEST_LIMITED_KEY", key(limited, "member"));
        environment.put("LUTHIER_TEST_PROJECT",
                server.post("/luthier/v1/keys", Map.of("name", "another project", "project", "conformance"))
                        .path("project").path("id").stringValue());
        environment.put("LUTHIER_TEST_PAUSED_JOB", pausedJob());
    }

    private static String key(LiveServer server, String role) throws IOException, InterruptedException {
        return server.post("/luthier/v1/keys", Map.of("name", "conformance", "role", role)).path("key").stringValue();
    }

    /** What suites read; see the class. */
    Map<String, String> environment() {
        return Map.copyOf(environment);
    }

    /** Cancels what a suite that broke off has left, so that the next one's jobs find the trainer free. */
    void cancelLeftovers() throws IOException, InterruptedException {
        for (JsonNode job : server.get("/openai/v1/fine_tuning/jobs?limit=100").path("data")) {
            String id = job.path("id").stringValue();
            if (LIVE.contains(job.path("status").stringValue())
                    && !id.equals(environment.get("LUTHIER_TEST_PAUSED_JOB"))) {
                server.post("/openai/v1/fine_tuning/jobs/" + id + "/cancel", Map.of());
            }
        }
    }

    /** Adds a file over 2 GiB to the server's list. */
    void addLargeFile() throws IOException, InterruptedException {
        environment.put("LUTHIER_TEST_LARGE_FILE", LargeFile.upload(server));
    }

    private String pausedJob() throws IOException, InterruptedException {
        String file = server.upload("paused.jsonl", IntStream.range(0, 400).mapToObj(i -> """
                {"messages":[{"role":"user","content":"say %d"},{"role":"assistant","content":"%d"}]}
                """.formatted(i, i)).collect(Collectors.joining()));
        String job = server.post("/openai/v1/fine_tuning/jobs", Map.of("model", MODEL, "training_file", file,
                "hyperparameters", Map.of("n_epochs", 50, "batch_size", 1))).path("id").stringValue();
        await(job, "RUNNING");
        server.post("/openai/v1/fine_tuning/jobs/" + job + "/pause", Map.of());
        await(job, "PAUSED");
        return job;
    }

    private void await(String job, String state) throws IOException, InterruptedException {
        long end = System.nanoTime() + START.toNanos();
        while (true) {
            JsonNode now = server.get("/luthier/v1/jobs/" + job);
            String reached = now.path("state").stringValue();
            if (reached.equals(state)) {
                return;
            }
            if (List.of("SUCCEEDED", "FAILED", "INVALID", "CANCELLED").contains(reached) || System.nanoTime() > end) {
                throw new IOException("waiting for " + state + ": " + now);
            }
            Thread.sleep(50);
        }
    }

    @Override
    public void close() throws InterruptedException {
        limited.close();
        server.close();
    }
}
