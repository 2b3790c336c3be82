package dev.luthier.engine.generate;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.engine.decoder.InferenceDecoder;
import dev.luthier.engine.generate.CachedAttention.Segment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Attention of whole texts that lie one after the other, none seeing another. Nothing is kept.
 *
 * <p>Legend: T tokens of all texts, H heads, K kv heads, E headDim. Lives within one scope.
 */
final class TextAttention implements InferenceDecoder.Attention {
    private final ModelConfig config;
    private final List<Segment> texts;
    /** By attention window, one per text. They serve all layers, so they are made before the first. */
    private final Map<Integer, List<TensorOptional>> masks = new HashMap<>();

    /** @param texts each from position 0 */
    TextAttention(ModelConfig config, List<Segment> texts) {
        this.config = config;
        this.texts = texts;
        for (int window : Set.copyOf(config.attentionWindows())) {
            masks.put(window, texts.stream().map(text -> CachedAttention.mask(text, window, 0, text.end())).toList());
        }
    }

    @Override
    public Tensor attend(int layer, Tensor query, Tensor key, Tensor value) {
        int window = config.attentionWindow(layer);
        List<TensorOptional> ofWindow = Objects.requireNonNull(masks.get(window));
        Tensor out = torch.empty_like(query); // [T, H, E]
        for (int i = 0; i < texts.size(); i++) {
            Segment text = texts.get(i);
            Tensor attended = torch.scaled_dot_product_attention(heads(query, text), heads(key, text),
                    heads(value, text), ofWindow.get(i), 0, CachedAttention.isCausal(text, window),
                    new DoubleOptional(1 / Math.sqrt(config.headDim())), config.kvHeads() < config.heads());
            rows(out, text).copy_(attended.squeeze(0).transpose(0, 1));
        }
        return out;
    }

    private static Tensor rows(Tensor tensor, Segment text) {
        return tensor.narrow(0, text.row(), text.count());
    }

    /** [T, H or K, E] to fp32 [1, H or K, count, E]. */
    private static Tensor heads(Tensor tensor, Segment text) {
        return rows(tensor, text).to(ScalarType.Float).transpose(0, 1).unsqueeze(0);
    }
}
