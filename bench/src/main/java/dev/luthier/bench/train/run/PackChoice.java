package dev.luthier.bench.train.run;

import dev.luthier.bench.train.input.BenchData;
import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.data.SampleOrder;
import dev.luthier.core.json.Json;
import dev.luthier.core.plan.ArithmeticReport;
import dev.luthier.core.plan.PackLengths;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Luthier's packing length where nobody names one: that of a job which leaves it open. */
public final class PackChoice {
    private PackChoice() {}

    /** The plan with a packing length. */
    public static Plan resolve(Plan plan, Path model, BenchData data) throws IOException, InterruptedException {
        if (plan.microBatchTokens() > 0) {
            return plan;
        }
        String type = plan.type().equals("auto") ? suitingType(plan, model) : plan.type();
        SampleOrder order = new SampleOrder(List.of(new SampleOrder.Source(data.samples(), 1)), Plan.SEED);
        return plan.withPacks(PackLengths.suiting(type, order,
                visit -> data.sample(visit.sample()).stream().mapToInt(EncodedSample::length).sum(),
                plan.samplesPerStep()).getFirst());
    }

    private static String suitingType(Plan plan, Path model) throws IOException, InterruptedException {
        return Json.MAPPER.treeToValue(EngineCall.run(plan.threads(), List.of("doctor", "--model", model.toString(),
                "--threads", String.valueOf(plan.threads()))), ArithmeticReport.class).baseType();
    }
}
