package dev.luthier.engine.probe;

import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.TrainingDefaults;
import dev.luthier.engine.options.Options;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a probe measures.
 *
 * @param baseType {@code bf16}, {@code fp32}, or {@code auto} for what this machine computes faster
 * @param tier null for the planner's choice
 * @param sampleTokens of the longest samples
 * @param threads 0 for the process' default
 * @param memoryBytes that a trainer may take; 0 for what a job may take when it runs alone
 */
record ProbeSettings(Path model, RunSpec.Lora lora, String baseType, Quantization quantization, ComputeDevice device,
        @Nullable MemoryTier tier, int microBatchTokens, int sampleTokens, int threads, long memoryBytes,
        boolean json) {
    private static final String USAGE = "usage: luthier probe --model DIR [--type auto|bf16|fp32] [--rank N] [--targets NAME,NAME]"
            + " [--rs-lora] [--dora] [--top-layers N] [--quantization none|nf4] [--device cpu|cuda]"
            + " [--memory-tier auto|keep|recompute_elementwise|recompute_layers] [--micro-batch-tokens N]"
            + " [--sample-tokens N] [--memory-bytes N] [--threads N] [--json]";
    private static final List<Optional<MemoryTier>> TIERS = Stream
            .concat(Stream.of(Optional.<MemoryTier>empty()), Stream.of(MemoryTier.values()).map(Optional::of)).toList();

    /** @throws dev.luthier.core.problem.ProblemException USER, saying what is wrong with the arguments */
    static ProbeSettings parse(String... arguments) {
        Options options = new Options(USAGE, arguments);
        Path model = null;
        String type = "auto";
        int rank = TrainingDefaults.RANK;
        List<String> targets = RunSpec.Lora.LINEAR_LAYERS;
        boolean rsLora = false;
        boolean dora = false;
        int topLayers = 0;
        Quantization quantization = Quantization.NONE;
        ComputeDevice device = ComputeDevice.CPU;
        Optional<MemoryTier> tier = Optional.empty();
        int packTokens = TrainingDefaults.PACK_TOKENS;
        int sampleTokens = 512;
        int threads = 0;
        long memory = 0;
        boolean json = false;
        for (String name = options.next(); name != null; name = options.next()) {
            switch (name) {
                case "--json" -> json = true;
                case "--rs-lora" -> rsLora = true;
                case "--dora" -> dora = true;
                case "--model" -> model = options.path();
                case "--type" -> type = options.choice(List.of("auto", "bf16", "fp32"), label -> label);
                case "--rank" -> rank = options.integer(512);
                case "--targets" -> targets = targets(options);
                case "--top-layers" -> topLayers = options.integer(Integer.MAX_VALUE);
                case "--quantization" -> quantization = options.choice(Quantization.class, Quantization::label);
                case "--device" -> device = options.choice(ComputeDevice.class, ComputeDevice::label);
                case "--memory-tier" -> tier = options.choice(TIERS, one -> one.map(MemoryTier::label).orElse("auto"));
                case "--micro-batch-tokens" -> packTokens = options.integer(Integer.MAX_VALUE);
                case "--sample-tokens" -> sampleTokens = options.integer(Integer.MAX_VALUE);
                case "--threads" -> threads = options.integer(1024);
                case "--memory-bytes" -> memory = options.number(Long.MAX_VALUE);
                default -> throw options.unknown();
            }
        }
        return new ProbeSettings(options.required("--model", model),
                new RunSpec.Lora(rank, rank, targets, rsLora, dora, topLayers), type, quantization, device,
                tier.orElse(null), packTokens, sampleTokens, threads, memory, json);
    }

    private static List<String> targets(Options options) {
        List<String> names = List.of(options.text().split(",", -1));
        if (!RunSpec.Lora.LINEAR_LAYERS.containsAll(names) || Set.copyOf(names).size() < names.size()) {
            throw options.refuse("--targets must be names, each once, joined by commas, of "
                    + String.join(", ", RunSpec.Lora.LINEAR_LAYERS) + ", not " + String.join(",", names));
        }
        return names;
    }
}
