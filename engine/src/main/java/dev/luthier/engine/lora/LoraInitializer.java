package dev.luthier.engine.lora;

import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.TensorScope;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.bytedeco.pytorch.Tensor;

/**
 * Initial weights of a fresh adapter, as PEFT draws them: A uniform within 1 / sqrt(inputs), B zero, DoRA's magnitudes
 * the lengths of the base's rows. So a fresh adapter changes nothing. The head of a classifier is normal with the standard
 * deviation that Hugging Face's decoders have.
 */
public final class LoraInitializer {
    private static final double HEAD_DEVIATION = 0.02;
    /* Keeps what a head is drawn from apart from what the matrices are drawn from. */
    private static final long HEAD_SEED = 1L << 32;

    private LoraInitializer() {}

    /** Fills the weights, the head too if there is one; the same seed gives the same values on every machine. */
    public static void initialize(LoraWeights weights, DecoderWeights base, long seed) {
        RandomGenerator random = generator(seed);
        weights.byName().forEach((name, tensor) -> {
            try (TensorScope _ = TensorScope.open()) {
                if (name.endsWith("lora_A.weight")) {
                    float bound = (float) (1 / Math.sqrt((double) tensor.size(1)));
                    fill(tensor, () -> (2 * random.nextFloat() - 1) * bound);
                } else {
                    tensor.zero_();
                }
            }
        });
        if (weights.layout().shape().dora()) {
            weights.forEachMember((place, member) -> Objects.requireNonNull(member.magnitude())
                    .copy_(RowLengths.of(place.weight(base))));
        }
        if (weights.head() != null) {
            initializeHead(weights, seed);
        }
    }

    /** Fills the head alone. */
    public static void initializeHead(LoraWeights weights, long seed) {
        RandomGenerator random = generator(seed + HEAD_SEED);
        try (TensorScope _ = TensorScope.open()) {
            fill(Objects.requireNonNull(weights.head()), () -> HEAD_DEVIATION * random.nextGaussian());
        }
    }

    private static RandomGenerator generator(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    private static void fill(Tensor tensor, DoubleSupplier draw) {
        float[] values = new float[(int) tensor.numel()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) draw.getAsDouble();
        }
        tensor.copy_(HostMemory.floats(values, tensor.size(0), tensor.size(1)));
    }
}
