package dev.luthier.engine.decoder;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.model.ModelWeights;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.safetensors.TensorEntry;
import dev.luthier.engine.quant.Nf4Quantizer;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a decoder, as views into one flat buffer. Gradients and fp32 master copies of a model in training have
 * the same form. Legend: V vocabulary, D hidden.
 *
 * <p>Closed by whoever made it; the views are gone then.
 */
public final class DecoderWeights implements AutoCloseable {
    private final WeightLayout layout;
    private final DType type;
    private final TensorArena arena = new TensorArena();
    private final Tensor flat;
    private final SequencedMap<String, Tensor> byName = new LinkedHashMap<>();
    private final Tensor embedding;
    private final List<LayerWeights> layers = new ArrayList<>();
    private final Tensor finalNorm;
    private final Tensor head;
    private final Tensor headTransposed;
    private @Nullable QuantizedLayers quantized;

    private DecoderWeights(WeightLayout layout, DType type) {
        this.layout = layout;
        this.type = type;
        this.flat = arena.zeros(type, layout.size());
        try (TensorScope _ = TensorScope.open()) {
            layout.slots().forEach((name, slot) -> byName.put(name,
                    arena.keep(flat.narrow(0, slot.offset(), slot.elements()).view(slot.dimensions()))));
            ModelConfig config = layout.config();
            for (int layer = 0; layer < config.layers(); layer++) {
                layers.add(layer(WeightLayout.layerPrefix(layer)));
            }
            embedding = tensor("model.embed_tokens.weight");
            finalNorm = tensor("model.norm.weight");
            head = config.tiedEmbeddings() ? embedding : tensor("lm_head.weight");
            headTransposed = arena.keep(head.t());
        }
    }

    /** All zeros. */
    public static DecoderWeights zeros(WeightLayout layout, DType type) {
        return new DecoderWeights(layout, type);
    }

    /**
     * Copies a model's weights into memory, converted to the type; the files are released again.
     *
     * @throws dev.luthier.core.problem.ProblemException USER if a weight file is missing, truncated or does not fit
     */
    public static DecoderWeights load(ModelDirectory model, DType type) {
        try (ModelWeights stored = model.weights()) {
            DecoderWeights weights = new DecoderWeights(new WeightLayout(model.config()), type);
            try {
                weights.byName.forEach((name, tensor) -> HostMemory.copyInto(tensor, stored.tensor(name)));
                return weights;
            } catch (RuntimeException e) {
                weights.close();
                throw e;
            }
        }
    }

    /**
     * As {@link #load(ModelDirectory, DType)}. With quantisation the matrices of the layers are kept in fewer bits, read one
     * at a time, and those of one layer at most lie in the type: see {@link #open}. All else stays as it is.
     *
     * @throws dev.luthier.core.problem.ProblemException USER if a weight file is missing, truncated or does not fit
     */
    public static DecoderWeights load(ModelDirectory model, DType type, Quantization quantization) {
        return switch (quantization) {
            case NONE -> load(model, type);
            case BF16, NF4 -> {
                DecoderWeights weights = new DecoderWeights(WeightLayout.ofOneLayer(model.config()), type);
                try {
                    weights.loadQuantized(model, quantization);
                } catch (RuntimeException e) {
                    weights.close();
                    throw e;
                }
                yield weights;
            }
        };
    }

    private void loadQuantized(ModelDirectory model, Quantization quantization) {
        QuantizedLayers matrices = new QuantizedLayers(config().layers());
        quantized = matrices;
        try (ModelWeights stored = model.weights(); Nf4Quantizer quantizer = new Nf4Quantizer(Libtorch.threads())) {
            byName.forEach((name, tensor) -> {
                if (!WeightLayout.isLayerMatrix(name)) {
                    HostMemory.copyInto(tensor, stored.tensor(name));
                }
            });
            for (int layer = 0; layer < config().layers(); layer++) {
                String prefix = WeightLayout.layerPrefix(layer);
                for (String name : byName.keySet()) {
                    if (name.startsWith(prefix) && WeightLayout.isLayerMatrix(name)) {
                        if (quantization == Quantization.NF4) {
                            matrices.add(layer, quantizer.quantize(stored.tensor(name), arena), tensor(name));
                        } else {
                            matrices.add(layer, narrow(stored.tensor(name)), tensor(name));
                        }
                    }
                }
            }
        }
    }

