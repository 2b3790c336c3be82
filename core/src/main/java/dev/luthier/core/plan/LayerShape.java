package dev.luthier.core.plan;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.run.RunSpec;
import java.util.List;

/**
 * The widths of one decoder layer and of the adapters on it, in elements per token or per matrix. Legend: D hidden, F
 * intermediate.
 *
 * @param hidden D
 * @param query heads x headDim
 * @param key kv heads x headDim
 * @param intermediate F
 */
record LayerShape(long hidden, long query, long key, long intermediate) {

    /** Linear layers with the same input, computed as one product. */
    private record Projection(long inputs, List<Part> parts) {

        List<Part> adapted(RunSpec.Lora lora) {
            return parts.stream().filter(part -> lora.targets().contains(part.name)).toList();
        }

        long outputs() {
            return parts.stream().mapToLong(Part::rows).sum();
        }
    }

    private record Part(String name, long rows) {}

    static LayerShape of(ModelConfig model) {
        return new LayerShape(model.hiddenSize(), (long) model.heads() * model.headDim(),
                (long) model.kvHeads() * model.headDim(), model.intermediateSize());
    }

    private List<Projection> projections() {
        return List.of(
                new Projection(hidden,
                        List.of(new Part("q_proj", query), new Part("k_proj", key), new Part("v_proj", key))),
                new Projection(query, List.of(new Part("o_proj", hidden))),
                new Projection(hidden, List.of(new Part("gate_proj", intermediate), new Part("up_proj", intermediate))),
                new Projection(intermediate, List.of(new Part("down_proj", hidden))));
    }

    /** Width of query, key and value together. */
    long qkv() {
        return query + 2 * key;
    }

    /** Elements of all linear layers. */
    long linearElements() {
        return projections().stream().mapToLong(projection -> projection.inputs * projection.outputs()).sum();
    }

    /** Ranks of all adapters together: what their A matrices make of a token. */
    long lowRankWidth(RunSpec.Lora lora) {
        return projections().stream().mapToLong(projection -> (long) projection.adapted(lora).size() * lora.rank())
                .sum();
    }

    /** Outputs of the projections with an adapter. */
    long adaptedOutputs(RunSpec.Lora lora) {
        return projections().stream().filter(projection -> !projection.adapted(lora).isEmpty())
                .mapToLong(Projection::outputs).sum();
    }

    /** Elements that learn. */
    long adapterElements(RunSpec.Lora lora) {
        return projections().stream().mapToLong(projection -> {
            List<Part> adapted = projection.adapted(lora);
            long rows = adapted.stream().mapToLong(Part::rows).sum();
            return lora.rank() * (adapted.size() * projection.inputs + rows) + (lora.dora() ? rows : 0);
        }).sum();
    }

    /** Elements of the matrices that products read: A stacked, B as blocks on a diagonal. */
    long adapterCopies(RunSpec.Lora lora) {
        return projections().stream().mapToLong(projection -> projection.adapted(lora).size() * (long) lora.rank()
                * (projection.inputs + projection.outputs())).sum();
    }
}
