package dev.luthier.lab.pretrain;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.decoder.Trainable;
import dev.luthier.engine.decoder.WeightLayout;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.TensorScope;
import dev.luthier.engine.train.AdamW;
import dev.luthier.engine.train.ParameterSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * A model of which every weight learns: fp32 master weights and gradients, and a copy in the computation's type that
 * the decoder reads.
 */
final class FullModel implements AutoCloseable {
    private final DecoderWeights master;
    private final DecoderWeights gradients;
    private final DecoderWeights copy;

    /** All weights zero. */
    FullModel(ModelConfig config, DType type) {
        WeightLayout layout = new WeightLayout(config);
        master = DecoderWeights.zeros(layout, DType.FP32);
        gradients = DecoderWeights.zeros(layout, DType.FP32);
        copy = type == DType.FP32 ? master : DecoderWeights.zeros(layout, type);
    }

    /**
     * Draws all matrices from a normal distribution and sets norm weights to one.
     *
     * @param deviation standard deviation; divided by sqrt(2 x layers) for what adds to the residual stream (as GPT-2)
     * @param copyHeads whether to build in {@link CopyHeads}; what adds to the residual stream is zero otherwise
     */
    void initialize(long seed, double deviation, boolean copyHeads) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        double residual = copyHeads ? 0 : deviation / Math.sqrt(2.0 * master.config().layers());
        Map<String, float[]> drawn = new LinkedHashMap<>();
        master.byName().forEach((name, tensor) -> {
            float[] values = new float[(int) tensor.numel()];
            boolean adds = name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight");
            for (int i = 0; i < values.length; i++) {
                values[i] = name.endsWith("norm.weight")
                        ? 1
                        : (float) (random.nextGaussian() * (adds ? residual : deviation));
            }
            drawn.put(name, values);
        });
        if (copyHeads) {
            CopyHeads.build(master.config(), drawn, deviation);
        }
        master.byName().forEach((name, tensor) -> {
            try (TensorScope _ = TensorScope.open()) {
                float[] values = Objects.requireNonNull(drawn.get(name));
                tensor.copy_(HostMemory.floats(values, values.length).view_as(tensor));
            }
        });
        refresh();
    }

    /** Copies the master weights into those that the decoder reads. */
    private void refresh() {
        copy.flat().copy_(master.flat());
    }

    Trainable trainable() {
        return new Trainable.Everything(gradients);
    }

    /** All weights; weight decay applies to the matrices. */
    ParameterSet parameters() {
        return new ParameterSet(master.flat(), gradients.flat(), master.layout().slots().values().stream()
                .filter(slot -> slot.shape().size() == 2)
                .map(slot -> new AdamW.Span(slot.offset(), slot.elements())).toList(), this::refresh);
    }

    /** fp32. */
    DecoderWeights master() {
        return master;
    }

    /** In the computation's type. */
    DecoderWeights copy() {
        return copy;
    }

    @Override
    public void close() {
        master.close();
        gradients.close();
        copy.close();
    }
}
