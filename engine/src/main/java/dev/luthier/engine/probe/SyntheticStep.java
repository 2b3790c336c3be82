package dev.luthier.engine.probe;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.engine.decoder.LossSum;
import dev.luthier.engine.decoder.Pack;
import dev.luthier.engine.tensor.TensorScope;
import dev.luthier.engine.train.AdamW;
import dev.luthier.engine.train.LoraModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One optimizer step of a LoRA training on random tokens, every one of them a target: the work of a real step, without
 * data.
 */
public final class SyntheticStep implements AutoCloseable {
    private final LoraModel model;
    private final AdamW optimizer;
    private final List<Pack> packs = new ArrayList<>();
    private int steps;

    /**
     * Owns the model.
     *
     * @param microBatches of how many micro-batches the step consists
     * @param samples samples of a micro-batch
     * @param length tokens of a sample, at least 2
     */
    public SyntheticStep(LoraModel model, int microBatches, int samples, int length) {
        this.model = model;
        optimizer = new AdamW(model.adapter().flat(), new AdamW.Settings(0.9, 0.999, 1e-8, 0.0),
                List.of(new AdamW.Span(0, model.adapter().layout().size())));
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < microBatches; i++) {
            List<EncodedSample> pack = new ArrayList<>();
            for (int j = 0; j < samples; j++) {
                int[] tokens = random.ints(length, 0, model.base().config().vocabSize()).toArray();
                float[] weights = new float[length];
                Arrays.fill(weights, 1, length, 1);
                pack.add(new EncodedSample(tokens, weights));
            }
            packs.add(Pack.of(pack));
        }
    }

    /** Makes the step. */
    public LossSum run() {
        try (TensorScope _ = TensorScope.open()) {
            double weight = packs.stream().mapToDouble(Pack::weightSum).sum();
            model.gradients().flat().zero_();
            LossSum loss = LossSum.ZERO;
            for (Pack pack : packs) {
                loss = loss.plus(model.decoder().forwardBackward(pack, weight));
            }
            double norm = AdamW.clip(model.gradients().flat(), 1);
            optimizer.step(model.gradients().flat(), ++steps, Double.isFinite(norm) ? 1e-4 : 0);
            model.refresh();
            return loss;
        }
    }

    /** Tokens of a step. */
    public long tokens() {
        return packs.stream().mapToLong(Pack::realTokens).sum();
    }

    @Override
    public void close() {
        optimizer.close();
        model.close();
    }
}
