package dev.luthier.engine.probe;

import dev.luthier.core.command.Program;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.TrainingDefaults;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a probe measures: the options of {@code luthier probe}. */
final class ProbeSettings {
    private static final List<String> TYPES = List.of("auto", "bf16", "fp32");

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
    private Path model;

    @Option(names = "--type", paramLabel = "TYPE", defaultValue = "auto", description = "Computes in bf16, fp32, or auto: what this machine computes faster (${DEFAULT-VALUE}).")
    private String type;

    @Option(names = "--rank", paramLabel = "N", description = "Of the adapters (${DEFAULT-VALUE}).")
    private int rank = TrainingDefaults.RANK;

    @Option(names = "--targets", split = ",", paramLabel = "NAME", description = "Linear layers with an adapter (all).")
    private List<String> targets = RunSpec.Lora.LINEAR_LAYERS;

    @Option(names = "--rs-lora", description = "Scale by the root of the rank.")
    private boolean rsLora;

    @Option(names = "--dora", description = "Learn magnitudes too.")
    private boolean dora;

    @Option(names = "--top-layers", paramLabel = "N", description = "Adapt this many of the uppermost layers (all).")
    private @Nullable Integer topLayers;

    @Option(names = "--quantization", paramLabel = "Q", defaultValue = "none", description = "Of the frozen weights: none, bf16 (computed in fp32) or nf4 (${DEFAULT-VALUE}).")
    private Quantization quantization;

    @Option(names = "--device", paramLabel = "DEVICE", defaultValue = "cpu", description = "cpu or cuda (${DEFAULT-VALUE}).")
    private ComputeDevice device;

    @Option(names = "--memory-tier", paramLabel = "TIER", description = "keep, recompute_elementwise, recompute_layers, or auto, the planner's choice (auto).")
    private @Nullable MemoryTier tier;

    @Option(names = "--micro-batch-tokens", paramLabel = "N", defaultValue = "2048", description = "Tokens at once (${DEFAULT-VALUE}).")
    private int microBatchTokens;

    @Option(names = "--sample-tokens", paramLabel = "N", defaultValue = "512", description = "Of the longest samples (${DEFAULT-VALUE}).")
    private int sampleTokens;

    @Option(names = "--memory-bytes", paramLabel = "N", description = "That a trainer may take (what a job may take when it runs alone).")
    private @Nullable Long memoryBytes;

    @Option(names = "--threads", paramLabel = "N", description = "Of a tensor operation (OMP_NUM_THREADS, or the cores).")
    private @Nullable Integer threads;

    @Option(names = "--json", description = "Print one line of JSON.")
    private boolean json;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** @throws picocli.CommandLine.ParameterException saying what is wrong with the arguments */
    void check() {
        if (!TYPES.contains(type)) {
            throw Program.refuse(spec, "--type must be one of " + String.join(", ", TYPES) + ", not " + type);
        }
        Program.within(spec, "--rank", rank, 1, 512);
        Program.within(spec, "--top-layers", topLayers == null ? 1 : topLayers, 1, Integer.MAX_VALUE);
        Program.within(spec, "--micro-batch-tokens", microBatchTokens, 2, Integer.MAX_VALUE);
        Program.within(spec, "--sample-tokens", sampleTokens, 2, Integer.MAX_VALUE);
        Program.within(spec, "--threads", threads == null ? 1 : threads, 1, 1024);
        Program.within(spec, "--memory-bytes", memoryBytes == null ? 1 : memoryBytes, 1, Long.MAX_VALUE);
        if (!RunSpec.Lora.LINEAR_LAYERS.containsAll(targets) || Set.copyOf(targets).size() < targets.size()) {
            throw Program.refuse(spec, "--targets must be names, each once, joined by commas, of "
                    + String.join(", ", RunSpec.Lora.LINEAR_LAYERS) + ", not " + String.join(",", targets));
        }
    }

    Path model() {
        return model;
    }

    RunSpec.Lora lora() {
        return new RunSpec.Lora(rank, rank, targets, rsLora, dora, topLayers == null ? 0 : topLayers);
    }

    /** {@code bf16}, {@code fp32}, or {@code auto} for what this machine computes faster. */
    String baseType() {
        return type;
    }

    Quantization quantization() {
        return quantization;
    }

    ComputeDevice device() {
        return device;
    }

    /** Null for the planner's choice. */
    @Nullable
    MemoryTier tier() {
        return tier;
    }

    int microBatchTokens() {
        return microBatchTokens;
    }

    /** Of the longest samples. */
    int sampleTokens() {
        return sampleTokens;
    }

    /** 0 for the process' default. */
    int threads() {
        return threads == null ? 0 : threads;
    }

    /** That a trainer may take; 0 for what a job may take when it runs alone. */
    long memoryBytes() {
        return memoryBytes == null ? 0 : memoryBytes;
    }

    boolean json() {
        return json;
    }
}
