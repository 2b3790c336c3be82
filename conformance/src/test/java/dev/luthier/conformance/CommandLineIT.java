package dev.luthier.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The command line against a live server, as a person types it. */
final class CommandLineIT {
    @TempDir
    Path temp;

    @Test
    void keysAreCreatedListedAndRevoked() throws IOException, InterruptedException {
        try (LiveServer server = LiveServer.start(temp)) {
            assertThat(luthier(server, "keys", "create", "--name", "ci", "--org", "acme", "--project", "web", "--role",
                    "read-only"))
                    .startsWith("luthier_");
            String row = luthier(server, "keys", "list").lines().filter(line -> line.contains(" ci ")).findFirst()
                    .orElseThrow();
            assertThat(row).contains("acme", "web", "read-only", "active");
            luthier(server, "keys", "revoke", row.substring(0, row.indexOf(' ')));
            assertThat(luthier(server, "keys", "list")).contains("revoked");
            assertThat(luthier(server, "models", "list")).contains("luthier-tiny", "open-mistral-7b");
            assertThat(luthier(server, "jobs", "list")).contains("0 in all");
        }
    }

    /** Those of {@code cli} are tried there; these start a program each. */
    @ParameterizedTest
    @ValueSource(strings = {"serve", "train", "worker", "pretrain", "probe", "doctor", "bench", "bench train",
            "bench requests",
            "bench server", "bench chat", "bench products", "bench parity", "bench parity text", "conformance",
            "jobs list"})
    void everyProgramSaysMore(String program) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(program.split(" ")));
        line.add("--help");
        assertThat(output(LiveServer.luthier(line).redirectErrorStream(true)))
                .startsWith("Usage: " + (program.equals("conformance") ? "conformance/run" : "luthier " + program))
                .contains("--help");
    }

    @Test
    void trainingIsMeasuredWithoutAServer() throws IOException, InterruptedException {
        Path data = temp.resolve("train.jsonl");
        Files.writeString(data, "{\"text\":\"one two three\"}\n".repeat(20));
        JsonNode training = Json.parse(output(LiveServer.luthier(List.of("validate", data.toString(), "--model",
                LiveServer.ROOT.resolve("models/luthier-tiny").toString(), "--probe", "--json")))).path("training");
        assertThat(training.path("memoryTier").stringValue()).isEqualTo("keep");
        assertThat(training.path("samplesPerStep").intValue()).isEqualTo(16);
        double step = training.path("expectedStepSeconds").doubleValue();
        assertThat(step).isPositive();
        assertThat(training.path("expectedEpochSeconds").doubleValue()).isEqualTo(2 * step);
    }

    private static String luthier(LiveServer server, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = LiveServer.luthier(List.of(arguments)).redirectErrorStream(true);
        builder.environment().put("LUTHIER_HOME", server.dataDirectory().toString());
        return output(builder);
    }

    private static String output(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(output).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
