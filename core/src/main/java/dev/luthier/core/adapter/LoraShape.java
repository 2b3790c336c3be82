package dev.luthier.core.adapter;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.RunSpec;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter looks like: the linear layers that it adapts, each with a rank and an alpha of its own.
 *
 * @param rsLora rank-stabilised scaling (arXiv 2312.03732)
 * @param dora whether each adapted layer also learns the lengths of the rows of its weight (arXiv 2402.09353)
 * @param modules at least one, by the names of their modules in the base model, such as
 *     {@code model.layers.3.self_attn.q_proj}; in forward order
 */
public record LoraShape(boolean rsLora, boolean dora, SequencedMap<String, Size> modules) {

    /**
     * The size of one linear layer's adapter.
     *
     * @param rank of A and B, at least 1
     * @param alpha the scaling is alpha / rank, or alpha / sqrt(rank) where it is rank-stabilised; greater than 0
     */
    public record Size(int rank, double alpha) {}

    public LoraShape {
        if (modules.isEmpty()) {
            throw Problem.user("invalid_lora_targets", "LoRA needs at least one layer to adapt.", "lora.targets")
                    .asException();
        }
        Comparator<String> forward = Comparator.comparingInt(LoraShape::layer)
                .thenComparingInt(module -> RunSpec.Lora.LINEAR_LAYERS.indexOf(target(module)));
        SequencedMap<String, Size> ordered = new LinkedHashMap<>();
        modules.entrySet().stream().sorted(Map.Entry.comparingByKey(forward))
                .forEach(entry -> ordered.put(entry.getKey(), entry.getValue()));
        modules = Collections.unmodifiableSequencedMap(ordered);
    }

    /**
     * The same rank and alpha everywhere.
     *
     * @param targets a selection of {@link RunSpec.Lora#LINEAR_LAYERS}
     * @param layers decoder layers from 0
     * @throws dev.luthier.core.problem.ProblemException USER, when a target is none of those or there is none
     */
    public static LoraShape uniform(Size size, Collection<String> targets, Collection<Integer> layers, boolean rsLora,
            boolean dora) {
        TreeSet<String> unknown = new TreeSet<>(targets);
        RunSpec.Lora.LINEAR_LAYERS.forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            throw Problem.user("invalid_lora_targets", "LoRA cannot adapt " + String.join(", ", unknown)
                    + ". Use a selection of " + String.join(", ", RunSpec.Lora.LINEAR_LAYERS) + ".", "lora.targets")
                    .asException();
        }
        SequencedMap<String, Size> modules = new LinkedHashMap<>();
        layers.forEach(layer -> targets.forEach(target -> modules.put(module(layer, target), size)));
        return new LoraShape(rsLora, dora, modules);
    }

    /** LoRA as first published, on all decoder layers. */
    public static LoraShape plain(int rank, double alpha, List<String> targets, ModelConfig base) {
        return uniform(new Size(rank, alpha), targets, IntStream.range(0, base.layers()).boxed().toList(), false,
                false);
    }

    /**
     * The shape that a run asks for.
     *
     * @throws dev.luthier.core.problem.ProblemException USER, when the model has fewer layers than are to be adapted
     */
    public static LoraShape of(RunSpec.Lora wanted, ModelConfig base) {
        int layers = base.layers();
        if (wanted.topLayers() > layers) {
            throw Problem.user("invalid_lora_layers", "lora.topLayers is " + wanted.topLayers()
                    + ", but the base model has only " + layers + " layers.", "lora.topLayers").asException();
        }
        int first = wanted.topLayers() == 0 ? 0 : layers - wanted.topLayers();
        return uniform(new Size(wanted.rank(), wanted.alpha()), wanted.targets(),
                IntStream.range(first, layers).boxed().toList(), wanted.rsLora(), wanted.dora());
    }

    /**
     * The run's shape that this one lies in: the same where all modules have one size and each target is adapted in all
     * layers from some one up, else the largest rank and alpha, every target and the layers from the lowest adapted one
     * up. A run that starts from an adapter has this shape in its spec, and the modules of the adapter.
     */
    public RunSpec.Lora envelope(ModelConfig base) {
        int rank = modules.values().stream().mapToInt(Size::rank).max().orElseThrow();
        double alpha = modules.values().stream().mapToDouble(Size::alpha).max().orElseThrow();
        int lowest = modules.keySet().stream().mapToInt(LoraShape::layer).min().orElseThrow();
        return new RunSpec.Lora(rank, alpha, targets(), rsLora, dora, lowest == 0 ? 0 : base.layers() - lowest);
    }

    /** The names of the adapted linear layers within their decoder layers, in the order of a decoder layer. */
    public List<String> targets() {
        return RunSpec.Lora.LINEAR_LAYERS.stream()
                .filter(target -> modules.keySet().stream().anyMatch(module -> target(module).equals(target))).toList();
    }

    /** The adapted decoder layers from 0, in order. */
    public List<Integer> layers() {
        return modules.keySet().stream().map(LoraShape::layer).sorted().distinct().toList();
    }

    /** The size of a module's adapter; null where there is none. */
    public @Nullable Size size(String module) {
        return modules.get(module);
    }

    /** What the product of B and A is multiplied by in a module of that size. */
    public double scaling(Size size) {
        return rsLora ? size.alpha() / Math.sqrt(size.rank()) : size.alpha() / size.rank();
    }

    /** In words, for messages. */
    public String describe() {
        List<Size> sizes = modules.values().stream().distinct().toList();
        String size = sizes.size() == 1
                ? "rank " + sizes.getFirst().rank() + ", alpha " + sizes.getFirst().alpha()
                : "ranks " + sizes.stream().mapToInt(Size::rank).min().orElseThrow() + " to "
                        + sizes.stream().mapToInt(Size::rank).max().orElseThrow();
        return (dora ? "DoRA, " : "") + (rsLora ? "rank-stabilised scaling, " : "") + size + " on "
                + String.join(", ", targets()) + " of layers " + layers();
    }

    /** The module's name of a linear layer. */
    static String module(int layer, String target) {
        return "model.layers." + layer + (target.matches("[qkvo]_proj") ? ".self_attn." : ".mlp.") + target;
    }

    private static int layer(String module) {
        return Integer.parseInt(module.split("\\.", 4)[2]);
    }

    private static String target(String module) {
        return module.substring(module.lastIndexOf('.') + 1);
    }
}
