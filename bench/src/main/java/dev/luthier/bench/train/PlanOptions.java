package dev.luthier.bench.train;

import dev.luthier.bench.train.input.BenchShape;
import dev.luthier.bench.train.input.DataKind;
import dev.luthier.bench.train.run.Peer;
import dev.luthier.bench.train.run.Plan;
import dev.luthier.core.command.Program;
import dev.luthier.core.run.MemoryTier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that say what is measured. */
final class PlanOptions {
    private static final String AUTO = "auto";
    private static final String[] TYPES = {AUTO, "bf16", "fp32"};

    @Option(names = "--shapes", split = ",", paramLabel = "SHAPE", description = "smollm2-135m, smollm2-360m, qwen2.5-0.5b, smoke (default: the first).")
    private List<String> shapes = List.of(BenchShape.SMOLLM2_135M.label());

    @Option(names = "--data", split = ",", paramLabel = "DATA", description = "d1, d2, d3, pairs (default: the first three).")
    private List<String> data = Stream.of(DataKind.D1, DataKind.D2, DataKind.D3).map(DataKind::label).toList();

    @Option(names = "--peers", split = ",", paramLabel = "PEER", description = "default, tuned, compiled (default: all).")
    private List<String> peers = Arrays.stream(Peer.values()).map(Peer::label).toList();

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "5", description = "In which each program runs once (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--steps-per-round", paramLabel = "N", description = "Steps of a round (4 for d1, 2 for others).")
    private @Nullable Integer stepsPerRound;

    @Option(names = "--samples-per-step", paramLabel = "N", description = "Samples of an optimizer step (2 for d3, 8 for others).")
    private @Nullable Integer samplesPerStep;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "2", description = "Threads of each program (${DEFAULT-VALUE}).")
    private int threads;

    @Option(names = "--type", paramLabel = "TYPE", defaultValue = AUTO, description = "Luthier's number type: auto (what its self-test finds faster), bf16, fp32 (${DEFAULT-VALUE}). The tuned peers take the faster one by a test of their own.")
    private String type;

    @Option(names = "--memory-tier", paramLabel = "TIER", defaultValue = AUTO, description = "Luthier's: auto (the planner's choice), keep, recompute_elementwise, recompute_layers (${DEFAULT-VALUE}).")
    private String memoryTier;

    @Option(names = "--micro-batch-tokens", paramLabel = "N", description = "Luthier's packing length (what a job gets that leaves it open).")
    private @Nullable Integer microBatchTokens;

    @Option(names = "--peer-micro-batch-tokens", paramLabel = "N", description = "Tokens of a pass of the tuned recipes, at most (4096 for d1, 1024 for d2, 2048 for others; 2048 for larger shapes).")
    private @Nullable Integer peerMicroBatchTokens;

    @Option(names = "--step-limit", paramLabel = "SECONDS", defaultValue = "1800", description = "A peer that takes longer for a step, compilation included, has failed (${DEFAULT-VALUE}).")
    private int stepLimitSeconds;

    @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
    private CommandLine.Model.CommandSpec spec;

    /** Every shape on every data set. */
    List<Plan> plans() {
        List<Plan> plans = new ArrayList<>();
        for (String shape : shapes) {
            for (String kind : data) {
                plans.add(plan(named("--shapes", shape, BenchShape.values(), BenchShape::label),
                        named("--data", kind, DataKind.values(), DataKind::label)));
            }
        }
        return plans;
    }

    private Plan plan(BenchShape shape, DataKind kind) {
        return new Plan(shape, kind, named("--type", type, TYPES, label -> label), positive("--rounds", rounds),
                positive("--steps-per-round", stepsPerRound == null ? kind.stepsPerRound() : stepsPerRound),
                positive("--samples-per-step", samplesPerStep == null ? kind.samplesPerStep() : samplesPerStep),
                positive("--threads", threads),
                memoryTier.equals(AUTO)
                        ? null
                        : named("--memory-tier", memoryTier, MemoryTier.values(), MemoryTier::label),
                microBatchTokens == null ? 0 : positive("--micro-batch-tokens", microBatchTokens),
                positive("--peer-micro-batch-tokens", peerMicroBatchTokens == null
                        ? Math.min(shape.peerMicroBatchTokens(), kind.peerMicroBatchTokens())
                        : peerMicroBatchTokens),
                positive("--step-limit", stepLimitSeconds));
    }

    /** The peers to play against, one after another; a null plays alone. */
    List<@Nullable Peer> peers(boolean none) {
        return none
                ? Collections.singletonList(null)
                : new ArrayList<>(peers.stream().map(name -> named("--peers", name, Peer.values(), Peer::label))
                        .toList());
    }

    private int positive(String option, int value) {
        return Program.within(spec, option, value, 1, Integer.MAX_VALUE);
    }

    private <T> T named(String option, String name, T[] values, Function<T, String> label) {
        return Arrays.stream(values).filter(value -> label.apply(value).equals(name)).findFirst()
                .orElseThrow(() -> new ParameterException(spec.commandLine(),
                        option + ": " + name + " is unknown; known are "
                                + String.join(", ", Arrays.stream(values).map(label).toList())));
    }
}
