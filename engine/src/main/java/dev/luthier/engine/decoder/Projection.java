package dev.luthier.engine.decoder;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A linear map {@code y = x W' + b} that holds one or several of Hugging Face's linear layers with the same input, one
 * below the other: query, key and value, or gate and up.
 *
 * @param weight [O, I]
 * @param transposed view of the weight, [I, O]
 * @param bias [O], or null
 * @param parts the layers inside, by rows of the weight
 */
public record Projection(Tensor weight, Tensor transposed, @Nullable Tensor bias, List<Part> parts) {

    public Projection {
        parts = List.copyOf(parts);
    }

    /**
     * One layer inside a projection.
     *
     * @param name Hugging Face's name without {@code .weight}, for example {@code model.layers.0.self_attn.q_proj}
     * @param start first row
     * @param rows outputs of the layer
     */
    public record Part(String name, int start, int rows) {

        /** The last piece of the name, for example {@code q_proj}. */
        public String shortName() {
            return name.substring(name.lastIndexOf('.') + 1);
        }
    }

    /** Length of an input row. */
    public int inputs() {
        return (int) weight.size(1);
    }

    /** Length of an output row. */
    public int outputs() {
        return (int) weight.size(0);
    }
}
