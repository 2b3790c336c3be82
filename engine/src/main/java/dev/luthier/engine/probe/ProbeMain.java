package dev.luthier.engine.probe;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.plan.MachineMemory;
import dev.luthier.core.plan.MemoryPlanner;
import dev.luthier.core.plan.ProbeReport;
import dev.luthier.core.plan.StepCosts;
import dev.luthier.core.process.ParentWatch;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunSpec;
import dev.luthier.engine.arithmetic.SelfTest;
import dev.luthier.engine.options.EngineProgram;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.ResidentMemory;
import dev.luthier.engine.train.LoraModel;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code luthier probe --model DIR}: plans the memory of a LoRA training of a base model on this host and measures its
 * steps. With {@code --json} the figures are one line, a {@link ProbeReport}. Exit status 0, 1 on failure, 2 on bad usage.
 */
@Command(name = "luthier probe", sortOptions = false, description = "Plan the memory of a LoRA training of a base model on this host and measure its steps, for a minute or more.")
public final class ProbeMain implements Callable<Integer> {
    @Mixin
    private ProbeSettings settings;

    private ProbeMain() {}

    public static void main(String[] arguments) {
        System.exit(EngineProgram.of(new ProbeMain()).execute(arguments));
    }

    @Override
    public Integer call() {
        settings.check();
        ParentWatch.follow();
        Libtorch.start();
        Libtorch.use(settings.device());
        ModelDirectory directory = ModelDirectory.open(settings.model());
        int sampleTokens = sampleTokens(settings, directory.config());
        ProbeReport report;
        try (ProbeProgress progress = ProbeProgress.onTerminal()) {
            report = measure(settings, directory, sampleTokens, progress);
        }
        System.out.println(settings.json()
                ? Json.write(report)
                : describe(report, settings.microBatchTokens(), sampleTokens));
        return 0;
    }

    /** Tokens of a probed sample: what is wanted, as far as pack and model have room for it. */
    private static int sampleTokens(ProbeSettings settings, ModelConfig config) {
        return Math.min(Math.min(settings.sampleTokens(), settings.microBatchTokens()), config.maxPositions());
    }

    private static ProbeReport measure(ProbeSettings settings, ModelDirectory directory, int sampleTokens,
            ProbeProgress progress) {
        long start = System.nanoTime();
        if (settings.threads() > 0) {
            Libtorch.setThreads(settings.threads());
        }
        String baseType = SelfTest.resolve(settings.baseType(), directory.config());
        RunSpec.Numerics numerics = new RunSpec.Numerics(baseType, kept(settings.quantization(), baseType),
                settings.device(), Libtorch.threads(), MemoryTier.KEEP, 0);
        long available = settings.memoryBytes() > 0
                ? settings.memoryBytes()
                : MachineMemory.forEachOf(1, settings.device());
        MemoryPlanner.Choice choice = new MemoryPlanner(directory.config(), MemoryPlanner.Longest.of(sampleTokens),
                available, true,
                baseType.equals("fp32") && directory.hasBf16Layers())
                .choose(settings.lora(), numerics, settings.tier(), List.of(settings.microBatchTokens()));
        progress.show("loading the model");
        LoraModel model = LoraModel.fresh(directory, settings.lora(),
                numerics.with(choice.tier()).with(choice.quantization()), 0);
        double loadSeconds = (System.nanoTime() - start) / 1e9;
        StepCosts costs = StepProbe.measure(model, settings.microBatchTokens(), sampleTokens, progress);
        return new ProbeReport(baseType, choice.quantization(), choice.tier(), choice.peakBytes(), costs, loadSeconds,
                ResidentMemory.peakBytes());
    }

    /** A base in bf16 needs no widening where products are in bf16. */
    private static Quantization kept(Quantization wanted, String baseType) {
        return wanted == Quantization.BF16 && baseType.equals("bf16") ? Quantization.NONE : wanted;
    }

    private static String describe(ProbeReport report, int microBatchTokens, int sampleTokens) {
        StepCosts costs = report.costs();
        double perToken = costs.secondsPerToken() + costs.secondsPerTarget() + sampleTokens * costs.secondsPerPair();
        return String.format(Locale.ROOT,
                "%s on %s, %s, %d tokens at once: %.1f tokens/s with samples of %d tokens, all of them targets; %.1f without"
                        + " targets%nmemory: %.2f GB resident at most, %.2f GB planned; %.1f s to load",
                report.baseType() + (report.quantization() == Quantization.NONE
                        ? ""
                        : " (layers kept in " + report.quantization().label() + ")"),
                Libtorch.cpu(), report.memoryTier().label(), microBatchTokens, 1 / perToken, sampleTokens,
                1 / (perToken - costs.secondsPerTarget()), report.peakBytes() / 1e9, report.expectedPeakBytes() / 1e9,
                report.loadSeconds());
    }
}
