package dev.luthier.engine.train;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What learns: one flat buffer of an adapter, or of a whole model.
 *
 * @param weights fp32, one dimension
 * @param gradients like the weights
 * @param decayed the elements that weight decay applies to
 * @param refresh copies the weights into what the decoder reads; after every update
 */
public record ParameterSet(Tensor weights, Tensor gradients, List<AdamW.Span> decayed, Runnable refresh) {
    public ParameterSet {
        decayed = List.copyOf(decayed);
    }
}
