package dev.luthier.lab.pretrain;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.tokenizer.Tokenizer;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.decoder.InferenceDecoder;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Continues a text with the most probable tokens, reading the whole text anew for each: slow, but a few lines, and only
 * for the samples in a pre-training report. Legend: T tokens, H heads, K kv heads, E = headDim.
 */
final class GreedyText {
    private GreedyText() {}

    static String complete(DecoderWeights weights, Tokenizer tokenizer, String prompt, int maxTokens,
            List<Integer> stops) {
        int[] tokens = tokenizer.encode(prompt, false);
        int start = tokens.length;
        int limit = Math.min(start + maxTokens, weights.config().maxPositions());
        try (InferenceDecoder decoder = new InferenceDecoder(weights, weights.config().maxPositions())) {
            while (tokens.length < limit) {
                int next = next(decoder, tokens);
                if (stops.contains(next)) {
                    break;
                }
                tokens = Arrays.copyOf(tokens, tokens.length + 1);
                tokens[tokens.length - 1] = next;
            }
        }
        return tokenizer.decode(Arrays.copyOfRange(tokens, start, tokens.length), false);
    }

    private static int next(InferenceDecoder decoder, int[] tokens) {
        ModelConfig config = decoder.weights().config();
        try (TensorScope _ = TensorScope.open()) {
            int[] positions = IntStream.range(0, tokens.length).toArray();
            Tensor hidden = decoder.forward(tokens, positions,
                    (layer, query, key, value) -> attend(config, query, key, value), List.of());
            Tensor logits = decoder.logits(hidden.narrow(0, tokens.length - 1, 1));
            return (int) HostMemory.toLongs(logits.argmax(new LongOptional(1), false))[0];
        }
    }

    private static Tensor attend(ModelConfig config, Tensor query, Tensor key, Tensor value) {
        long tokens = query.size(0);
        long group = config.heads() / config.kvHeads();
        Tensor queries = query.transpose(0, 1); // [T, H, E] -> [H, T, E]
        Tensor keys = key.repeat_interleave(group, new LongOptional(1), new LongOptional()).transpose(0, 1);
        Tensor values = value.repeat_interleave(group, new LongOptional(1), new LongOptional()).transpose(0, 1);
        Tensor scores = torch.bmm(queries, keys.transpose(1, 2)).mul_(new Scalar(1 / Math.sqrt(config.headDim())));
        Tensor hidden = torch.ones(new long[]{tokens, tokens}, Libtorch.options(torch.ScalarType.Bool)).triu(1);
        scores.masked_fill_(hidden, new Scalar(Double.NEGATIVE_INFINITY));
        return torch.bmm(scores.softmax(-1, new ScalarTypeOptional()), values).transpose(0, 1);
    }
}
