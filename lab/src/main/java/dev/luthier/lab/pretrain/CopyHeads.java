package dev.luthier.lab.pretrain;

import dev.luthier.core.model.ModelConfig;
import java.util.Arrays;
import java.util.Map;

/**
 * Initial weights in which copying is built in: the first head of layer 0 attends to the token before, and the first head of layer 1 to
 * the token that once followed the current one, which it then predicts (an "induction" head; Olsson et al. 2022). A small model takes
 * millions of tokens to find this pair of heads by itself, and copies nothing until then; training starts from them and changes them. The other
 * projections into the residual stream must start at zero, or their noise drowns the heads.
 *
 * <p>
 * The residual stream is divided for this: [0, E) receives the previous token, dimension E is the same for all tokens, [E + 1, 2E + 1)
 * is what tokens are matched by, and the last E dimensions are what is copied. E is the head size.
 */
final class CopyHeads {
    /** Radians per token of the slowest rotary plane that tells neighbours apart. */
    private static final double SLOWEST_NEIGHBOUR_PLANE = 0.25;
    /** The constant dimension's size and the previous-token dimensions' noise, in standard deviations of the embedding. */
    private static final float CONSTANT = 4;
    private static final float RECEIVER_NOISE = 0.1f;
    /** Sharpness of the two attentions: about e^5 and e^10 in favour of the right token. */
    private static final double NEIGHBOUR_SCALE = 1.5;
    private static final float MATCH_SCALE = 1.5f;
    /** How much stronger the copied token is written than the current one stands in the stream. */
    private static final float COPY_SCALE = 4;

    private final ModelConfig config;
    private final Map<String, float[]> weights;
    private final float deviation;
    private final int head;
    private final int hidden;

    private CopyHeads(ModelConfig config, Map<String, float[]> weights, double deviation) {
        this.config = config;
        this.weights = weights;
        this.deviation = (float) deviation;
        this.head = config.headDim();
        this.hidden = config.hiddenSize();
    }

    /** Whether a model has room for the two heads: two layers, and a hidden size of three heads. */
    static boolean fit(int layers, int hiddenSize, int headDim) {
        return layers >= 2 && hiddenSize >= 3 * headDim && headDim >= 16;
    }

    /**
     * Writes the heads into drawn weights.
     *
     * @param weights
     *            row-major matrices by Hugging Face name
     * @param deviation
     *            standard deviation of the embedding
     */
    static void build(ModelConfig config, Map<String, float[]> weights, double deviation) {
        CopyHeads heads = new CopyHeads(config, weights, deviation);
        heads.divideEmbedding();
        heads.previousToken();
        heads.match();
    }

    private void divideEmbedding() {
        float[] embedding = matrix("model.embed_tokens.weight");
        for (int token = 0; token < config.vocabSize(); token++) {
            for (int i = 0; i < head; i++) {
                embedding[token * hidden + i] *= RECEIVER_NOISE;
            }
            embedding[token * hidden + head] = CONSTANT * deviation;
        }
    }

    /** Query and key are the same for every token; their phases make the scores highest at distance 1. */
    private void previousToken() {
        float[] query = cleared(0, "q_proj");
        float[] key = cleared(0, "k_proj");
        int planes = head / 2;
        for (int plane = 0; plane < planes; plane++) {
            double angle = Math.pow(config.rope().theta(), -(double) plane / planes);
            if (angle < SLOWEST_NEIGHBOUR_PLANE) {
                break;
            }
            query[plane * hidden + head] = (float) (NEIGHBOUR_SCALE * Math.cos(angle));
            query[(plane + planes) * hidden + head] = (float) (-NEIGHBOUR_SCALE * Math.sin(angle));
            key[plane * hidden + head] = (float) NEIGHBOUR_SCALE;
        }
        moves(0, head + 1, 0, deviation);
    }

    /** The current token against each position's previous token, in planes that hardly turn over a few hundred positions. */
    private void match() {
        float[] query = cleared(1, "q_proj");
        float[] key = cleared(1, "k_proj");
        int planes = head / 2;
        int slow = planes / 2;
        for (int i = 0; i < 2 * slow; i++) {
            int row = i < slow ? planes - slow + i : 2 * planes - 2 * slow + i;
            query[row * hidden + head + 1 + i] = MATCH_SCALE;
            key[row * hidden + i] = MATCH_SCALE;
        }
        moves(1, hidden - head, hidden - head, COPY_SCALE * deviation);
    }

    /** What the first head reads at {@code from} it writes at {@code to}. */
    private void moves(int layer, int from, int to, float scale) {
        float[] value = cleared(layer, "v_proj");
        float[] output = matrix(name(layer, "o_proj"));
        int width = config.heads() * head;
        for (int i = 0; i < hidden; i++) {
            for (int j = 0; j < head; j++) {
                output[i * width + j] = i == to + j ? scale : 0;
            }
        }
        for (int i = 0; i < head; i++) {
            value[i * hidden + from + i] = 1;
        }
    }

    /** A projection whose rows of the first head are zero. */
    private float[] cleared(int layer, String projection) {
        float[] matrix = matrix(name(layer, projection));
        Arrays.fill(matrix, 0, head * hidden, 0);
        return matrix;
    }

    private static String name(int layer, String projection) {
        return "model.layers." + layer + ".self_attn." + projection + ".weight";
    }

    private float[] matrix(String name) {
        float[] matrix = weights.get(name);
        if (matrix == null) {
            throw new IllegalArgumentException("no weight " + name);
        }
        return matrix;
    }
}
