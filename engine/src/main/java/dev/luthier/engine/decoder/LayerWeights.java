package dev.luthier.engine.decoder;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The weights of one decoder layer.
 *
 * @param attentionNorm [D], before attention
 * @param qkv query, key and value, [D] to [(H + 2K) x headDim]
 * @param queryNorm [headDim], or null in models without query and key norms
 * @param keyNorm [headDim], or null likewise
 * @param output attention's output projection, [H x headDim] to [D]
 * @param mlpNorm [D], before the MLP
 * @param gateUp gate and up, [D] to [2 x intermediate]
 * @param down [intermediate] to [D]
 */
public record LayerWeights(Tensor attentionNorm, Projection qkv, @Nullable Tensor queryNorm, @Nullable Tensor keyNorm,
        Projection output, Tensor mlpNorm, Projection gateUp, Projection down) {

    /** All projections, in forward order. */
    public List<Projection> projections() {
        return List.of(qkv, output, gateUp, down);
    }
}
