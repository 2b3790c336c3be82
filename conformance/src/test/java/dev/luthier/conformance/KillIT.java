package dev.luthier.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Kills trainers and servers with SIGKILL at random moments: a job that ends must end SUCCESS, with the same adapter
 * bytes as one that nobody disturbed.
 *
 * <p>{@code -Dluthier.kills=N} makes more kills than the three of an ordinary build; {@code -Dluthier.kill.seed=S}
 * repeats a run whose seed was printed.
 */
final class KillIT {
    private static final int KILLS = Integer.getInteger("luthier.kills", 3);
    private static final long SEED = Long.getLong("luthier.kill.seed", System.nanoTime());
    private static final int STEPS_PER_KILL = 20;
    private static final int STEPS = STEPS_PER_KILL * KILLS;

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Set<String> FINAL = Set.of("SUCCEEDED", "FAILED", "INVALID", "CANCELLED");

    @TempDir
    Path temp;

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void killedTrainersAndServersLeaveTheSameAdapter() throws IOException, InterruptedException {
        System.out.println("KillIT seed " + SEED);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
        try (LiveServer server = LiveServer.start(temp, "--runs.interval-millis", "20")) {
            String file = server.upload("train.jsonl", trainingLines());
            String expected = adapterSha256(server, ended(server, create(server, file)));
            String job = create(server, file);
            int attempt = 0;
            for (int kill = 0; kill < KILLS; kill++) {
                int step = kill * STEPS_PER_KILL + random.nextInt(STEPS_PER_KILL);
                JsonNode state = stepOfNewAttempt(server, job, attempt, step);
                boolean hit = trainer(server, job).map(ProcessHandle::destroyForcibly).orElse(false);
                boolean both = random.nextBoolean();
                if (both) {
                    server.killAndRestart();
                }
                attempt = state.path("attempt").intValue();
                System.out.printf("killed%s%s in attempt %d at step %d%n", hit ? " the trainer" : "",
                        both ? " the server" : "", attempt, state.path("progress").path("step").intValue());
            }
            assertThat(adapterSha256(server, ended(server, job))).isEqualTo(expected);
            assertThat(attempt).as("every kill met another attempt").isEqualTo(KILLS);
        }
    }

    private static String trainingLines() {
        StringBuilder lines = new StringBuilder();
        IntStream.range(0, 40).forEach(i -> lines.append("{\"messages\":[{\"role\":\"user\",\"content\":\"number ")
                .append(i).append("\"},{\"role\":\"assistant\",\"content\":\"it is ").append(i * 7)
                .append("\"}]}\n"));
        return lines.toString();
    }

    private static String create(LiveServer server, String file) throws IOException, InterruptedException {
        return server.post("/mistral/v1/fine_tuning/jobs",
                Map.of("model", "luthier-tiny", "training_files", List.of(file), "auto_start", true, "hyperparameters",
                        Map.of("training_steps", STEPS, "learning_rate", 0.002)))
                .path("id").stringValue();
    }

    /**
     * Polls until an attempt later than this one has itself made a step and the job has come this far, or has ended.
     * The server remembers the steps of earlier attempts, but a speed only of the newest.
     */
    private static JsonNode stepOfNewAttempt(LiveServer server, String job, int attempt, int step)
            throws IOException, InterruptedException {
        return poll(server, job, status -> {
            JsonNode progress = status.path("progress");
            return status.path("attempt").intValue() > attempt && progress.hasNonNull("tokens_per_second")
                    && progress.path("step").intValue() >= step;
        });
    }

    private static JsonNode ended(LiveServer server, String job) throws IOException, InterruptedException {
        return poll(server, job, status -> false);
    }

    private static JsonNode poll(LiveServer server, String job, Predicate<JsonNode> enough)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            JsonNode status = server.get("/luthier/v1/jobs/" + job);
            if (FINAL.contains(status.path("state").stringValue()) || enough.test(status)) {
                return status;
            }
            assertThat(System.nanoTime()).as(status::toString).isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    private static Optional<ProcessHandle> trainer(LiveServer server, String job) throws IOException {
        Path run = runDirectory(server, job);
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains("TrainerMain " + run)).findFirst();
    }

    private static String adapterSha256(LiveServer server, JsonNode ended) throws IOException, InterruptedException {
        assertThat(ended.path("state").stringValue()).as(ended.toString()).isEqualTo("SUCCEEDED");
        Path run = runDirectory(server, ended.path("id").stringValue());
        String sha256 = dev.luthier.core.json.Json.parse(Files.readString(run.resolve("outcome.json")))
                .path("adapterSha256").stringValue();
        assertThat(HexFormat.of().parseHex(sha256)).hasSize(32);
        return sha256;
    }

    private static Path runDirectory(LiveServer server, String job) throws IOException {
        try (Stream<Path> runs = Files.list(server.dataDirectory().resolve("runs"))) {
            return runs.filter(run -> run.getFileName().toString().contains(job)).findFirst().orElseThrow();
        }
    }
}
