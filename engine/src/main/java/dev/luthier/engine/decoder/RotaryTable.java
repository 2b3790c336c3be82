package dev.luthier.engine.decoder;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Cosines and sines of the rotary position embedding, a row per position. As in Hugging Face transformers they are
 * computed in fp32 and rounded to the computation's type. Legend: T tokens, P positions, E = headDim.
 *
 * @param cosine [P, E / 2]
 * @param sine [P, E / 2]
 */
public record RotaryTable(Tensor cosine, Tensor sine) {

    /**
     * A table for positions 0 to {@code positions - 1}, owned by the arena.
     *
     * @param factor multiplied into both, so that rotating can scale as well; 1 for none
     */
    public static RotaryTable upTo(int positions, ModelConfig config, DType type, double factor, TensorArena arena) {
        float[] frequencies = config.rope().inverseFrequencies(config.headDim());
        double scale = config.rope().attentionFactor() * factor;
        float[] cosine = new float[positions * frequencies.length];
        float[] sine = new float[cosine.length];
        int next = 0;
        for (int position = 0; position < positions; position++) {
            for (float frequency : frequencies) {
                float angle = position * frequency;
                cosine[next] = (float) (Math.cos(angle) * scale);
                sine[next++] = (float) (Math.sin(angle) * scale);
            }
        }
        try (TensorScope _ = TensorScope.open()) {
            return new RotaryTable(
                    arena.own(HostMemory.floats(cosine, positions, frequencies.length).to(type.scalarType())),
                    arena.own(HostMemory.floats(sine, positions, frequencies.length).to(type.scalarType())));
        }
    }

    /** The rows of given positions, [T, E / 2], in the innermost scope. */
    public RotaryTable at(Tensor positions) {
        return new RotaryTable(cosine.index_select(0, positions), sine.index_select(0, positions));
    }
}
