package dev.luthier.bench.train.run;

import dev.luthier.bench.train.input.BenchData;
import dev.luthier.core.run.MemoryTier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * What {@code luthier probe} expects of a training before it runs.
 *
 * @param memoryTier that the planner takes
 * @param secondsPerStep mean over the steps of the data
 * @param peakBytes most resident memory
 */
public record Estimate(MemoryTier memoryTier, double secondsPerStep, long peakBytes) {

    /** Probes the machine, which should do nothing else meanwhile. */
    static Estimate probe(Plan plan, Path model, BenchData data) throws IOException, InterruptedException {
        MemoryTier wanted = plan.memoryTier();
        return of(EngineCall.run(plan.threads(), List.of("probe", "--model", model.toString(), "--rank",
                String.valueOf(Plan.RANK), "--memory-tier", wanted == null ? "auto" : wanted.label(),
                "--micro-batch-tokens", String.valueOf(plan.microBatchTokens()), "--sample-tokens",
                String.valueOf(plan.data().longest()), "--threads", String.valueOf(plan.threads()))), data,
                plan.steps());
    }

    /** From the figures that the probe tells: seconds for a token, a target, a pair of tokens of a sample, an update. */
    static Estimate of(JsonNode figures, BenchData data, int steps) {
        double pairs = data.attendedLength() * data.tokens();
        double seconds = data.tokens() * figures.path("secondsPerToken").doubleValue()
                + data.targets() * figures.path("secondsPerTarget").doubleValue()
                + pairs * figures.path("secondsPerPair").doubleValue()
                + steps * figures.path("secondsPerUpdate").doubleValue();
        return new Estimate(
                MemoryTier.valueOf(figures.path("memoryTier").stringValue().toUpperCase(Locale.ROOT)),
                seconds / steps, figures.path("expectedPeakBytes").longValue());
    }
}
