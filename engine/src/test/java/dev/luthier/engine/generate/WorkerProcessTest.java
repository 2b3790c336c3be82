package dev.luthier.engine.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The worker as a process of its own. */
class WorkerProcessTest {
    private static final Path MODEL = Path.of("src/test/resources/parity/llama").toAbsolutePath();

    private static final String SECRET = "a secret of this test that is long enough";

    @TempDir
    Path directory;

    private Process worker(String... arguments) throws IOException {
        List<String> line = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-cp",
                        System.getProperty("java.class.path"), WorkerMain.class.getName()));
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile());
        builder.environment().put("OMP_NUM_THREADS", "1");
        builder.environment().put(WorkerAccess.VARIABLE, SECRET);
        return builder.start();
    }

    private static int status(Process process) throws InterruptedException {
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the worker ends").isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    private String output() throws IOException {
        return Files.readString(directory.resolve("output"));
    }

    @Test
    void servesUntilItsParentHasGone() throws Exception {
        Process parent = new ProcessBuilder("sleep", "600").start();
        Path state = directory.resolve("state.json");
        Process worker = worker("--model", MODEL.toString(), "--state-file", state.toString(), "--parent-pid",
                Long.toString(parent.pid()), "--threads", "1", "--type", "fp32", "--max-context", "64");
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (!Files.exists(state)) {
                assertThat(worker.isAlive()).as("the worker, which says: %s", output()).isTrue();
                Thread.sleep(20);
            }
            JsonNode told = Json.parse(Files.readString(state));
            assertThat(told.get("pid").longValue()).isEqualTo(worker.pid());
            HttpRequest request = HttpRequest
                    .newBuilder(URI.create("http://127.0.0.1:" + told.get("port") + "/v1/completions"))
                    .header("Authorization", "Bearer " + SECRET)
                    .POST(HttpRequest.BodyPublishers.ofString("""
                            {"model": %s, "prompt": [5, 6, 7], "max_tokens": 500, "temperature": 0.8, "seed": 1,
                             "ignore_eos": true, "return_token_ids": true}""".formatted(Json.write(MODEL.toString()))))
                    .build();
            JsonNode answer = Json.parse(client.send(request, BodyHandlers.ofString()).body());
            assertThat(answer.at("/choices/0/token_ids")).hasSize(61); // the context is 64
            assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("length");
            assertThat(client.send(request, BodyHandlers.ofString()).body())
                    .contains(answer.at("/choices/0/token_ids").toString());
            parent.destroyForcibly();
            assertThat(worker.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            parent.destroyForcibly();
            worker.destroyForcibly();
        }
    }

    @Test
    void aModelThatCannotBeLoadedIsOneLineAndStatus1() throws Exception {
        Process worker = worker("--model", directory.toString(), "--state-file", directory.resolve("s").toString(),
                "--parent-pid", Long.toString(ProcessHandle.current().pid()));
        assertThat(status(worker)).isEqualTo(1);
        assertThat(output().lines()).singleElement().asString().contains("config.json");
    }

    @Test
    void badUsageIsOneLineAndStatus2() throws Exception {
        assertThat(status(worker("--model", "x", "--state-file", "s", "--parent-pid", "1", "--fast", "yes")))
                .isEqualTo(2);
        assertThat(output().lines()).singleElement().asString().contains("--fast").contains("--help");
    }
}
