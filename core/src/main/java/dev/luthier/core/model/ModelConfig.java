package dev.luthier.core.model;

import dev.luthier.core.safetensors.TensorType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What decides the arithmetic of a decoder: the checked content of a {@code config.json}.
 *
 * <p>Every supported architecture is this one decoder: embedding; per layer RMS norm, attention with rotary positions,
 * residual add, RMS norm, gated SiLU MLP, residual add; final RMS norm; head.
 *
 * @param vocabSize rows of the embedding
 * @param heads query heads of a layer
 * @param kvHeads key and value heads of a layer; divides heads
 * @param headDim elements of one head; heads x headDim may differ from hiddenSize
 * @param maxPositions longest context in tokens
 * @param tiedEmbeddings whether the head is the embedding matrix
 * @param qkvBias whether the query, key and value projections have a bias
 * @param outputBias whether the attention's output projection has a bias
 * @param mlpBias whether gate, up and down projections have a bias
 * @param queryKeyNorm whether every query and key head passes an RMS norm before the rotation
 * @param attentionWindows per layer, how many tokens a query sees, itself included; 0 is all before it
 * @param type element type the weights were saved in according to the config, or null if it does not say; the
 *     tensors' own types count
 * @param bosTokenId null if the model has none
 * @param eosTokenIds tokens that end a text according to config.json; may be empty
 * @param padTokenId null if the model has none
 */
public record ModelConfig(Architecture architecture, int vocabSize, int hiddenSize, int intermediateSize, int layers,
        int heads, int kvHeads, int headDim, double rmsNormEps, Rope rope, int maxPositions, boolean tiedEmbeddings,
        boolean qkvBias, boolean outputBias, boolean mlpBias, boolean queryKeyNorm, List<Integer> attentionWindows,
        @Nullable TensorType type, @Nullable Integer bosTokenId, List<Integer> eosTokenIds,
        @Nullable Integer padTokenId) {

    public ModelConfig {
        attentionWindows = List.copyOf(attentionWindows);
        eosTokenIds = List.copyOf(eosTokenIds);
    }

    /**
     * Reads the tree of a {@code config.json}. Key styles of transformers 4 and 5 are both understood, and absent
     * fields take the defaults that transformers gives them for the architecture.
     *
     * @throws dev.luthier.core.problem.ProblemException USER with every fault: an architecture that is not supported, a
     *     field that is unknown and may change the arithmetic, a value out of range
     */
    public static ModelConfig parse(JsonNode json) {
        return ModelConfigReader.read("config.json", json);
    }

    /** As {@link #parse}; messages name the file. */
    static ModelConfig read(Path file) {
        return ModelConfigReader.read(file.toString(), ModelFiles.object(file));
    }

    /** The same configuration as a {@code config.json} in Hugging Face layout, readable by transformers 4 and 5. */
    public ObjectNode toJson() {
        return ModelConfigWriter.write(this);
    }

    /** The attention window of a layer in tokens, the query's own included; 0 is all tokens before it. */
    public int attentionWindow(int layer) {
        return attentionWindows.get(layer);
    }

    /**
     * The tensors that a model of this configuration has, under their Hugging Face names, with shapes [out, in] for
     * projections. A tied model has no {@code lm_head.weight} here.
     */
    public SequencedMap<String, List<Long>> tensorShapes() {
        SequencedMap<String, List<Long>> shapes = new LinkedHashMap<>();
        long queryWidth = (long) heads * headDim;
        long keyWidth = (long) kvHeads * headDim;
        shapes.put("model.embed_tokens.weight", shape(vocabSize, hiddenSize));
        for (int layer = 0; layer < layers; layer++) {
            String prefix = "model.layers." + layer + ".";
            shapes.put(prefix + "input_layernorm.weight", shape(hiddenSize));
            linear(shapes, prefix + "self_attn.q_proj", queryWidth, hiddenSize, qkvBias);
            linear(shapes, prefix + "self_attn.k_proj", keyWidth, hiddenSize, qkvBias);
            linear(shapes, prefix + "self_attn.v_proj", keyWidth, hiddenSize, qkvBias);
            linear(shapes, prefix + "self_attn.o_proj", hiddenSize, queryWidth, outputBias);
            if (queryKeyNorm) {
                shapes.put(prefix + "self_attn.q_norm.weight", shape(headDim));
                shapes.put(prefix + "self_attn.k_norm.weight", shape(headDim));
            }
            shapes.put(prefix + "post_attention_layernorm.weight", shape(hiddenSize));
            linear(shapes, prefix + "mlp.gate_proj", intermediateSize, hiddenSize, mlpBias);
            linear(shapes, prefix + "mlp.up_proj", intermediateSize, hiddenSize, mlpBias);
            linear(shapes, prefix + "mlp.down_proj", hiddenSize, intermediateSize, mlpBias);
        }
        shapes.put("model.norm.weight", shape(hiddenSize));
        if (!tiedEmbeddings) {
            shapes.put("lm_head.weight", shape(vocabSize, hiddenSize));
        }
        return shapes;
    }

    /** Elements of all tensors; a tied head counts once. */
    public long parameterCount() {
        return tensorShapes().values().stream()
                .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact)).sum();
    }

    private static void linear(SequencedMap<String, List<Long>> shapes, String name, long out, long in, boolean bias) {
        shapes.put(name + ".weight", shape(out, in));
        if (bias) {
            shapes.put(name + ".bias", shape(out));
        }
    }

    private static List<Long> shape(long... dimensions) {
        return Arrays.stream(dimensions).boxed().toList();
    }
}
