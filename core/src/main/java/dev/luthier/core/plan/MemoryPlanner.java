package dev.luthier.core.plan;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses what a run keeps from forward to backward, and of how many tokens at once: the fastest memory tier and
 * micro-batches that fit the machine. A run that does not fit at all is refused with what would.
 */
public final class MemoryPlanner {
    private static final int SMALLEST_PACK = 256;
    /** Lengths of micro-batches that cost less time than the next tier. */
    private static final int CHEAP_PACKS = 2;

    private final ModelConfig model;
    private final Longest longest;
    private final long availableBytes;
    private final boolean newAdapter;
    private final boolean storedInBf16;

    /**
     * The largest data, whose activations must fit whatever the size of a micro-batch.
     *
     * @param sequence tokens of the longest sequence, within which attention works
     * @param sample tokens of the longest sample, all of whose sequences pass through the model at once
     */
    public record Longest(int sequence, int sample) {
        /** Of samples that are one sequence each. */
        public static Longest of(int tokens) {
            return new Longest(tokens, tokens);
        }
    }

    /**
     * @param availableBytes memory that the trainer may take
     * @param newAdapter false when training goes on from an adapter, so that nobody is told to adapt fewer layers
     * @param storedInBf16 whether the model's files hold its linear layers in bf16, so that a training in fp32 loses nothing
     *     by keeping them so
     */
    public MemoryPlanner(ModelConfig model, Longest longest, long availableBytes, boolean newAdapter,
            boolean storedInBf16) {
        this.model = model;
        this.longest = longest;
        this.availableBytes = availableBytes;
        this.newAdapter = newAdapter;
        this.storedInBf16 = storedInBf16;
    }

    /**
     * What was chosen.
     *
     * @param quantization what was asked for, or {@link Quantization#BF16} where a training in fp32 fits so
     * @param packTokens of a micro-batch
     * @param peakBytes expected, resident
     */
    public record Choice(MemoryTier tier, Quantization quantization, int packTokens, long peakBytes) {}

    /**
     * Chooses.
     *
     * @param numerics whose tier is not looked at
     * @param wanted the only tier to take; null to choose
     * @param packs tokens of micro-batches to choose from, the fastest first
     * @throws dev.luthier.core.problem.ProblemException USER, when nothing fits
     */
    public Choice choose(RunSpec.Lora lora, RunSpec.Numerics numerics, @Nullable MemoryTier wanted,
            List<Integer> packs) {
        List<MemoryTier> tiers = wanted == null ? List.of(MemoryTier.values()) : List.of(wanted);
        Candidate last = new Candidate(lora, numerics, packs.getFirst());
        for (MemoryTier tier : tiers) {
            for (int tokens : tier == tiers.getLast() ? packs : packs.subList(0, Math.min(packs.size(), CHEAP_PACKS))) {
                for (Quantization kept : kept(numerics)) {
                    last = new Candidate(lora, numerics.with(tier).with(kept), tokens);
                    long bytes = bytes(last);
                    if (bytes <= availableBytes) {
                        return new Choice(tier, kept, tokens, bytes);
                    }
                }
            }
        }
        throw refusal(last).asException();
    }

    /** How the linear layers may lie in memory, the fastest first. */
    private List<Quantization> kept(RunSpec.Numerics numerics) {
        boolean widens = storedInBf16 && numerics.quantization() == Quantization.NONE
                && numerics.baseType().equals("fp32");
        return widens ? List.of(Quantization.NONE, Quantization.BF16) : List.of(numerics.quantization());
    }

    private record Candidate(RunSpec.Lora lora, RunSpec.Numerics numerics, int microBatchTokens) {

        Candidate with(MemoryTier tier) {
            return new Candidate(lora, numerics.with(tier), microBatchTokens);
        }

        Candidate with(Quantization kept) {
            return new Candidate(lora, numerics.with(kept), microBatchTokens);
        }

        Candidate withPacks(int tokens) {
            return new Candidate(lora, numerics, tokens);
        }

        Candidate onTopLayers(int layers) {
            return new Candidate(new RunSpec.Lora(lora.rank(), lora.alpha(), lora.targets(), lora.rsLora(),
                    lora.dora(), layers), numerics, microBatchTokens);
        }
    }

    private long bytes(Candidate candidate) {
        return StepMemory.of(model, candidate.lora, candidate.numerics,
                Math.max(candidate.microBatchTokens, longest.sample), longest.sequence).total();
    }

    /** Each change is tried alone, then on top of the ones before it. */
    private Problem refusal(Candidate asked) {
        List<String> fitting = new ArrayList<>();
        Candidate all = asked;
        List<String> names = new ArrayList<>();
        for (Change change : changes(asked)) {
            offer(fitting, change.name, change.to.apply(asked));
            all = change.to.apply(all);
            names.add(change.name);
            if (fitting.isEmpty() && names.size() > 1) {
                offer(fitting, String.join(" with ", names), all);
            }
        }
        String needs = String.format(Locale.ROOT, "This training needs about %s of memory; %s are available.",
                gigabytes(bytes(asked)), gigabytes(availableBytes));
        return Problem.user("not_enough_memory", needs + (fitting.isEmpty()
                ? " The least it could need is " + gigabytes(bytes(all)) + ": use a smaller base model, or shorter"
                        + " samples (the longest has " + longest.sample + " tokens)."
                : " What would fit: " + String.join("; ", fitting) + "."), "memory_tier");
    }

    private void offer(List<String> fitting, String name, Candidate candidate) {
        long bytes = bytes(candidate);
        if (bytes <= availableBytes) {
            fitting.add(name + " (" + gigabytes(bytes) + ")");
        }
    }

    private record Change(String name, UnaryOperator<Candidate> to) {}

    private List<Change> changes(Candidate asked) {
        List<Change> changes = new ArrayList<>();
        if (asked.numerics.memoryTier() != MemoryTier.RECOMPUTE_LAYERS) {
            changes.add(new Change("memory_tier recompute_layers", one -> one.with(MemoryTier.RECOMPUTE_LAYERS)));
        }
        int tokens = Math.max(SMALLEST_PACK, longest.sample);
        if (tokens < asked.microBatchTokens) {
            changes.add(new Change("pack_tokens " + tokens, one -> one.withPacks(tokens)));
        }
        if (asked.numerics.quantization() != Quantization.NF4) {
            changes.add(new Change("quantization nf4", one -> one.with(Quantization.NF4)));
        }
        int quarter = Math.max(1, model.layers() / 4);
        if (newAdapter && (asked.lora.topLayers() == 0 || asked.lora.topLayers() > quarter)) {
            changes.add(new Change("top_layers " + quarter, one -> one.onTopLayers(quarter)));
        }
        return changes;
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }
}
