package dev.luthier.engine.decoder;

import dev.luthier.core.adapter.LoraShape;
import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.engine.lora.LoraWeights;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.TensorArena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The decoder written a second time, in the plainest way, with gradients by libtorch's autograd: of all weights, or of an
 * adapter on frozen ones. Must run outside inference mode. Legend: T tokens, H heads, K kv heads, E = headDim.
 */
final class AutogradReference {
    private final ModelConfig config;
    private final Map<String, Tensor> weights = new HashMap<>();
    private final TensorArena arena = new TensorArena();
    private final Map<String, Double> scalings = new HashMap<>();

    /** Every weight learns. */
    AutogradReference(DecoderWeights source) {
        config = source.config();
        source.byName().forEach((name, tensor) -> weights.put(name, tensor.clone().requires_grad_(true)));
    }

    /** The adapter learns. */
    AutogradReference(DecoderWeights source, LoraWeights adapter) {
        config = source.config();
        LoraShape shape = adapter.layout().shape();
        shape.modules().forEach((module, size) -> scalings.put(module, shape.scaling(size)));
        source.byName().forEach((name, tensor) -> weights.put(name, tensor.clone()));
        adapter.byName().forEach((name, tensor) -> weights.put(name, tensor.clone().requires_grad_(true)));
    }

    /** Mean loss over the weights of the samples. */
    Tensor loss(List<EncodedSample> samples) {
        Tensor sum = torch.zeros(1);
        double weight = 0;
        for (EncodedSample sample : samples) {
            int length = sample.length();
            Tensor logits = logits(sample.tokens()).narrow(0, 0, length - 1L);
            Tensor labels = HostMemory.longs(sample.tokens()).narrow(0, 1, length - 1L);
            Tensor losses = logits.log_softmax(-1, new ScalarTypeOptional()).gather(1, labels.unsqueeze(1)).neg();
            Tensor lossWeights = HostMemory.floats(sample.weights(), length).narrow(0, 1, length - 1L);
            sum = sum.add(losses.squeeze(1).mul(lossWeights).sum());
            for (float each : sample.weights()) {
                weight += each;
            }
        }
        return sum.div(new Scalar(weight));
    }

    Tensor gradient(String name) {
        return weight(name).grad();
    }

    private Tensor weight(String name) {
        Tensor tensor = weights.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(name);
        }
        return tensor;
    }

    private Tensor logits(int[] tokens) {
        Tensor hidden = weight("model.embed_tokens.weight").index_select(0, HostMemory.longs(tokens));
        RotaryTable table = RotaryTable.upTo(tokens.length, config, DType.FP32, 1, arena);
        for (int layer = 0; layer < config.layers(); layer++) {
            String prefix = "model.layers." + layer + ".";
            hidden = hidden.add(attention(prefix, layer, norm(hidden, prefix + "input_layernorm.weight"), table));
            Tensor normed = norm(hidden, prefix + "post_attention_layernorm.weight");
            Tensor activation = torch.silu(linear(normed, prefix + "mlp.gate_proj"))
                    .mul(linear(normed, prefix + "mlp.up_proj"));
            hidden = hidden.add(linear(activation, prefix + "mlp.down_proj"));
        }
        Tensor head = weight(config.tiedEmbeddings() ? "model.embed_tokens.weight" : "lm_head.weight");
        return norm(hidden, "model.norm.weight").matmul(head.t());
    }

    private Tensor attention(String prefix, int layer, Tensor normed, RotaryTable table) {
        int tokens = (int) normed.size(0);
        int window = config.attentionWindow(layer);
        Tensor query = heads(linear(normed, prefix + "self_attn.q_proj"), config.heads(),
                prefix + "self_attn.q_norm.weight", table);
        Tensor key = heads(linear(normed, prefix + "self_attn.k_proj"), config.kvHeads(),
                prefix + "self_attn.k_norm.weight", table);
        Tensor value = linear(normed, prefix + "self_attn.v_proj").view(tokens, config.kvHeads(), config.headDim());
        float[] mask = new float[tokens * tokens];
        for (int i : IntStream.range(0, mask.length).toArray()) {
            int distance = i / tokens - i % tokens;
            mask[i] = distance >= 0 && (window == 0 || distance < window) ? 0 : Float.NEGATIVE_INFINITY;
        }
        Tensor scores = torch.bmm(query.transpose(0, 1), repeat(key).transpose(0, 1).transpose(1, 2))
                .div(new Scalar(Math.sqrt(config.headDim()))).add(HostMemory.floats(mask, tokens, tokens));
        Tensor attended = torch.bmm(scores.softmax(-1, new ScalarTypeOptional()), repeat(value).transpose(0, 1));
        return linear(attended.transpose(0, 1).reshape(tokens, -1), prefix + "self_attn.o_proj");
    }

    private Tensor repeat(Tensor heads) {
        return heads.repeat_interleave(config.heads() / config.kvHeads(), new LongOptional(1), new LongOptional());
    }

    private Tensor heads(Tensor projected, long count, String norm, RotaryTable table) {
        Tensor heads = projected.view(projected.size(0), count, config.headDim());
        if (config.queryKeyNorm()) {
            heads = norm(heads, norm);
        }
        long half = config.headDim() / 2;
        Tensor first = heads.narrow(2, 0, half);
        Tensor second = heads.narrow(2, half, half);
        Tensor cosine = table.cosine().clone().unsqueeze(1);
        Tensor sine = table.sine().clone().unsqueeze(1);
        Tensor turnedFirst = first.mul(cosine).sub(second.mul(sine));
        Tensor turnedSecond = second.mul(cosine).add(first.mul(sine));
        return torch.cat(new TensorVector(turnedFirst, turnedSecond), 2);
    }

    private Tensor norm(Tensor x, String name) {
        Tensor scale = x.pow(new Scalar(2)).mean(new long[]{-1}, true, new ScalarTypeOptional())
                .add(new Scalar(config.rmsNormEps())).rsqrt();
        return x.mul(scale).mul(weight(name));
    }

    private Tensor linear(Tensor x, String name) {
        Tensor matrix = weight(name + ".weight");
        Tensor y = x.matmul(matrix.t());
        String adapter = "base_model.model." + name;
        @Nullable
        Tensor a = weights.get(adapter + ".lora_A.weight");
        @Nullable
        Tensor magnitude = weights.get(adapter + ".lora_magnitude_vector");
        if (a != null) {
            Tensor b = weight(adapter + ".lora_B.weight");
            Scalar scaling = new Scalar(scalings.getOrDefault(name, 0.0));
            y = y.add(x.matmul(a.t()).matmul(b.t()).mul(scaling));
            if (magnitude != null) {
                y = y.mul(magnitude.div(lengths(matrix.add(b.matmul(a).mul(scaling)))));
            }
        }
        @Nullable
        Tensor bias = weights.get(name + ".bias");
        return bias == null ? y : y.add(bias);
    }

    /** Lengths of the rows; the DoRA paper (arXiv 2402.09353, section 4.3) has no gradient flow through them. */
    private static Tensor lengths(Tensor matrix) {
        return matrix.detach().pow(new Scalar(2)).sum(new long[]{1}, false, new ScalarTypeOptional()).sqrt();
    }
}
