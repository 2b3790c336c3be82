package dev.luthier.engine.lora;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.RunSpec;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * What an adapter looks like, the same for all decoder layers that it adapts.
 *
 * @param rank of each A and B, at least 1
 * @param alpha the scaling is alpha / rank, or alpha / sqrt(rank) with {@code rsLora}
 * @param targets names of the adapted linear layers, a selection of {@link RunSpec.Lora#LINEAR_LAYERS} and in its order
 * @param rsLora rank-stabilised scaling (arXiv 2312.03732)
 * @param dora whether each adapted layer also learns the lengths of the rows of its weight (arXiv 2402.09353)
 * @param layers the adapted decoder layers from 0, in order; empty for all
 */
public record LoraShape(int rank, double alpha, List<String> targets, boolean rsLora, boolean dora,
        List<Integer> layers) {

    public LoraShape {
        List<String> wanted = List.copyOf(targets);
        layers = layers.stream().sorted().distinct().toList();
        TreeSet<String> unknown = new TreeSet<>(wanted);
        RunSpec.Lora.LINEAR_LAYERS.forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            throw Problem.user("invalid_lora_targets", "LoRA cannot adapt " + String.join(", ", unknown)
                    + ". Use a selection of " + String.join(", ", RunSpec.Lora.LINEAR_LAYERS) + ".", "lora.targets")
                    .asException();
        }
        targets = RunSpec.Lora.LINEAR_LAYERS.stream().filter(wanted::contains).toList();
        if (targets.isEmpty()) {
            throw Problem.user("invalid_lora_targets", "LoRA needs at least one layer to adapt.", "lora.targets")
                    .asException();
        }
    }

    /** LoRA as first published, on all decoder layers. */
    public static LoraShape plain(int rank, double alpha, List<String> targets) {
        return new LoraShape(rank, alpha, targets, false, false, List.of());
    }

    /**
     * The shape that a run asks for.
     *
     * @param decoderLayers of the base model
     * @throws dev.luthier.core.problem.ProblemException USER, when the model has fewer layers than are to be adapted
     */
    public static LoraShape of(RunSpec.Lora wanted, int decoderLayers) {
        if (wanted.topLayers() > decoderLayers) {
            throw Problem.user("invalid_lora_layers", "lora.topLayers is " + wanted.topLayers()
                    + ", but the base model has only " + decoderLayers + " layers.", "lora.topLayers").asException();
        }
        boolean all = wanted.topLayers() == 0 || wanted.topLayers() == decoderLayers;
        return new LoraShape(wanted.rank(), wanted.alpha(), wanted.targets(), wanted.rsLora(), wanted.dora(), all
                ? List.of()
                : IntStream.range(decoderLayers - wanted.topLayers(), decoderLayers).boxed().toList());
    }

    /** In words, for messages. */
    public String describe() {
        return (dora ? "DoRA, " : "") + (rsLora ? "rank-stabilised scaling, " : "") + "rank " + rank + ", alpha "
                + alpha + " on " + String.join(", ", targets) + " of "
                + (layers.isEmpty() ? "all layers" : "layers " + layers);
    }

    /** What the product of B and A is multiplied by. */
    public double scaling() {
        return rsLora ? alpha / Math.sqrt(rank) : alpha / rank;
    }

    /** Whether a decoder layer is among the adapted ones. */
    public boolean adapts(int layer) {
        return layers.isEmpty() || layers.contains(layer);
    }
}
