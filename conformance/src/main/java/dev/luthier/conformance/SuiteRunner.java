package dev.luthier.conformance;

import dev.luthier.conformance.SuiteResult.Check;
import dev.luthier.conformance.SuiteResult.Outcome;
import dev.luthier.core.json.Json;
import dev.luthier.core.process.ParentWatch;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Runs a suite's program and reads its report: lines {@code SDK {"package", "version"}} and {@code RESULT {"route",
 * "result", "reason"}} with the results pass, fail and n/a. Exit code 77 says that the machine lacks what the suite
 * needs; the last line says what. A route that is reported more than once has failed when one report says so.
 */
final class SuiteRunner {
    private static final int SKIPPED = 77;

    private final StringBuilder output = new StringBuilder();
    private final Map<String, Check> checks = new LinkedHashMap<>();
    private String sdk = "";
    private String lastLine = "";

    private SuiteRunner() {}

    /**
     * Runs it to its end.
     *
     * @param environment where the server is; see {@link Fixture}
     * @param limit after which the program is killed and what it did not report counts as failed
     */
    static SuiteResult run(Suite suite, Map<String, String> environment, Duration limit)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(suite.folder().resolve("suite").toString())
                .directory(suite.folder().toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment().put("LUTHIER_JAVA",
                Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ParentWatch.tie(builder);
        Process process = builder.start();
        ParentWatch.guard(process);
        process.getOutputStream().close();
        SuiteRunner runner = new SuiteRunner();
        Thread reader = Thread.ofVirtual().start(() -> runner.readAll(process));
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
            runner.output.append("killed after ").append(limit).append('\n');
        }
        reader.join();
        Optional<String> skipped = process.exitValue() == SKIPPED ? Optional.of(runner.lastLine) : Optional.empty();
        return new SuiteResult(suite, runner.sdk, runner.checks, skipped, process.exitValue(),
                runner.output.toString());
    }

    private void readAll(Process process) {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                read(line);
            }
        } catch (IOException e) {
            output.append(e).append('\n');
        }
    }

    private void read(String line) {
        output.append(line).append('\n');
        lastLine = line.isBlank() ? lastLine : line;
        try {
            if (line.startsWith("SDK ")) {
                JsonNode said = Json.parse(line.substring(4));
                sdk = said.path("package").asString() + " " + said.path("version").asString();
            } else if (line.startsWith("RESULT ")) {
                JsonNode said = Json.parse(line.substring(7));
                Check check = new Check(outcome(said.path("result").asString()), said.path("reason").asString(""));
                checks.merge(said.path("route").asString(), check,
                        (before, now) -> before.outcome() == Outcome.FAIL ? before : now);
            }
        } catch (JacksonException e) {
            output.append("not readable: ").append(e.getOriginalMessage()).append('\n');
        }
    }

    private static Outcome outcome(String result) {
        return switch (result) {
            case "pass" -> Outcome.PASS;
            case "n/a" -> Outcome.NOT_APPLICABLE;
            default -> Outcome.FAIL;
        };
    }
}
