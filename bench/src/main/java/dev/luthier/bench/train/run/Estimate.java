package dev.luthier.bench.train.run;

import dev.luthier.bench.train.input.BenchData;
import dev.luthier.core.json.Json;
import dev.luthier.core.plan.ProbeReport;
import dev.luthier.core.plan.SampleWork;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@code luthier probe} expects of a training before it runs.
 *
 * @param baseType number type of the training; bf16 in reports of earlier versions
 * @param quantization how the base's linear layers lie in memory
 * @param memoryTier that the planner takes
 * @param secondsPerStep mean over the steps of the data
 * @param peakBytes most resident memory
 */
public record Estimate(String baseType, Quantization quantization, MemoryTier memoryTier, double secondsPerStep,
        long peakBytes) {

    @SuppressWarnings("unused") // reports of earlier versions lack fields
    public Estimate {
        baseType = baseType == null ? "bf16" : baseType;
        quantization = quantization == null ? Quantization.NONE : quantization;
    }

    /** Probes the machine, which should do nothing else meanwhile. */
    static Estimate probe(Plan plan, Path model, BenchData data) throws IOException, InterruptedException {
        MemoryTier wanted = plan.memoryTier();
        return of(Json.MAPPER.treeToValue(EngineCall.run(plan.threads(), List.of("probe", "--model", model.toString(),
                "--type", plan.type(), "--rank", String.valueOf(Plan.RANK), "--memory-tier",
                wanted == null ? "auto" : wanted.label(),
                "--micro-batch-tokens", String.valueOf(plan.microBatchTokens()), "--sample-tokens",
                String.valueOf(plan.data().longest()), "--threads", String.valueOf(plan.threads()))),
                ProbeReport.class), data, plan.steps());
    }

    static Estimate of(ProbeReport probed, BenchData data, int steps) {
        SampleWork work = new SampleWork(data.tokens(), data.targets(), data.attendedLength() * data.tokens());
        double reference = data.kind().isPairs() ? probed.costs().evaluation(work) : 0;
        double seconds = probed.costs().training(work) + reference + steps * probed.costs().secondsPerUpdate();
        return new Estimate(probed.baseType(), probed.quantization(), probed.memoryTier(), seconds / steps,
                probed.expectedPeakBytes());
    }
}
