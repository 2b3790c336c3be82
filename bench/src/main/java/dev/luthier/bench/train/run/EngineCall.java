package dev.luthier.bench.train.run;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.process.ParentWatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A program of the engine that measures something and ends with one line of JSON. */
final class EngineCall {
    private EngineCall() {}

    /**
     * Runs a program.
     *
     * @param arguments of the launcher, without {@code --json}
     * @throws dev.luthier.core.problem.ProblemException INTERNAL if it fails
     */
    static JsonNode run(int threads, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Launcher.path()));
        command.addAll(arguments);
        command.add("--json");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("OMP_NUM_THREADS", String.valueOf(threads));
        ParentWatch.tie(builder);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw Problem.internal("engine_failed", "luthier " + String.join(" ", arguments) + " failed: " + output)
                    .asException();
        }
        return Json.parse(output.lines().reduce("", (_, last) -> last));
    }
}
