package dev.luthier.engine.lora;

import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.TensorScope;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.bytedeco.pytorch.Tensor;

/**
 * Initial weights of a fresh adapter, as PEFT draws them: A uniform within 1 / sqrt(inputs), B zero, DoRA's magnitudes
 * the lengths of the base's rows. So a fresh adapter changes nothing.
 */
public final class LoraInitializer {
    private LoraInitializer() {}

    /** Fills the weights; the same seed gives the same values on every machine. */
    public static void initialize(LoraWeights weights, DecoderWeights base, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        weights.byName().forEach((name, tensor) -> {
            try (TensorScope _ = TensorScope.open()) {
                if (name.endsWith("lora_A.weight")) {
                    draw(tensor, random);
                } else {
                    tensor.zero_();
                }
            }
        });
        if (weights.layout().shape().dora()) {
            weights.forEachMember((place, member) -> Objects.requireNonNull(member.magnitude())
                    .copy_(RowLengths.of(place.weight(base))));
        }
    }

    private static void draw(Tensor tensor, RandomGenerator random) {
        float bound = (float) (1 / Math.sqrt((double) tensor.size(1)));
        float[] values = new float[(int) tensor.numel()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (2 * random.nextFloat() - 1) * bound;
        }
        tensor.copy_(HostMemory.floats(values, tensor.size(0), tensor.size(1)));
    }
}
