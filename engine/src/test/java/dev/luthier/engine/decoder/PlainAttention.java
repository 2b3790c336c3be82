package dev.luthier.engine.decoder;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.engine.decoder.InferenceDecoder.AdapterRows;
import dev.luthier.engine.tensor.HostMemory;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Causal attention over one whole sequence, without a cache. Legend: T tokens, H heads, E = headDim, V vocabulary. */
final class PlainAttention {
    private PlainAttention() {}

    /** Logits after every token, [T, V] row-major. */
    static float[] logits(InferenceDecoder decoder, int[] tokens, List<AdapterRows> adapters) {
        ModelConfig config = decoder.weights().config();
        int[] positions = IntStream.range(0, tokens.length).toArray();
        Tensor hidden = decoder.forward(tokens, positions,
                (layer, query, key, value) -> attend(config, config.attentionWindow(layer), query, key, value),
                adapters);
        return HostMemory.toFloats(decoder.logits(hidden));
    }

    private static Tensor attend(ModelConfig config, int window, Tensor query, Tensor key, Tensor value) {
        int tokens = (int) query.size(0);
        long group = config.heads() / config.kvHeads();
        Tensor queries = query.transpose(0, 1); // [T, H, E] -> [H, T, E]
        Tensor keys = key.repeat_interleave(group, new LongOptional(1), new LongOptional()).transpose(0, 1);
        Tensor values = value.repeat_interleave(group, new LongOptional(1), new LongOptional()).transpose(0, 1);
        float[] mask = new float[tokens * tokens];
        for (int row = 0; row < tokens; row++) {
            for (int column = 0; column < tokens; column++) {
                boolean visible = column <= row && (window == 0 || row - column < window);
                mask[row * tokens + column] = visible ? 0 : Float.NEGATIVE_INFINITY;
            }
        }
        Tensor scores = torch.bmm(queries, keys.transpose(1, 2)).mul_(new Scalar(1 / Math.sqrt(config.headDim())))
                .add_(HostMemory.floats(mask, tokens, tokens));
        return torch.bmm(scores.softmax(-1, new ScalarTypeOptional()), values).transpose(0, 1);
    }
}
