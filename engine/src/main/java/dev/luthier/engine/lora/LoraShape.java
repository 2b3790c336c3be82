package dev.luthier.engine.lora;

import dev.luthier.core.problem.Problem;
import java.util.List;
import java.util.TreeSet;

/**
 * What an adapter looks like, the same for all layers.
 *
 * @param rank of each A and B, at least 1
 * @param alpha the scaling is alpha / rank
 * @param targets names of the adapted linear layers, a selection of {@link #ALL_LINEAR}
 */
public record LoraShape(int rank, double alpha, List<String> targets) {

    /** All linear layers of a decoder layer, as Hugging Face names them. */
    public static final List<String> ALL_LINEAR = List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj",
            "up_proj", "down_proj");

    public LoraShape {
        targets = List.copyOf(targets);
        TreeSet<String> unknown = new TreeSet<>(targets);
        ALL_LINEAR.forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            throw Problem.user("invalid_lora_targets", "LoRA cannot adapt " + String.join(", ", unknown)
                    + ". Use a selection of " + String.join(", ", ALL_LINEAR) + ".", "lora.targets").asException();
        }
        if (targets.isEmpty()) {
            throw Problem.user("invalid_lora_targets", "LoRA needs at least one layer to adapt.", "lora.targets")
                    .asException();
        }
    }

    public double scaling() {
        return alpha / rank;
    }
}
