package dev.luthier.cli;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.plan.ArithmeticReport;
import dev.luthier.core.plan.ProbeReport;
import dev.luthier.core.plan.TrainingThreads;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.process.ParentWatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** {@code luthier doctor} and {@code luthier probe}, run for the settings that a job has which says nothing. */
final class StepProbe {
    private static final int SHORTEST_SAMPLE = 2;

    private StepProbe() {}

    /**
     * The number type that a training computes in on this machine, in a second or two; bf16 outside the launcher, where
     * nothing can be measured.
     *
     * @throws dev.luthier.core.problem.ProblemException INTERNAL when the self-test fails
     */
    static String baseType(ModelDirectory model) throws IOException, InterruptedException {
        return System.getenv("LUTHIER_BIN") == null
                ? "bf16"
                : measure(ArithmeticReport.class, model, "doctor", List.of()).baseType();
    }

    /**
     * Measures training steps on this machine, for a minute or more.
     *
     * @param longestSample tokens
     * @param planned a training that fits
     * @throws dev.luthier.core.problem.ProblemException USER outside the launcher, INTERNAL when the probe fails
     */
    static ProbeReport run(ModelDirectory model, int longestSample, TrainingEstimate planned)
            throws IOException, InterruptedException {
        return measure(ProbeReport.class, model, "probe", List.of("--type", planned.baseType(), "--sample-tokens",
                String.valueOf(Math.max(SHORTEST_SAMPLE, longestSample)), "--micro-batch-tokens",
                String.valueOf(planned.packTokens()), "--memory-tier", String.valueOf(planned.memoryTier())));
    }

    private static <T> T measure(Class<T> report, ModelDirectory model, String program, List<String> arguments)
            throws IOException, InterruptedException {
        String launcher = System.getenv("LUTHIER_BIN");
        if (launcher == null) {
            throw Problem.user("no_launcher", "--probe needs the launcher: ./luthier validate").asException();
        }
        String threads = String.valueOf(TrainingThreads.suiting(model.config().parameterCount()));
        List<String> line = new ArrayList<>(
                List.of(launcher, program, "--model", model.path().toString(), "--threads", threads, "--json"));
        line.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().put("OMP_NUM_THREADS", threads);
        ParentWatch.tie(builder);
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw Problem.internal("probe_failed", "luthier " + program + " ended with status " + process.exitValue()
                    + ". Without --model the data alone is checked.").asException();
        }
        return Json.MAPPER.readValue(output.lines().reduce("", (_, last) -> last), report);
    }
}
