package dev.luthier.engine.decoder;

import dev.luthier.core.model.ModelConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Where each tensor of a model lies in one flat buffer. Layers that share their input lie side by side, so that one
 * view over them is the fused matrix; every other tensor starts at a multiple of 64 bytes or more.
 */
public final class WeightLayout {
    private static final long ALIGNMENT = 32;

    private final ModelConfig config;
    private final boolean oneLayer;
    private final SequencedMap<String, Slot> slots = new LinkedHashMap<>();
    private long size;

    /**
     * A tensor's place.
     *
     * @param offset first element
     * @param shape as stored in Hugging Face's file
     */
    public record Slot(long offset, List<Long> shape) {

        public Slot {
            shape = List.copyOf(shape);
        }

        /** The shape as an array of the caller's own. */
        public long[] dimensions() {
            return shape.stream().mapToLong(Long::longValue).toArray();
        }

        /** Product of the dimensions. */
        public long elements() {
            long product = 1;
            for (long dimension : shape) {
                product *= dimension;
            }
            return product;
        }
    }

    /** Every tensor has a place of its own. */
    public WeightLayout(ModelConfig config) {
        this(config, false);
    }

    /** As the plain layout, but the matrices of all layers share the place of one layer's. */
    public static WeightLayout ofOneLayer(ModelConfig config) {
        return new WeightLayout(config, true);
    }

    private WeightLayout(ModelConfig config, boolean oneLayer) {
        this.config = config;
        this.oneLayer = oneLayer;
        SequencedMap<String, List<Long>> shapes = config.tensorShapes();
        place(shapes, "model.embed_tokens.weight");
        for (int layer = 0; layer < config.layers(); layer++) {
            String prefix = layerPrefix(layer);
            place(shapes, prefix + "input_layernorm.weight");
            placeFused(shapes, prefix + "self_attn.", "q_proj", "k_proj", "v_proj");
            place(shapes, prefix + "self_attn.q_norm.weight");
            place(shapes, prefix + "self_attn.k_norm.weight");
            placeFused(shapes, prefix + "self_attn.", "o_proj");
            place(shapes, prefix + "post_attention_layernorm.weight");
            placeFused(shapes, prefix + "mlp.", "gate_proj", "up_proj");
            placeFused(shapes, prefix + "mlp.", "down_proj");
        }
        place(shapes, "model.norm.weight");
        place(shapes, "lm_head.weight");
        if (!slots.keySet().equals(shapes.keySet())) {
            throw new IllegalStateException("the layout does not cover the tensors of the configuration");
        }
    }

    private void placeFused(SequencedMap<String, List<Long>> shapes, String prefix, String... names) {
        for (String suffix : List.of(".weight", ".bias")) {
            align();
            for (String name : names) {
                append(shapes, prefix + name + suffix);
            }
        }
    }

    private void place(SequencedMap<String, List<Long>> shapes, String name) {
        align();
        append(shapes, name);
    }

    private void append(SequencedMap<String, List<Long>> shapes, String name) {
        List<Long> shape = shapes.get(name);
        Slot shared = oneLayer && isLayerMatrix(name) ? slots.get(inFirstLayer(name)) : null;
        if (shared != null) {
            slots.put(name, shared);
        } else if (shape != null) {
            Slot slot = new Slot(size, shape);
            slots.put(name, slot);
            size += slot.elements();
        }
    }

    /** What the names of a layer's tensors begin with. */
    static String layerPrefix(int layer) {
        return "model.layers." + layer + ".";
    }

    /** Whether a name is that of the matrix of a layer's linear map. */
    static boolean isLayerMatrix(String name) {
        return name.endsWith("_proj.weight");
    }

    private static String inFirstLayer(String name) {
        return layerPrefix(0) + name.split("\\.", 4)[3];
    }

    private void align() {
        size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    public ModelConfig config() {
        return config;
    }

    /** All tensors by Hugging Face's names, in buffer order. */
    public SequencedMap<String, Slot> slots() {
        return slots;
    }

    /** Elements of the buffer, padding included. */
    public long size() {
        return size;
    }
}