    private Tensor narrow(TensorEntry stored) {
        Tensor matrix = arena.empty(DType.BF16, stored.dimensions());
        HostMemory.copyInto(matrix, stored);
        return matrix;
    }

    /**
     * Makes the matrices of a layer readable. Of quantised weights only those of the layer opened last are; of others all
     * are, always.
     */
    public void open(int layer) {
        if (quantized != null) {
            quantized.open(layer);
        }
    }

    /** Whether the matrices of the layers are kept in fewer bits: then they cannot be changed. */
    public boolean isQuantized() {
        return quantized != null;
    }

    private LayerWeights layer(String prefix) {
        return new LayerWeights(tensor(prefix + "input_layernorm.weight"),
                projection(prefix + "self_attn.", "q_proj", "k_proj", "v_proj"),
                byName.get(prefix + "self_attn.q_norm.weight"), byName.get(prefix + "self_attn.k_norm.weight"),
                projection(prefix + "self_attn.", "o_proj"), tensor(prefix + "post_attention_layernorm.weight"),
                projection(prefix + "mlp.", "gate_proj", "up_proj"), projection(prefix + "mlp.", "down_proj"));
    }

    private Projection projection(String prefix, String... names) {
        List<Projection.Part> parts = new ArrayList<>();
        int rows = 0;
        for (String name : names) {
            int size = (int) tensor(prefix + name + ".weight").size(0);
            parts.add(new Projection.Part(prefix + name, rows, size));
            rows += size;
        }
        String first = prefix + names[0];
        long inputs = tensor(first + ".weight").size(1);
        Tensor weight = arena.keep(span(first + ".weight", rows * inputs).view(rows, inputs));
        Tensor bias = byName.containsKey(first + ".bias") ? arena.keep(span(first + ".bias", rows)) : null;
        return new Projection(weight, arena.keep(weight.t()), bias, parts);
    }

    private Tensor span(String first, long elements) {
        WeightLayout.Slot slot = layout.slots().get(first);
        if (slot == null) {
            throw new IllegalArgumentException("no tensor '" + first + "'");
        }
        return flat.narrow(0, slot.offset(), elements);
    }

    /**
     * The tensor that Hugging Face gives that name.
     *
     * @throws IllegalArgumentException if the model has none
     */
    public Tensor tensor(String name) {
        @Nullable
        Tensor tensor = byName.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the model has no tensor '" + name + "'");
        }
        return tensor;
    }

    public WeightLayout layout() {
        return layout;
    }

    public ModelConfig config() {
        return layout.config();
    }

    public DType type() {
        return type;
    }

    /** The whole buffer, one dimension. */
    public Tensor flat() {
        return flat;
    }

    /** All tensors by Hugging Face's names; a tied head is not among them. */
    public SequencedMap<String, Tensor> byName() {
        return byName;
    }

    /** [V, D]. */
    public Tensor embedding() {
        return embedding;
    }

    public List<LayerWeights> layers() {
        return layers;
    }

    /** [D]. */
    public Tensor finalNorm() {
        return finalNorm;
    }

    /** [V, D]; the embedding itself in tied models. */
    public Tensor head() {
        return head;
    }

    /** View of the head, [D, V]. */
    public Tensor headTransposed() {
        return headTransposed;
    }

    @Override
    public void close() {
        if (quantized != null) {
            quantized.close();
        }
        arena.close();
    }
}
