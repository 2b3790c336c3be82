package dev.luthier.cli;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.plan.ProbeReport;
import dev.luthier.core.plan.TrainingThreads;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.process.ParentWatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code luthier probe}, run for the settings that a job has which says nothing. */
final class StepProbe {
    private static final int SHORTEST_SAMPLE = 2;

    private StepProbe() {}

    /**
     * Measures training steps on this machine, for a minute or more.
     *
     * @param longestSample tokens
     * @param memoryTier that the plan of the training takes
     * @throws dev.luthier.core.problem.ProblemException USER outside the launcher, INTERNAL when the probe fails
     */
    static ProbeReport run(ModelDirectory model, int longestSample, String memoryTier)
            throws IOException, InterruptedException {
        String launcher = System.getenv("LUTHIER_BIN");
        if (launcher == null) {
            throw Problem.user("no_launcher", "--probe needs the launcher: ./luthier validate").asException();
        }
        String threads = String.valueOf(TrainingThreads.suiting(model.config().parameterCount()));
        ProcessBuilder builder = new ProcessBuilder(List.of(launcher, "probe", "--model", model.path().toString(),
                "--sample-tokens", String.valueOf(Math.max(SHORTEST_SAMPLE, longestSample)), "--memory-tier",
                memoryTier, "--threads", threads, "--json"));
        builder.environment().put("OMP_NUM_THREADS", threads);
        ParentWatch.tie(builder);
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw Problem.internal("probe_failed", "luthier probe ended with status " + process.exitValue() + "."
                    + " Without --probe the data alone is checked.")
                    .asException();
        }
        return Json.MAPPER.readValue(output.lines().reduce("", (_, last) -> last), ProbeReport.class);
    }
}
